"""Coming and going."""

from __future__ import annotations

import asyncio

from db.meetings import MeetingRow
from signaling import entry
from signaling.errors import RequestError
from signaling.handlers.base import Table, member_of
from signaling.hub import Hub
from signaling.messages import Empty, Join, JoinResult, Leave, Result
from signaling.messages.meeting import Waiting
from signaling.session import Session


async def join(hub: Hub, session: Session, request: Join) -> Result:
    identity = session.identity
    if identity.guest and identity.meeting_id != request.meeting_id:
        raise RequestError("forbidden", "Guests may join only the meeting they were invited to.")
    row = await hub.store.find(request.meeting_id)
    if row is None:
        raise RequestError("not_found", "There is no such meeting.", "meeting_id")
    visitor = await entry.recognise(hub.store, row, identity)
    entry.check(row, visitor)
    if row.password is not None and entry.needs_password(row, visitor):
        now = asyncio.get_running_loop().time()
        who = (row.id, identity.user_id)
        await hub.gate.check(who, row.password, request.password, now)
    if entry.has_to_wait(row, visitor):
        hub.wait(session, row, visitor, request.replaces)
        return JoinResult(waiting=Waiting(title=row.title))
    if not visitor.known:
        await _remember(hub, session, row)
    users = [] if identity.user_id is None else [identity.user_id]
    conversation_id = await hub.conversation(row.id, users)
    member = hub.join(session, row, visitor.role, request.replaces)
    return JoinResult(joined=hub.joined(member, conversation_id))


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
