"""Coming and going."""

from __future__ import annotations

import asyncio

from db.meetings import MeetingRow
from signaling import entry
from signaling.arrivals import Arrival
from signaling.errors import RequestError
from signaling.handlers.base import Table, member_of
from signaling.hub import Hub
from signaling.identity import Identity
from signaling.messages import Empty, Join, JoinResult, Leave, Result
from signaling.messages.meeting import Waiting
from signaling.session import Session


async def join(hub: Hub, session: Session, request: Join) -> Result:
    identity = session.identity
    if identity.guest and identity.meeting_id != request.meeting_id:
        raise RequestError("forbidden", "Guests may join only the meeting they were invited to.")
    key = _Key(hub, identity, request)
    with hub.arrivals.at(request.meeting_id) as arrival:
        while True:
            arrival.begin()
            result = await _enter(hub, session, request, key, arrival)
            if result:
                return result


async def _enter(
    hub: Hub, session: Session, request: Join, key: _Key, arrival: Arrival
) -> Result | None:
    """None if something was decided meanwhile that may matter. Raises RequestError."""
    row = await hub.store.find(request.meeting_id)
    if row is None:
        raise RequestError("not_found", "There is no such meeting.", "meeting_id")
    visitor = await entry.recognise(hub.store, row, session.identity)
    entry.check(row, visitor)
    await key.check(row, visitor)
    if arrival.is_outdated():
        return None
    if entry.has_to_wait(row, visitor):
        hub.wait(session, row, visitor, request.replaces)
        return JoinResult(waiting=Waiting(title=row.title))
    hub.check_room(session, row, request.replaces)
    if not visitor.known:
        await _remember(hub, session, row)
    user_id = session.identity.user_id
    conversation_id = await hub.conversation(row.id, [] if user_id is None else [user_id])
    if arrival.is_outdated():
        return None
    member = hub.join(session, row, visitor.role, request.replaces)
    return JoinResult(joined=hub.joined(member, conversation_id))


class _Key:
    """The password somebody gives. It counts as one guess, however often it is looked again."""

    def __init__(self, hub: Hub, identity: Identity, request: Join) -> None:
        self._gate = hub.gate
        self._password = request.password
        self._who = (request.meeting_id, identity.user_id)
        self._fits: str | None = None

    async def check(self, row: MeetingRow, visitor: entry.Visitor) -> None:
        """Raises RequestError."""
        hashed = row.password
        if hashed is None or hashed == self._fits or not entry.needs_password(row, visitor):
            return
        now = asyncio.get_running_loop().time()
        await self._gate.check(self._who, hashed, self._password, now)
        self._fits = hashed


async def _remember(hub: Hub, session: Session, row: MeetingRow) -> None:
    """That he was let in: he need not ask again."""
    identity = session.identity
    if identity.user_id is not None:
        await hub.store.admit(row.id, [identity.user_id])
    elif identity.guest_id is not None:
        await hub.store.admit(row.id, guest_ids=[identity.guest_id])


async def leave(hub: Hub, session: Session, request: Leave) -> Result:
    if session.waiting:
        hub.stop_waiting(session.waiting)
    else:
        hub.leave(member_of(session), "left")
    return Empty()


HANDLERS: Table = {Join: join, Leave: leave}
