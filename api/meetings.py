"""Meetings: made by people with an account, found by whoever knows the id, joined by guests.

What is changed here is told in the live meeting at once.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from http import HTTPStatus

from api.addresses import subscriber
from api.context import GATEWAY, LIMITER, MEETINGS, PASSWORDS, PUBLIC_URL, TOKENS
from api.models.meetings import (
    Guest,
    Host,
    Meeting,
    MeetingChanges,
    MeetingMember,
    MeetingsQuery,
    NewGuest,
    NewHost,
    NewMeeting,
    NewMemberRole,
    Role,
)
from api.operations import Access, Call, Cost, Routes, Versioned
from api.paging import Page, PageQuery, cursor, page
from api.problems import FieldError, ProblemError, forbidden, not_found, unprocessable
from db.meetings import MeetingRow, MemberRow, TooManyGuestsError, UnknownMemberError
from signaling.errors import RequestError
from signaling.hub import Hub

routes = Routes("meetings")

_ENDED = {HTTPStatus.GONE: "The meeting has ended."}
_WRONG_PASSWORD = {HTTPStatus.FORBIDDEN: "Not open to guests, locked, or the password is wrong."}
_FULL = {HTTPStatus.CONFLICT: "There are too many guests of this meeting."}


def invite_url(public_url: str, meeting_id: str) -> str:
    return f"{public_url}/m/{meeting_id}"


@routes.post(
    "/meetings",
    access=Access.USER,
    cost=Cost.WRITE,
    status=HTTPStatus.CREATED,
    idempotent=True,
)
async def create(call: Call, body: NewMeeting) -> Versioned[Meeting]:
    """Make a meeting, with oneself as its host."""
    _check_limit(call, body.max_participants)
    meeting = await call.app[MEETINGS].create(
        host_id=call.user_id,
        title=body.title,
        starts_at=body.starts_at,
        guests_allowed=body.guests_allowed,
        lobby=body.lobby,
        locked=body.locked,
        password=await _hashed(call, body.password),
        max_participants=body.max_participants,
    )
    return _versioned(call, meeting, "host")


@routes.get("/meetings", access=Access.USER)
async def list_mine(call: Call, query: MeetingsQuery) -> Page[Meeting]:
    """The meetings one has made or was let into, the latest first."""
    after = cursor(query, datetime, str)
    rows = await call.app[MEETINGS].list_for(call.user_id, after, query.limit + 1, query.ended)
    return page(
        rows,
        query.limit,
        key=lambda row: (row.joined_at, row.meeting.id),
        shown=lambda row: _shown(call, row.meeting, row.role),
    )


@routes.get("/meetings/{meeting_id}", access=Access.ANYBODY)
async def find(call: Call, meeting_id: str) -> Versioned[Meeting]:
    """A meeting, for whoever knows its id.

    Guests find only their own.
    """
    meeting = await _meeting(call, meeting_id)
    return _versioned(call, meeting, await _role(call, meeting))


@routes.patch(
    "/meetings/{meeting_id}", access=Access.USER, cost=Cost.WRITE, edits=True, problems=_ENDED
)
async def edit(call: Call, meeting_id: str, body: MeetingChanges) -> Versioned[Meeting]:
    """Change a meeting, as its host or a co-host."""
    meeting = await _moderated(call, meeting_id)
    changes = body.model_dump(exclude_unset=True)
    _check_limit(call, body.max_participants)
    if "password" in changes:
        changes["password"] = await _hashed(call, body.password)
    changed = await call.app[MEETINGS].update(meeting.id, changes, call.if_match)
    if changed is None:
        raise _gone()
    await _hub(call).meeting_changed(changed)
    return _versioned(call, changed, await _role(call, changed))


@routes.post("/meetings/{meeting_id}/end", access=Access.USER, cost=Cost.WRITE)
async def end(call: Call, meeting_id: str) -> None:
    """End a meeting for everybody and for good, as its host."""
    meeting = await _hosted(call, meeting_id)
    await call.app[MEETINGS].end(meeting.id)
    _hub(call).meeting_ended(meeting.id)


@routes.put("/meetings/{meeting_id}/host", access=Access.USER, cost=Cost.WRITE, problems=_ENDED)
async def hand_over(call: Call, meeting_id: str, body: NewHost) -> Versioned[Meeting]:
    """Make another member the host, as the host; one stays a co-host."""
    meeting = await _hosted(call, meeting_id)
    _check_on(meeting)
    try:
        changed = await call.app[MEETINGS].hand_over(meeting.id, body.user_id)
    except UnknownMemberError:
        raise _no_member("user_id") from None
    await _hub(call).meeting_changed(changed)
    return _versioned(call, changed, await _role(call, changed))


@routes.get("/meetings/{meeting_id}/members", access=Access.USER)
async def list_members(call: Call, meeting_id: str, query: PageQuery) -> Page[MeetingMember]:
    """Who was let in and who was put out, for the host and co-hosts."""
    meeting = await _moderated(call, meeting_id)
    after = cursor(query, int)
    rows = await call.app[MEETINGS].list_members(meeting.id, after, query.limit + 1)
    return page(
        rows,
        query.limit,
        key=lambda row: (row.user_id,),
        shown=lambda row: _member(row, meeting.host_id),
    )


@routes.put(
    "/meetings/{meeting_id}/members/{user_id}",
    access=Access.USER,
    cost=Cost.WRITE,
    problems=_ENDED,
)
async def set_role(call: Call, meeting_id: str, user_id: int, body: NewMemberRole) -> None:
    """Make a member a co-host or a participant again, as the host."""
    meeting = await _hosted(call, meeting_id)
    _check_on(meeting)
    if user_id == meeting.host_id:
        raise forbidden("The host is the host.")
    try:
        await call.app[MEETINGS].set_role(meeting.id, user_id, body.role)
    except UnknownMemberError:
        raise not_found("member") from None
    _hub(call).role_changed(meeting.id, user_id, body.role)


@routes.delete("/meetings/{meeting_id}/members/{user_id}", access=Access.USER, cost=Cost.WRITE)
async def remove(call: Call, meeting_id: str, user_id: int) -> None:
    """Put somebody out and keep him out, as the host or a co-host."""
    meeting = await _moderated(call, meeting_id)
    if user_id in (meeting.host_id, call.user_id):
        raise forbidden("The host and oneself cannot be removed.")
    standing = await call.app[MEETINGS].standing(meeting.id, user_id)
    if standing.role is None:
        raise not_found("member")
    if not await call.app[MEETINGS].remove_user(meeting.id, user_id):
        raise forbidden("The host and oneself cannot be removed.")
    _hub(call).member_removed(meeting.id, lambda identity: identity.user_id == user_id)


@routes.post(
    "/meetings/{meeting_id}/members/{user_id}/readmit", access=Access.USER, cost=Cost.WRITE
)
async def readmit(call: Call, meeting_id: str, user_id: int) -> None:
    """Let somebody in again who was put out, as the host or a co-host."""
    meeting = await _moderated(call, meeting_id)
    standing = await call.app[MEETINGS].standing(meeting.id, user_id)
    if standing.role is None:
        raise not_found("member")
    await call.app[MEETINGS].readmit(meeting.id, user_id)


@routes.post(
    "/meetings/{meeting_id}/guests",
    access=Access.ANYBODY,
    cost=Cost.SIGN_IN,
    status=HTTPStatus.CREATED,
    problems=_ENDED | _WRONG_PASSWORD | _FULL,
)
async def add_guest(call: Call, meeting_id: str, body: NewGuest) -> Guest:
    """Become a guest of a meeting, under a name of one's choice."""
    meeting = await _meeting(call, meeting_id)
    _check_on(meeting)
    if not meeting.guests_allowed:
        raise forbidden("This meeting is not open to guests. Sign in.")
    if meeting.locked:
        raise forbidden("This meeting is locked: nobody new can come in.")
    if meeting.password:
        await _check_password(call, meeting.id, meeting.password, body.password)
    try:
        guest = await call.app[MEETINGS].add_guest(meeting.id, body.name)
    except TooManyGuestsError:
        raise ProblemError(HTTPStatus.CONFLICT, _FULL[HTTPStatus.CONFLICT]) from None
    token = await call.app[TOKENS].issue_for_guest(guest.id)
    return Guest(token=token, name=guest.name, meeting_id=meeting.id)


