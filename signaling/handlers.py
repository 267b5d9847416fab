"""What each request does: one small function per message, found in a table.

`answer` is the only way in. It takes any text and always returns a reply or a failure: nothing a
client sends, and no fault of ours in handling it, goes further than to that client.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from db.meetings import MeetingRow
from sfu.errors import ClientError, OfferError, TrackError
from sfu.tracks import Size, ViewItem
from signaling.errors import RequestError
from signaling.hub import Hub
from signaling.identity import Identity
from signaling.media import Publication
from signaling.meeting import Member, track
from signaling.messages import (
    Authenticate,
    Empty,
    Failure,
    Join,
    Joined,
    JoinResult,
    Leave,
    Meeting,
    Mute,
    Offer,
    OfferResult,
    Ping,
    Problem,
    Publish,
    PublishResult,
    Reply,
    Request,
    Resize,
    Result,
    SlotLine,
    SlotsApplied,
    Unpublish,
    View,
)
from signaling.parsing import parse
from signaling.session import Session

log = logging.getLogger(__name__)


async def answer(hub: Hub, session: Session, text: str | bytes) -> Reply | Failure:
    try:
        request = parse(text)
    except RequestError as error:
        return Failure(id=error.request, error=error.problem)
    try:
        async with asyncio.timeout(hub.limits.request):
            result = await HANDLERS[type(request)](hub, session, request)
    except Exception as error:  # a fault of ours stays with this client
        return Failure(id=request.id, error=_problem(error, session, request))
    return Reply(id=request.id, result=result.model_dump(mode="json"))


async def authenticate(hub: Hub, session: Session, request: Authenticate) -> Result:
    raise RequestError("already_authenticated", "This connection is authenticated.")


async def ping(hub: Hub, session: Session, request: Ping) -> Result:
    return Empty()


async def join(hub: Hub, session: Session, request: Join) -> Result:
    identity = session.identity
    if identity.guest and identity.meeting_id != request.meeting_id:
        raise RequestError("forbidden", "Guests may join only the meeting they were invited to.")
    row = await hub.lookup(request.meeting_id)
    member = hub.join(session, _open_to(identity, row), request.replaces)
    return JoinResult(joined=_joined(hub, member))


async def leave(hub: Hub, session: Session, request: Leave) -> Result:
    hub.leave(_member(session), "left")
    return Empty()


async def offer(hub: Hub, session: Session, request: Offer) -> Result:
    answered = await _member(session).media.offer(request.sdp)
    lines = [SlotLine(kind=s.kind, slot=s.slot, mid=s.mid) for s in answered.slots]
    return OfferResult(sdp=answered.sdp, slots=lines)


async def publish(hub: Hub, session: Session, request: Publish) -> Result:
    member = _member(session)
    for publication in member.media.publications.values():
        if (publication.source, publication.mid) == (request.source, request.mid):
            return PublishResult(track=track(publication))  # its reply may have been lost
    size = Size(request.width, request.height) if request.width and request.height else None
    publication = member.media.publish(request.source, request.mid, request.muted, size)
    return PublishResult(track=member.meeting.published(member, publication))


async def resize(hub: Hub, session: Session, request: Resize) -> Result:
    member = _member(session)
    track_id = _own(member, request.track_id).id
    member.media.resize(track_id, Size(request.width, request.height))
    return Empty()


async def unpublish(hub: Hub, session: Session, request: Unpublish) -> Result:
    member = _member(session)
    publication = _own(member, request.track_id)
    member.media.unpublish(publication.id)
    member.meeting.unpublished(member, publication.id)
    return Empty()


async def mute(hub: Hub, session: Session, request: Mute) -> Result:
    member = _member(session)
    before = _own(member, request.track_id)
    if before.muted != request.muted:
        member.meeting.muted(member, member.media.set_muted(before.id, request.muted))
    return Empty()


async def view(hub: Hub, session: Session, request: View) -> Result:
    items = [ViewItem(i.track_id, i.width, i.height, i.priority) for i in request.tracks]
    _member(session).media.set_view(items)
    return Empty()


async def slots_applied(hub: Hub, session: Session, request: SlotsApplied) -> Result:
    _member(session).media.slots_applied(request.revision)
    return Empty()


Handler = Callable[[Hub, Session, Any], Awaitable[Result]]
HANDLERS: dict[type[Request], Handler] = {
    Authenticate: authenticate,
    Ping: ping,
    Join: join,
    Leave: leave,
    Offer: offer,
    Publish: publish,
    Resize: resize,
    Unpublish: unpublish,
    Mute: mute,
    View: view,
    SlotsApplied: slots_applied,
}


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


def _member(session: Session) -> Member:
    if session.member is None:
        raise RequestError("not_joined", "Join a meeting first.")
    return session.member


def _own(member: Member, track_id: str) -> Publication:
    """Only whoever published a track may change it."""
    own = member.media.publications.get(track_id)
    if own:
        return own
    if any(track_id in other.media.publications for other in member.meeting.others(member)):
        raise RequestError("forbidden", "This is somebody else's track.", "track_id")
    raise RequestError("not_found", "There is no such track.", "track_id")


def _problem(error: Exception, session: Session, request: Request) -> Problem:
    match error:
        case RequestError():
            return error.problem
        case OfferError():
            return Problem(code="bad_offer", message=error.message)
        case TrackError():
            return Problem(code="bad_track", message=error.message)
        case ClientError():
            return Problem(code="unavailable", message=error.message)
        case TimeoutError():
            log.error("timed out: %s", _correlation(session, request))
            return Problem(code="unavailable", message="That took too long; please try again.")
    log.error("failed: %s", _correlation(session, request), exc_info=error)
    return Problem(code="internal", message="Something went wrong on the server.")


def _correlation(session: Session, request: Request) -> str:
    member = session.member
    place = f"meeting {member.meeting.id} participant {member.id}" if member else "no meeting"
    return f"{type(request).__name__} {request.id} of session {session.id}, {place}"
