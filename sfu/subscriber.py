"""Subscriber: what one client receives in its slots, and when it may change.

A slot passes from one track to another like this (docs/architecture.md, "Never one face under
another's name"): the engine is told to switch and answers with the RTP timestamp from which the
slot belongs to the new track; then the client is told, in a new revision of the slots' state. If
it may still be showing somebody else in that slot, the route stays paused until it has applied the
revision that took the old picture away. Sound is never held back: nobody sees it under a name, and
the first syllable would be lost.

At most one switch per slot is under way; what is wanted meanwhile comes next. The state is told
when no switch is under way, so that a changed view is one revision.

Which quality of a picture flows is the allocator's choice. It is asked at once when less can be
sent or something else is shown, and otherwise once a second.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sfu.allocator import Allocator, Offer, Target, Wish
from sfu.bandwidth import Bandwidth, Unlimited
from sfu.engine.interface import (
    BandwidthSource,
    Codec,
    Engine,
    Kind,
    PayloadTypes,
    Route,
    SinkId,
    SourceId,
    Switch,
    TransportId,
)
from sfu.policy import DEFAULT_POLICY, MediaPolicy
from sfu.publication import PublishedTrack
from sfu.routes import RouteBatch
from sfu.tracks import SlotsState, SlotState

GRACE = 3.0
"""Seconds before a picture that does not fit is told to be paused."""
INTERVAL = 1.0
"""Seconds between looks for something better."""
CRUSHING = 1.3
"""Where pictures take so much more than the way carries, those that get less are cut at once."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What a video slot shall show."""

    track: PublishedTrack
    height: int = 0
    """Of its tile in device pixels; 0: as good as it gets."""
    priority: int = 0


@dataclass(frozen=True, slots=True)
class Sound:
    """What an audio slot shall carry; nothing flows of who is not audible."""

    track: PublishedTrack
    audible: bool = True


@dataclass(slots=True, eq=False)
class Slot:
    """One receiving m-line and its sink in the engine."""

    sink: SinkId
    payload_types: Mapping[Codec, PayloadTypes]
    state: SlotState
    """As told to the client, or about to be."""
    wanted: PublishedTrack | None = None
    height: int = 0
    priority: int = 0
    audible: bool = True
    occupant: PublishedTrack | None = None
    """What the last switch led to, or leads to."""
    switching: bool = False
    """That switch is under way."""
    target: Target | None = None
    """What was last chosen for it; None: nothing may flow."""
    bitrate: int = 0
    """Of the target, bits/s."""
    route: Route | None = None
    """What the engine was last told; None: nothing yet."""
    held: bool = False
    """Nothing may flow before the client has applied a revision."""
    changed: bool = False
    """`state` has not been told yet."""
    replaced: bool = False
    """… and the client may be showing what was there before."""
    apply_first: int = 0
    """Revision the client must have applied before anybody else's picture may flow."""

    @property
    def source(self) -> SourceId | None:
        """What the engine was last told to forward."""
        return self.route.source if self.route else None

    @property
    def paused(self) -> bool:
        return self.held or self.target is None or not self.audible

    def may_show_another(self, track: PublishedTrack, applied: int) -> bool:
        """Might the client show `track` under another's name, if it flowed now?"""
        if self.state.kind is Kind.AUDIO:
            return False
        occupied = self.state.track_id not in (None, track.publication.id)
        return occupied or self.replaced or self.apply_first > applied