# Who may


async def _meeting(call: Call, meeting_id: str) -> MeetingRow:
    """Guests see nothing but their own."""
    identity = call.identity
    own = identity is None or not identity.guest or identity.meeting_id == meeting_id
    meeting = await call.app[MEETINGS].find(meeting_id) if own else None
    if meeting is None:
        raise not_found("meeting")
    return meeting


async def _role(call: Call, meeting: MeetingRow) -> Role | None:
    if call.identity is None:
        return None
    if call.identity.user_id is None:
        return "guest"
    standing = await call.app[MEETINGS].standing(meeting.id, call.identity.user_id)
    return None if standing.removed else standing.role


async def _moderated(call: Call, meeting_id: str) -> MeetingRow:
    meeting = await _meeting(call, meeting_id)
    if await _role(call, meeting) not in ("host", "cohost"):
        raise forbidden("Only the host and co-hosts can do that.")
    return meeting


async def _hosted(call: Call, meeting_id: str) -> MeetingRow:
    meeting = await _meeting(call, meeting_id)
    if meeting.host_id != call.user_id:
        raise forbidden("Only the host can do that.")
    return meeting


def _check_on(meeting: MeetingRow) -> None:
    if meeting.ended_at:
        raise _gone()


async def _check_password(call: Call, meeting_id: str, hashed: str, password: str | None) -> None:
    now = asyncio.get_running_loop().time()
    try:
        await _hub(call).gate.check((meeting_id, subscriber(call.address)), hashed, password, now)
    except RequestError as error:
        if error.problem.code == "too_many_requests":
            raise ProblemError(
                HTTPStatus.TOO_MANY_REQUESTS, str(error), headers={"Retry-After": "60"}
            ) from None
        wrong = FieldError(field="password", message=str(error))
        raise ProblemError(HTTPStatus.FORBIDDEN, str(error), [wrong]) from None


