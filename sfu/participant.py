"""Participant: one client in a room, with what it publishes and what it receives.

It outlives its peer connections: publications stay when the connection is lost, carry nothing
meanwhile, and are fed again by the m-line of the same mid in the next one.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from sfu.connection import Connection, Site
from sfu.errors import OfferError, TrackError
from sfu.publication import LineListener, Publication, PublishedTrack
from sfu.sdp.negotiation import Line, negotiate
from sfu.sdp.offer import Offer, parse_offer
from sfu.slots import Published, assign
from sfu.subscriber import Subscriber
from sfu.tracks import Size, SlotsState, SlotState, TrackSource, ViewItem
from sfu.transport import TransportState


class ParticipantListener(Protocol):
    """Called on the event loop; must neither raise nor block."""

    def slots_changed(self, state: SlotsState) -> None: ...

    def media_changed(self, state: TransportState, reason: str | None) -> None: ...

    def levels(self, levels: Mapping[str, int]) -> None:
        """Loudness by track id, -dBov: 0 is loudest, 127 is silence."""

    def encodings_changed(self, tracks: Mapping[str, Sequence[str]]) -> None:
        """Which encodings of its own tracks somebody takes: rids by track id."""

    def speaker_changed(self, track_id: str | None, participant_id: str | None) -> None:
        """Who leads the conversation now."""


class Membership(LineListener, Protocol):
    """The room, as far as its participants know it."""

    def arrange(self) -> None:
        """What is published has changed: give everybody's slots anew."""

    def arrange_for(self, *participants: Participant) -> None:
        """The same for these only."""

    def remove(self, participant: Participant) -> None: ...


@dataclass(frozen=True, slots=True)
class Answer:
    sdp: str
    slots: tuple[SlotState, ...]
    """Which m-line is which slot."""


class Participant:
    def __init__(
        self, participant_id: str, listener: ParticipantListener, site: Site, room: Membership
    ) -> None:
        self.id = participant_id
        self.tracks: dict[str, PublishedTrack] = {}
        self._listener = listener
        self._site = site
        self._room = room
        self._connection: Connection | None = None
        self._subscriber = self._new_subscriber(0)
        self._view: tuple[ViewItem, ...] | None = None
        self._left = False

    @property
    def publications(self) -> Mapping[str, Publication]:
        """By track id."""
        return {track_id: track.publication for track_id, track in self.tracks.items()}

    # Called by signaling

    async def offer(self, sdp: str) -> Answer:
        """Answer the first offer of a peer connection, an ICE restart, or more slots.

        Another DTLS fingerprint is another peer connection, which replaces the one before. Raises
        OfferError, and then nothing has changed.
        """
        if self._left:
            raise OfferError("this participant has left")
        offer = parse_offer(sdp)
        lines = negotiate(offer, transport_cc=self._site.switchboard.engine.transport_cc)
        connection = self._connection
        if connection is not None and connection.fingerprints == offer.fingerprints:
            connection.update(offer, lines)
        else:
            connection = self._connect(offer, lines)
        self._room.arrange()
        return Answer(connection.answer(offer, lines), self._subscriber.state.slots)

    def publish(
        self, source: TrackSource, mid: str, muted: bool = False, size: Size | None = None
    ) -> Publication:
        """Offer what is sent on an m-line to the room. Raises TrackError."""
        line = self._connection.sending.get(mid) if self._connection else None
        if line is None or line.kind is not source.kind:
            raise TrackError(f"no m-line of the offer sends {source.kind} with mid {mid!r}")
        if any(source is known.source or mid == known.mid for known in self.publications.values()):
            raise TrackError(f"{source} is published already, or its m-line is in use")
        publication = Publication(secrets.token_urlsafe(9), self.id, source, mid, muted, size)
        line.track_id = publication.id
        self.tracks[publication.id] = PublishedTrack(publication, line)
        self._room.arrange()
        return publication

    def unpublish(self, track_id: str) -> None:
        """Raises TrackError."""
        track = self._track(track_id)
        if track.line is not None:
            track.line.track_id = None
        del self.tracks[track_id]
        self._room.arrange()

    def set_muted(self, track_id: str, muted: bool) -> Publication:
        """Muting is done by the sender; the room only knows of it. Raises TrackError."""
        track = self._track(track_id)
        track.publication = replace(track.publication, muted=muted)
        return track.publication

    def resize(self, track_id: str, size: Size) -> None:
        """The picture has another size before scaling. Raises TrackError."""
        track = self._track(track_id)
        track.publication = replace(track.publication, size=size)

    def set_view(self, items: Sequence[ViewItem]) -> None:
        """The pictures the client shows. Unknown tracks count as soon as they are published."""
        self._view = tuple(items)
        self._room.arrange_for(self)

    def slots_applied(self, revision: int) -> None:
        """The client shows nothing any more of what slots carried before `revision`."""
        self._subscriber.applied(revision)

    def slots(self) -> SlotsState:
        return self._subscriber.state

    def leave(self) -> None:
        """Idempotent. Closes the connection and ends all publications."""
        self.close("left")

    # Called by the room

    def close(self, reason: str) -> None:
        if self._left:
            return
        self._left = True
        self.tracks.clear()
        if self._connection is not None:
            self._connection.close(reason)
        self._room.remove(self)

    def arrange(
        self,
        published: Sequence[Published],
        tracks: Mapping[str, PublishedTrack],
        voices: Sequence[str],
    ) -> None:
        """Bring what this participant wants of `published` into its slots."""
        others = [track for track in published if track.participant_id != self.id]
        wanted = assign(others, self._view, self._subscriber.wanted, voices)
        self._subscriber.show(wanted, tracks)

    def layers_changed(self, track: PublishedTrack) -> None:
        self._subscriber.layers_changed(track)

    def hears(self, track_id: str) -> bool:
        return track_id in self._subscriber.wanted.audio

    def tell_levels(self, levels: Mapping[str, int]) -> None:
        self._listener.levels(levels)

    def _track(self, track_id: str) -> PublishedTrack:
        track = self.tracks.get(track_id)
        if track is None:
            raise TrackError(f"no track {track_id!r} of this participant")
        return track

    def _new_subscriber(self, revision: int) -> Subscriber:
        engine = self._site.switchboard.engine
        return Subscriber(engine, self._listener.slots_changed, revision)

    def _connect(self, offer: Offer, lines: Sequence[Line]) -> Connection:
        before, self._connection = self._connection, None
        if before is not None:
            before.close("replaced")
        self._subscriber = self._new_subscriber(self._subscriber.state.revision + 1)
        self._connection = Connection(
            self._site, offer, lines, self._subscriber, self._room, self._state_changed
        )
        self._feed_tracks(self._connection)
        self._listener.media_changed("connecting", None)
        return self._connection

    def _feed_tracks(self, connection: Connection | None) -> None:
        """Tie the publications to the m-lines that send them now."""
        for track in self.tracks.values():
            line = connection.sending.get(track.publication.mid) if connection else None
            fits = line is not None and line.kind is track.publication.source.kind
            track.line = line if fits else None
            if track.line is not None:
                track.line.track_id = track.publication.id

    def _state_changed(
        self, connection: Connection, state: TransportState, reason: str | None
    ) -> None:
        if connection is not self._connection:
            return
        if state == "closed":
            self._connection = None
            self._subscriber = self._new_subscriber(self._subscriber.state.revision + 1)
            self._feed_tracks(None)
            self._room.arrange()
        self._listener.media_changed(state, reason)