class Subscriber:
    """`listener` is called with every new state. `revision`: where to go on counting. `clock`:
    seconds."""

    def __init__(
        self,
        engine: Engine,
        routes: RouteBatch,
        clock: Callable[[], float],
        listener: Callable[[SlotsState], None],
        revision: int = 0,
        policy: MediaPolicy = DEFAULT_POLICY,
    ) -> None:
        self._engine = engine
        self._routes = routes
        self._clock = clock
        self._listener = listener
        self._revision = revision
        self._applied = revision
        self._policy = policy
        self._slots: dict[SinkId, Slot] = {}
        self._allocator = Allocator()
        self._transport: TransportId | None = None
        self._bandwidth: Bandwidth = Unlimited()
        self.estimate: int | None = None
        """Bits/s: what its way carries, by the last who said so."""
        self._sending = 0
        self._told_target: tuple[int, int] | None = None
        self._look_at = 0.0
        self._began = clock()

    @property
    def state(self) -> SlotsState:
        return SlotsState(self._revision, tuple(slot.state for slot in self._slots.values()))

    @property
    def pictures(self) -> tuple[str | None, ...]:
        """Track ids by video slot, as last asked for by `show`."""
        return self._wanted(Kind.VIDEO)

    @property
    def sounds(self) -> tuple[str | None, ...]:
        """Track ids by audio slot, as last asked for."""
        return self._wanted(Kind.AUDIO)

    def attach(self, transport: TransportId, bandwidth: Bandwidth) -> None:
        """Where the slots' streams go, and who says what it carries."""
        self._transport = transport
        self._bandwidth = bandwidth

    def add_slot(
        self, sink: SinkId, kind: Kind, mid: str, payload_types: Mapping[Codec, PayloadTypes]
    ) -> int:
        """The next slot of its kind, empty; returns its number."""
        number = len(self._of_kind(kind))
        self._slots[sink] = Slot(sink, payload_types, SlotState(kind, number, mid))
        return number

    # What is wanted

    def show(self, pictures: Sequence[Picture | None], sounds: Sequence[Sound | None]) -> None:
        """Bring these into the slots, one for each."""
        with self._routes:
            for slot, picture in zip(self._of_kind(Kind.VIDEO), pictures, strict=True):
                slot.height = picture.height if picture else 0
                slot.priority = picture.priority if picture else 0
                self._want(slot, picture.track if picture else None)
            for slot, sound in zip(self._of_kind(Kind.AUDIO), sounds, strict=True):
                self._place_sound(slot, sound)
            self._allocate()
            self._begin_switches()
            self._tell()

    def hear(self, sounds: Mapping[int, Sound | None]) -> None:
        """Bring these into the audio slots of those numbers; the others stay as they are."""
        slots = self._of_kind(Kind.AUDIO)
        with self._routes:
            for number, sound in sounds.items():
                self._place_sound(slots[number], sound)
            self._begin_switches()
            self._tell()

    def leave(self) -> None:
        """Nothing is taken of anybody any more."""
        for slot in self._slots.values():
            self._let_go(slot)

    # What happens

    def route_switched(self, sink: SinkId, source: SourceId | None, timestamp: int) -> None:
        """The engine's answer to the switch under way. That a slot was emptied needs none."""
        slot = self._slots.get(sink)
        if slot is None or not slot.switching or source != slot.source:
            return
        slot.switching = False
        with self._routes:
            if slot.occupant is slot.wanted:
                self._occupy(slot, timestamp)
            self._begin_switches()
            self._tell()

    def layers_changed(self, track: PublishedTrack) -> None:
        """Other layers of a track arrive, or they come in another codec, or it is (un)muted."""
        shown = [slot for slot in self._slots.values() if slot.wanted is track]
        if not shown:
            return
        with self._routes:
            self._allocate()
            for slot in shown:
                if slot.state.kind is Kind.AUDIO:
                    self._follow_sound(slot)
                self._update_problem(slot)
            self._tell()

    def applied(self, revision: int) -> None:
        """The client shows nothing any more of what slots carried before `revision`."""
        self._applied = max(self._applied, min(revision, self._revision))
        with self._routes:
            self._resume(self._slots.values())

    def bandwidth_estimated(self, bitrate: int, by: BandwidthSource) -> None:
        """What the way to the client carries, bits/s."""
        self._bandwidth.estimated(bitrate, self._clock())
        self.estimate = bitrate
        if bitrate < self._sending:
            self._look()

    def tick(self, now: float) -> None:
        """To be called a few times a second."""
        if now >= self._look_at:
            self._look()

    # Slots

    def _of_kind(self, kind: Kind) -> list[Slot]:
        return [slot for slot in self._slots.values() if slot.state.kind is kind]

    def _wanted(self, kind: Kind) -> tuple[str | None, ...]:
        return tuple(
            slot.wanted.publication.id if slot.wanted else None for slot in self._of_kind(kind)
        )

    def _want(self, slot: Slot, track: PublishedTrack | None) -> None:
        if track is not slot.wanted:
            self._let_go(slot)
            slot.wanted = track
            slot.target = None

    def _place_sound(self, slot: Slot, sound: Sound | None) -> None:
        slot.audible = sound is None or sound.audible
        self._want(slot, sound.track if sound else None)
        self._follow_sound(slot)

    def _follow_sound(self, slot: Slot) -> None:
        track = slot.wanted
        source = track.source if track and not track.publication.muted else None
        slot.target = Target(source) if source is not None else None
        self._apply(slot)

    def _begin_switches(self) -> None:
        for slot in self._slots.values():
            if not slot.switching and slot.occupant is not slot.wanted:
                self._switch(slot)

    def _switch(self, slot: Slot) -> None:
        track = slot.occupant = slot.wanted
        slot.switching = track is not None
        slot.held = track is not None and slot.may_show_another(track, self._applied)
        slot.route = _next_route(slot, Switch.PARTICIPANT)
        self._routes.add(slot.route)
        if track is None:
            self._occupy(slot, None)

    def _occupy(self, slot: Slot, timestamp: int | None) -> None:
        before = slot.state.track_id
        track = slot.occupant
        publication = track.publication if track else None
        slot.state = replace(
            slot.state,
            track_id=publication.id if publication else None,
            participant_id=publication.participant_id if publication else None,
            timestamp=timestamp,
            problem=self._problem(slot, track),
        )
        slot.changed = True
        slot.replaced |= before not in (None, slot.state.track_id)

    def _update_problem(self, slot: Slot) -> None:
        if slot.switching:
            return
        problem = self._problem(slot, slot.wanted)
        if problem != slot.state.problem:
            slot.state = replace(slot.state, problem=problem)
            slot.changed = True

    def _problem(self, slot: Slot, track: PublishedTrack | None) -> str | None:
        starved = slot.state.kind is Kind.VIDEO and slot.target is None and self._is_settled
        if track is None or track.line is None or track.publication.muted:
            return None
        return _problem_of_codec(slot, track) or ("bandwidth" if starved else None)

    @property
    def _is_settled(self) -> bool:
        """What the way carries takes a moment to be known; nobody need be told of that."""
        return self._clock() >= self._began + GRACE

    def _tell(self) -> None:
        changed = [slot for slot in self._slots.values() if slot.changed]
        if not changed or any(slot.switching for slot in self._slots.values()):
            return
        self._revision += 1
        for slot in changed:
            if slot.replaced:
                slot.apply_first = self._revision
            slot.changed = slot.replaced = False
        self._listener(self.state)
        self._resume(changed)

    def _resume(self, slots: Iterable[Slot]) -> None:
        """Let flow what waited only for the client, and what changed while waiting."""
        for slot in slots:
            if slot.switching or slot.changed:
                continue
            if slot.held and slot.apply_first <= self._applied:
                slot.held = False
            self._apply(slot)

    # Quality

    def _look(self) -> None:
        with self._routes:
            self._allocate()
            for slot in self._of_kind(Kind.VIDEO):
                self._update_problem(slot)
            self._tell()

    def _allocate(self) -> None:
        now = self._clock()
        self._look_at = now + INTERVAL
        shown = {
            slot.wanted.publication.id: slot for slot in self._of_kind(Kind.VIDEO) if slot.wanted
        }
        wishes = [wish for slot in shown.values() if (wish := self._wish(slot))]
        for picture in shown.keys() - {wish.picture for wish in wishes}:
            self._choose(shown[picture], None, now, crushed=False)
        limit = self._bandwidth.bitrate(now, self._sending)
        crushed = limit is not None and self._flowing > CRUSHING * limit
        voices = sum(not slot.paused for slot in self._of_kind(Kind.AUDIO))
        allocation = self._allocator.allocate(now, limit, wishes, voices)
        for picture, offer in allocation.chosen.items():
            self._choose(shown[picture], offer, now, crushed=crushed)
        self._sending = allocation.sending
        self._tell_target(allocation.sending, allocation.useful)

    def _wish(self, slot: Slot) -> Wish | None:
        """None for what nobody sends or may send, or in a codec this receiver does not know."""
        if slot.wanted is None or _problem_of_codec(slot, slot.wanted):
            return None
        if slot.wanted.publication.muted:
            return None
        offers = slot.wanted.offers(self._policy)
        if not offers:
            return None
        return Wish(slot.wanted.publication.id, slot.priority, slot.height, offers)

    @property
    def _flowing(self) -> int:
        """Bits/s of all pictures."""
        return sum(slot.bitrate for slot in self._of_kind(Kind.VIDEO))

    def _choose(self, slot: Slot, offer: Offer | None, now: float, *, crushed: bool) -> None:
        track = slot.wanted
        if track is None:
            return
        track.take(slot, offer.encoding if offer else None, now)
        arriving = _arriving(track.offers(self._policy), offer)
        before, slot.target = slot.target, arriving.target if arriving else None
        taken, slot.bitrate = slot.bitrate, arriving.bitrate if arriving else 0
        cut = crushed and slot.bitrate < taken
        if slot.target != before:
            self._apply(slot, Switch.CUT if cut else Switch.LAYER)
            self._update_problem(slot)

    def _let_go(self, slot: Slot) -> None:
        if slot.wanted is not None:
            slot.wanted.take(slot, None, self._clock())

    def _tell_target(self, sending: int, useful: int) -> None:
        if self._transport is not None and (sending, useful) != self._told_target:
            self._told_target = sending, useful
            self._engine.set_target(self._transport, sending, useful)

    # Routes

    def _apply(self, slot: Slot, switch: Switch = Switch.LAYER) -> None:
        """Let the engine do what is wanted of the track that is in the slot."""
        before = slot.route
        if slot.switching or slot.occupant is not slot.wanted or before is None:
            return
        route = _next_route(slot, switch)
        if replace(route, switch=before.switch) == before:
            return
        if before.paused and not route.paused and before.source == route.source:
            route = replace(route, switch=Switch.PARTICIPANT)  # it was answered when it was paused
        slot.route = route
        if route.source is not None:  # a closed source has emptied the sink already
            self._routes.add(route)


