"""A participant's own media."""

from __future__ import annotations

from sfu.tracks import Size, ViewItem
from signaling.errors import RequestError
from signaling.handlers.base import Table, member_of
from signaling.hub import Hub
from signaling.media import Publication
from signaling.meeting import Member, track
from signaling.messages import (
    Empty,
    Mute,
    Offer,
    OfferResult,
    Publish,
    PublishResult,
    Resize,
    Result,
    SlotLine,
    SlotsApplied,
    Unpublish,
    View,
)
from signaling.session import Session


async def offer(hub: Hub, session: Session, request: Offer) -> Result:
    answered = await member_of(session).media.offer(request.sdp)
    lines = [SlotLine(kind=s.kind, slot=s.slot, mid=s.mid) for s in answered.slots]
    return OfferResult(sdp=answered.sdp, slots=lines)


async def publish(hub: Hub, session: Session, request: Publish) -> Result:
    member = member_of(session)
    for publication in member.media.publications.values():
        if (publication.source, publication.mid) == (request.source, request.mid):
            return PublishResult(track=track(publication))  # its reply may have been lost
    size = Size(request.width, request.height) if request.width and request.height else None
    publication = member.media.publish(request.source, request.mid, request.muted, size)
    return PublishResult(track=member.meeting.published(member, publication))


async def resize(hub: Hub, session: Session, request: Resize) -> Result:
    member = member_of(session)
    track_id = _own(member, request.track_id).id
    member.media.resize(track_id, Size(request.width, request.height))
    return Empty()


async def unpublish(hub: Hub, session: Session, request: Unpublish) -> Result:
    member = member_of(session)
    publication = _own(member, request.track_id)
    member.media.unpublish(publication.id)
    member.meeting.unpublished(member, publication.id)
    return Empty()


async def mute(hub: Hub, session: Session, request: Mute) -> Result:
    member = member_of(session)
    before = _own(member, request.track_id)
    if before.muted != request.muted:
        member.meeting.muted(member, member.media.set_muted(before.id, request.muted))
    return Empty()


async def view(hub: Hub, session: Session, request: View) -> Result:
    items = [ViewItem(i.track_id, i.width, i.height, i.priority) for i in request.tracks]
    member_of(session).media.set_view(items)
    return Empty()


async def slots_applied(hub: Hub, session: Session, request: SlotsApplied) -> Result:
    member_of(session).media.slots_applied(request.revision)
    return Empty()


def _own(member: Member, track_id: str) -> Publication:
    """Only whoever published a track may change it."""
    own = member.media.publications.get(track_id)
    if own:
        return own
    if any(track_id in other.media.publications for other in member.meeting.others(member)):
        raise RequestError("forbidden", "This is somebody else's track.", "track_id")
    raise RequestError("not_found", "There is no such track.", "track_id")


HANDLERS: Table = {
    Offer: offer,
    Publish: publish,
    Resize: resize,
    Unpublish: unpublish,
    Mute: mute,
    View: view,
    SlotsApplied: slots_applied,
}
