"""Meetings: made by people with an account, found by whoever knows the id, joined by guests."""

from __future__ import annotations

from http import HTTPStatus

from api.context import MEETINGS, PUBLIC_URL, TOKENS
from api.models.meetings import Guest, Host, Meeting, NewGuest, NewMeeting
from api.operations import Access, Call, Cost, Routes
from api.problems import forbidden, not_found
from db.meetings import MeetingRow

routes = Routes("meetings")


def invite_url(public_url: str, meeting_id: str) -> str:
    return f"{public_url}/m/{meeting_id}"


@routes.post("/meetings", access=Access.USER, cost=Cost.WRITE, status=HTTPStatus.CREATED)
async def create(call: Call, body: NewMeeting) -> Meeting:
    """Make a meeting, with oneself as its host."""
    meeting = await call.app[MEETINGS].create(
        host_id=call.user_id, title=body.title, guests_allowed=body.guests_allowed
    )
    return _shown(call, meeting)


@routes.get("/meetings/{meeting_id}", access=Access.ANYBODY)
async def find(call: Call, meeting_id: str) -> Meeting:
    """A meeting, for whoever knows its id."""
    return _shown(call, await _meeting(call, meeting_id))


@routes.post(
    "/meetings/{meeting_id}/guests",
    access=Access.ANYBODY,
    cost=Cost.SIGN_IN,
    status=HTTPStatus.CREATED,
)
async def add_guest(call: Call, meeting_id: str, body: NewGuest) -> Guest:
    """Become a guest of a meeting, under a name of one's choice."""
    meeting = await _meeting(call, meeting_id)
    if not meeting.guests_allowed:
        raise forbidden("This meeting is not open to guests. Sign in.")
    guest = await call.app[MEETINGS].add_guest(meeting.id, body.name)
    token = await call.app[TOKENS].issue_for_guest(guest.id)
    return Guest(token=token, name=guest.name, meeting_id=meeting.id)


async def _meeting(call: Call, meeting_id: str) -> MeetingRow:
    meeting = await call.app[MEETINGS].find(meeting_id)
    if meeting is None:
        raise not_found("meeting")
    return meeting


def _shown(call: Call, meeting: MeetingRow) -> Meeting:
    return Meeting(
        id=meeting.id,
        title=meeting.title,
        guests_allowed=meeting.guests_allowed,
        url=invite_url(call.app[PUBLIC_URL], meeting.id),
        created_at=meeting.created_at,
        host=Host(id=meeting.host_id, name=meeting.host_name),
    )