def _next_route(slot: Slot, switch: Switch) -> Route:
    """A slot that is paused keeps the source it is to go on with."""
    track, target = slot.wanted, slot.target
    if track is None:
        return Route(slot.sink, None, switch)
    if target is None:
        return Route(slot.sink, track.source, switch, paused=track.source is not None)
    return Route(
        slot.sink,
        target.source,
        switch,
        paused=slot.paused,
        max_spatial=target.max_spatial,
        max_temporal=target.max_temporal,
    )


def _arriving(offers: Sequence[Offer], chosen: Offer | None) -> Offer | None:
    """The best up to the chosen one that is being sent; if only better ones are, the chosen one
    itself. While nothing is sent at all, the lowest encoding: it comes first."""
    if chosen is None:
        return None
    upto = offers[: 1 + next((n for n, it in enumerate(offers) if it.target == chosen.target), -1)]
    if not any(offer.active for offer in offers):
        lowest = [offer for offer in upto if offer.target.source == offers[0].target.source]
        return lowest[-1] if lowest else chosen
    return next((offer for offer in reversed(upto) if offer.active), chosen)


def _problem_of_codec(slot: Slot, track: PublishedTrack | None) -> str | None:
    codec = track.codec if track else None
    return "unsupported_codec" if codec and codec not in slot.payload_types else None
