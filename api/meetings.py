"""Meetings: made by people with an account, found by whoever knows the id, joined by guests."""

from __future__ import annotations

from http import HTTPStatus

from aiohttp import web

from api.context import MEETINGS, PUBLIC_URL, TOKENS, body, respond, user_id
from api.models import Guest, Host, Meeting, NewGuest, NewMeeting
from api.problems import ProblemError
from db.meetings import MeetingRow

routes = web.RouteTableDef()


def invite_url(public_url: str, meeting_id: str) -> str:
    return f"{public_url}/m/{meeting_id}"


@routes.post("/meetings")
async def create(request: web.Request) -> web.Response:
    host_id = await user_id(request)
    new = await body(request, NewMeeting)
    meeting = await request.app[MEETINGS].create(
        host_id=host_id, title=new.title, guests_allowed=new.guests_allowed
    )
    return respond(_shown(request, meeting), HTTPStatus.CREATED)


@routes.get("/meetings/{id}")
async def find(request: web.Request) -> web.Response:
    return respond(_shown(request, await _meeting(request)))


@routes.post("/meetings/{id}/guests")
async def add_guest(request: web.Request) -> web.Response:
    new = await body(request, NewGuest)
    meeting = await _meeting(request)
    if not meeting.guests_allowed:
        raise ProblemError(HTTPStatus.FORBIDDEN, "This meeting is not open to guests. Sign in.")
    guest = await request.app[MEETINGS].add_guest(meeting.id, new.name)
    token = await request.app[TOKENS].issue_for_guest(guest.id)
    return respond(Guest(token=token, name=guest.name, meeting_id=meeting.id), HTTPStatus.CREATED)


async def _meeting(request: web.Request) -> MeetingRow:
    meeting = await request.app[MEETINGS].find(request.match_info["id"])
    if meeting is None:
        raise ProblemError(HTTPStatus.NOT_FOUND, "There is no such meeting.")
    return meeting


def _shown(request: web.Request, meeting: MeetingRow) -> Meeting:
    return Meeting(
        id=meeting.id,
        title=meeting.title,
        guests_allowed=meeting.guests_allowed,
        url=invite_url(request.app[PUBLIC_URL], meeting.id),
        created_at=meeting.created_at,
        host=Host(id=meeting.host_id, name=meeting.host_name),
    )