# What is shown


def _hub(call: Call) -> Hub:
    return call.app[GATEWAY].hub


async def _hashed(call: Call, password: str | None) -> str | None:
    if password is None:
        return None
    if call.identity:  # who signs in needs the same processors
        call.app[LIMITER].check_account(call.identity, Cost.EXPENSIVE)
    return await call.app[PASSWORDS].hash(password)


def _check_limit(call: Call, max_participants: int | None) -> None:
    most = _hub(call).limits.participants
    if max_participants is not None and max_participants > most:
        wrong = FieldError(field="max_participants", message=f"is at most {most} on this server")
        raise unprocessable([wrong])


def _gone() -> ProblemError:
    return ProblemError(HTTPStatus.GONE, _ENDED[HTTPStatus.GONE])


def _no_member(field: str) -> ProblemError:
    return unprocessable([FieldError(field=field, message="is not in this meeting")])


def _member(row: MemberRow, host_id: int) -> MeetingMember:
    return MeetingMember(
        user_id=row.user_id,
        name=row.name,
        role="host" if row.user_id == host_id else row.role,
        joined_at=row.joined_at,
        removed_at=row.removed_at,
    )


def _versioned(call: Call, meeting: MeetingRow, role: Role | None) -> Versioned[Meeting]:
    return Versioned(_shown(call, meeting, role), meeting.version)


def _shown(call: Call, meeting: MeetingRow, role: Role | None) -> Meeting:
    return Meeting(
        id=meeting.id,
        title=meeting.title,
        starts_at=meeting.starts_at,
        ended_at=meeting.ended_at,
        running=meeting.id in _hub(call).meetings,
        guests_allowed=meeting.guests_allowed,
        lobby=meeting.lobby,
        locked=meeting.locked,
        password_required=meeting.password is not None,
        max_participants=meeting.max_participants,
        url=invite_url(call.app[PUBLIC_URL], meeting.id),
        created_at=meeting.created_at,
        host=Host(id=meeting.host_id, name=meeting.host_name),
        role=role,
        version=meeting.version,
    )
