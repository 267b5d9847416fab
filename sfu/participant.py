"""Participant: one client in a room, with what it publishes and what it receives.

It outlives its peer connections: publications stay when the connection is lost, carry nothing
meanwhile, and are fed again by the m-line of the same mid in the next one.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from sfu.connection import Connection, Site
from sfu.engine.interface import Kind
from sfu.errors import OfferError, TrackError
from sfu.publication import LineListener, Publication, PublishedTrack
from sfu.sdp.negotiation import Line, negotiate
from sfu.sdp.offer import Offer, parse_offer
from sfu.slots import Catalog, Places, Published, assign_pictures, assign_sounds
from sfu.subscriber import Picture, Sound, Subscriber
from sfu.tracks import Size, SlotsState, SlotState, TrackSource, ViewItem
from sfu.transport import TransportState
from sfu.turns import Turns


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

    @property
    def catalog(self) -> Catalog: ...

    @property
    def tracks(self) -> Mapping[str, PublishedTrack]:
        """Those in the catalog, by id."""

    @property
    def dominant(self) -> tuple[str | None, str | None]:
        """Track and participant."""

    @property
    def turns(self) -> Turns: ...

    def audible_to(self, participant: Participant) -> list[str]:
        """The microphones it hears."""

    def tracks_changed(self, tracks: Sequence[PublishedTrack]) -> None:
        """These are new, or gone (no line feeds them), or fed by another line."""

    def mute_changed(self, track: PublishedTrack) -> None: ...

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
        self._view: dict[str, ViewItem] | None = None
        """By track; None: the client has told none yet."""
        self._pictures: Places = ()
        self._sounds: Places = ()
        self._hears: list[str] = []
        """Microphones that flow to it; others are paused in their slots."""
        self._demand: dict[str, tuple[str, ...]] = {}
        """Rids by track, as the client was told last."""
        self._left = False

    @property
    def publications(self) -> Mapping[str, Publication]:
        """By track id."""
        return {track_id: track.publication for track_id, track in self.tracks.items()}

    @property
    def connection(self) -> Connection | None:
        """None until the first offer."""
        return self._connection

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
        self.arrange()
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
        track = self.tracks[publication.id] = PublishedTrack(publication, line)
        track.expect(self._site.switchboard.clock())
        self._room.tracks_changed([track])
        return publication

    def unpublish(self, track_id: str) -> None:
        """Raises TrackError."""
        track = self._track(track_id)
        del self.tracks[track_id]
        self._withdraw([track])

    def set_muted(self, track_id: str, muted: bool) -> Publication:
        """Nothing of a muted track reaches anybody. Raises TrackError."""
        track = self._track(track_id)
        track.publication = replace(track.publication, muted=muted)
        self._room.mute_changed(track)
        return track.publication

    def resize(self, track_id: str, size: Size) -> None:
        """The picture has another size before scaling. Raises TrackError."""
        track = self._track(track_id)
        track.publication = replace(track.publication, size=size)
        self._room.layers_changed(track_id)

    def set_view(self, items: Sequence[ViewItem]) -> None:
        """The pictures the client shows. Unknown tracks count as soon as they are published."""
        self._view = {}
        for item in items:
            self._view.setdefault(item.track_id, item)
        self.arrange()

    def slots_applied(self, revision: int) -> None:
        """The client shows nothing any more of what slots carried before `revision`."""
        self._subscriber.applied(revision)

    def slots(self) -> SlotsState:
        return self._subscriber.state

    @property
    def subscriptions(self) -> int:
        """Slots that carry something."""
        pictures, sounds = self._pictures, self._sounds
        return len(pictures) - pictures.count(None) + len(sounds) - sounds.count(None)

    @property
    def estimate(self) -> int | None:
        """Bits/s: what the way to it carries, where that is known."""
        return self._subscriber.estimate

    def leave(self) -> None:
        """Idempotent. Closes the connection and ends all publications."""
        self.close("left")

    # Called by the room

    def close(self, reason: str) -> None:
        if self._left:
            return
        self._left = True
        tracks = list(self.tracks.values())
        self.tracks.clear()
        self._subscriber.leave()
        if self._connection is not None:
            self._connection.close(reason)
        self._room.remove(self)
        self._withdraw(tracks)

    def is_concerned(self, track: Published) -> bool:
        """Might its slots be others, now that this track has changed?"""
        if track.participant_id == self.id:
            return False
        if track.source.kind is Kind.AUDIO:
            picture = self._room.catalog.picture_of(track.track_id)
            shown = picture is not None and picture in self._pictures
            return shown or self.has(track.track_id)
        if self.has(track.track_id):
            return True
        if self._view is None:
            return None in self._pictures or track.source is TrackSource.SCREEN
        return track.track_id in self._view

    def arrange(self) -> None:
        """Bring what this participant wants of what is published into its slots."""
        if self._left:
            return
        catalog, room = self._room.catalog, self._room
        view = None if self._view is None else list(self._view.values())
        self._hears = room.audible_to(self)
        self._pictures = assign_pictures(catalog, view, self._subscriber.pictures, self.id)
        self._sounds = assign_sounds(self._pictures, catalog, self._hears, self._subscriber.sounds)
        pictures = [self._picture(track_id) for track_id in self._pictures]
        self._subscriber.show(pictures, [self._sound(track_id) for track_id in self._sounds])

    def hear(self) -> None:
        """The same for who is audible only, and at once."""
        before, sounds = set(self._hears), self._sounds
        self._hears = self._room.audible_to(self)
        changed = before.symmetric_difference(self._hears)
        if not changed:
            return
        self._sounds = assign_sounds(self._pictures, self._room.catalog, self._hears, sounds)
        self._subscriber.hear(
            {
                slot: self._sound(track_id)
                for slot, (was, track_id) in enumerate(zip(sounds, self._sounds, strict=True))
                if track_id != was or track_id in changed
            }
        )

    def tick(self, now: float) -> None:
        """Tell which encodings of its own tracks are wanted, if those are others now. To be called
        a few times a second."""
        demand = {
            track_id: track.demand(now)
            for track_id, track in self.tracks.items()
            if track.line is not None and track.line.kind is Kind.VIDEO
        }
        if demand != self._demand:
            self._demand = demand
            self._listener.encodings_changed(demand)

    def has(self, track_id: str) -> bool:
        """Is it in one of its slots?"""
        return track_id in self._pictures or track_id in self._sounds

    def layers_changed(self, track: PublishedTrack) -> None:
        self._subscriber.layers_changed(track)

    def tell_levels(self, levels: Mapping[str, int]) -> None:
        self._listener.levels(levels)

    def tell_speaker(self) -> None:
        self._tell("speaker", lambda: self._listener.speaker_changed(*self._room.dominant))

    def _track(self, track_id: str) -> PublishedTrack:
        track = self.tracks.get(track_id)
        if track is None:
            raise TrackError(f"no track {track_id!r} of this participant")
        return track

    def _withdraw(self, tracks: Sequence[PublishedTrack]) -> None:
        for track in tracks:
            if track.line is not None:
                track.line.track_id = None
                track.line = None
        self._room.tracks_changed(tracks)

    def _picture(self, track_id: str | None) -> Picture | None:
        if track_id is None:
            return None
        track = self._room.tracks[track_id]
        item = self._view.get(track_id) if self._view is not None else None
        return Picture(track, item.height, item.priority) if item else Picture(track)

    def _sound(self, track_id: str | None) -> Sound | None:
        if track_id is None:
            return None
        track = self._room.tracks[track_id]
        beside = track.publication.source is TrackSource.SCREEN_AUDIO
        return Sound(track, beside or track_id in self._hears)

    def _tell(self, kind: str, tell: Callable[[], object]) -> None:
        """In this turn of the loop or a later one."""
        self._room.turns.do((self, kind), lambda: None if self._left else tell())

    def _renew_subscriber(self) -> None:
        """For another peer connection; the client knows the slots of both by the revision."""
        self._subscriber.leave()
        self._subscriber = self._new_subscriber(self._subscriber.state.revision + 1)
        self._pictures = self._sounds = ()
        self._hears = []

    def _new_subscriber(self, revision: int) -> Subscriber:
        def told(state: SlotsState) -> None:
            self._tell("slots", lambda: tell(state))

        def tell(state: SlotsState) -> None:
            if subscriber is self._subscriber:
                self._listener.slots_changed(state)

        switchboard = self._site.switchboard
        subscriber = Subscriber(
            switchboard.engine,
            switchboard.routes,
            switchboard.clock,
            told,
            revision,
            self._site.policy,
        )
        return subscriber

    def _connect(self, offer: Offer, lines: Sequence[Line]) -> Connection:
        before, self._connection = self._connection, None
        if before is not None:
            before.close("replaced")
        self._renew_subscriber()
        self._connection = Connection(
            self._site, offer, lines, self._subscriber, self._room, self._state_changed
        )
        self._feed_tracks(self._connection)
        self._listener.media_changed("connecting", None)
        if self._room.dominant != (None, None):
            self.tell_speaker()
        return self._connection

    def _feed_tracks(self, connection: Connection | None) -> None:
        """Tie the publications to the m-lines that send them now."""
        for track in self.tracks.values():
            line = connection.sending.get(track.publication.mid) if connection else None
            fits = line is not None and line.kind is track.publication.source.kind
            track.line = line if fits else None
            if track.line is not None:
                track.line.track_id = track.publication.id
                track.expect(self._site.switchboard.clock())
        self._room.tracks_changed(list(self.tracks.values()))

    def _state_changed(
        self, connection: Connection, state: TransportState, reason: str | None
    ) -> None:
        if connection is not self._connection:
            return
        if state == "closed":
            self._connection = None
            self._renew_subscriber()
            self._feed_tracks(None)
        self._listener.media_changed(state, reason)
