"""Coming and going."""

from __future__ import annotations

from db.meetings import MeetingRow
from signaling.errors import RequestError
from signaling.handlers.base import Table, member_of
from signaling.hub import Hub
from signaling.identity import Identity
from signaling.meeting import Member
from signaling.messages import Empty, Join, Joined, JoinResult, Leave, Meeting, Result
from signaling.session import Session


async def join(hub: Hub, session: Session, request: Join) -> Result:
    identity = session.identity
    if identity.guest and identity.meeting_id != request.meeting_id:
        raise RequestError("forbidden", "Guests may join only the meeting they were invited to.")
    row = await hub.lookup(request.meeting_id)
    member = hub.join(session, _open_to(identity, row), request.replaces)
    return JoinResult(joined=_joined(hub, member))


async def leave(hub: Hub, session: Session, request: Leave) -> Result:
    hub.leave(member_of(session), "left")
    return Empty()


def _open_to(identity: Identity, row: MeetingRow | None) -> MeetingRow:
    if row is None:
        raise RequestError("not_found", "There is no such meeting.", "meeting_id")
    if identity.guest and not row.guests_allowed:
        raise RequestError("forbidden", "This meeting does not admit guests.")
    return row


def _joined(hub: Hub, member: Member) -> Joined:
    meeting = member.meeting
    return Joined(
        participant_id=member.id,
        meeting=Meeting(id=meeting.id, title=meeting.title, invite_url=hub.invite_url(meeting.id)),
        policy=hub.policy,
        participants=[other.describe() for other in meeting.others(member)],
    )


HANDLERS: Table = {Join: join, Leave: leave}
