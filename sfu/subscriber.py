"""Subscriber: what one client receives in its slots, and when it may change.

A slot passes from one track to another like this (docs/architecture.md, "Never one face under
another's name"): the engine is told to switch and answers with the RTP timestamp from which the
slot belongs to the new track; then the client is told, in a new revision of the slots' state. If
it may still be showing somebody else in that slot, the route stays paused until it has applied the
revision that took the old picture away. Sound is never held back: nobody sees it under a name, and
the first syllable would be lost.

At most one switch per slot is under way; what is wanted meanwhile comes next. The state is told
when no switch is under way, so that a changed view is one revision.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

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
)
from sfu.publication import PublishedTrack
from sfu.slots import Assignment
from sfu.tracks import SlotsState, SlotState


@dataclass(slots=True, eq=False)
class Slot:
    """One receiving m-line and its sink in the engine."""

    sink: SinkId
    payload_types: Mapping[Codec, PayloadTypes]
    state: SlotState
    """As told to the client, or about to be."""
    wanted: PublishedTrack | None = None
    switching: PublishedTrack | None = None
    """What the switch under way leads to."""
    source: SourceId | None = None
    """What the engine was last told to forward."""
    paused: bool = False
    changed: bool = False
    """`state` has not been told yet."""
    replaced: bool = False
    """… and the client may be showing what was there before."""
    apply_first: int = 0
    """Revision the client must have applied before anybody else's picture may flow."""

    def may_show_another(self, track: PublishedTrack, applied: int) -> bool:
        """Might the client show `track` under another's name, if it flowed now?"""
        if self.state.kind is Kind.AUDIO:
            return False
        occupied = self.state.track_id not in (None, track.publication.id)
        return occupied or self.replaced or self.apply_first > applied


class Subscriber:
    """`listener` is called with every new state. `revision`: where to go on counting."""

    def __init__(
        self, engine: Engine, listener: Callable[[SlotsState], None], revision: int = 0
    ) -> None:
        self._engine = engine
        self._listener = listener
        self._revision = revision
        self._applied = revision
        self._slots: dict[SinkId, Slot] = {}

    @property
    def state(self) -> SlotsState:
        return SlotsState(self._revision, tuple(slot.state for slot in self._slots.values()))

    @property
    def wanted(self) -> Assignment:
        """What was last asked for by `show`."""
        return Assignment(self._wanted(Kind.VIDEO), self._wanted(Kind.AUDIO))

    def add_slot(
        self, sink: SinkId, kind: Kind, mid: str, payload_types: Mapping[Codec, PayloadTypes]
    ) -> int:
        """The next slot of its kind, empty; returns its number."""
        number = len(self._of_kind(kind))
        self._slots[sink] = Slot(sink, payload_types, SlotState(kind, number, mid))
        return number

    def show(self, assignment: Assignment, tracks: Mapping[str, PublishedTrack]) -> None:
        """Bring these tracks into the slots."""
        for kind, track_ids in ((Kind.VIDEO, assignment.video), (Kind.AUDIO, assignment.audio)):
            for slot, track_id in zip(self._of_kind(kind), track_ids, strict=True):
                self._want(slot, tracks[track_id] if track_id else None)
        self._tell()

    def route_switched(self, sink: SinkId, source: SourceId | None, timestamp: int) -> None:
        """The engine's answer to the switch under way. That a slot was emptied needs none."""
        slot = self._slots.get(sink)
        if slot is None or slot.switching is None or source != slot.source:
            return
        track, slot.switching = slot.switching, None
        if track is slot.wanted:
            self._occupy(slot, track, timestamp)
        else:
            self._switch(slot)
        self._tell()

    def layers_changed(self, track: PublishedTrack) -> None:
        """Forward the best layer of a track wherever it is shown."""
        for slot in self._slots.values():
            if slot.wanted is track and slot.switching is None:
                self._follow_best_layer(slot)
                self._update_problem(slot)
        self._tell()

    def applied(self, revision: int) -> None:
        """The client shows nothing any more of what slots carried before `revision`."""
        self._applied = max(self._applied, min(revision, self._revision))
        self._resume()

    def bandwidth_estimated(self, bitrate: int, by: BandwidthSource) -> None:
        """What the way to the client carries, bits/s."""

    def _of_kind(self, kind: Kind) -> list[Slot]:
        return [slot for slot in self._slots.values() if slot.state.kind is kind]

    def _wanted(self, kind: Kind) -> tuple[str | None, ...]:
        return tuple(
            slot.wanted.publication.id if slot.wanted else None for slot in self._of_kind(kind)
        )

    def _want(self, slot: Slot, track: PublishedTrack | None) -> None:
        changes = track is not slot.wanted
        slot.wanted = track
        if slot.switching is not None:
            return
        if changes:
            self._switch(slot)
        else:
            self._follow_best_layer(slot)

    def _switch(self, slot: Slot) -> None:
        track = slot.switching = slot.wanted
        slot.source = track.source if track else None
        slot.paused = track is not None and slot.may_show_another(track, self._applied)
        self._route(slot, Switch.PARTICIPANT)
        if track is None:
            self._occupy(slot, None, None)

    def _occupy(self, slot: Slot, track: PublishedTrack | None, timestamp: int | None) -> None:
        before = slot.state.track_id
        publication = track.publication if track else None
        slot.state = replace(
            slot.state,
            track_id=publication.id if publication else None,
            participant_id=publication.participant_id if publication else None,
            timestamp=timestamp,
            problem=_problem(slot, track),
        )
        slot.changed = True
        slot.replaced |= before not in (None, slot.state.track_id)

    def _update_problem(self, slot: Slot) -> None:
        problem = _problem(slot, slot.wanted)
        if problem != slot.state.problem:
            slot.state = replace(slot.state, problem=problem)
            slot.changed = True

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
        self._resume()

    def _resume(self) -> None:
        """Let flow what waited only for the client, and what changed while waiting."""
        for slot in self._slots.values():
            if slot.switching or slot.changed:
                continue
            if slot.paused and slot.apply_first <= self._applied:
                slot.paused = False
                self._route(slot, Switch.PARTICIPANT)
            self._follow_best_layer(slot)

    def _follow_best_layer(self, slot: Slot) -> None:
        best = slot.wanted.source if slot.wanted else None
        if slot.paused or best == slot.source:
            return
        slot.source = best
        if best is not None:  # a closed source has emptied the sink already
            self._route(slot, Switch.LAYER)

    def _route(self, slot: Slot, switch: Switch) -> None:
        self._engine.route([Route(slot.sink, slot.source, switch, paused=slot.paused)])


def _problem(slot: Slot, track: PublishedTrack | None) -> str | None:
    codec = track.codec if track else None
    return "unsupported_codec" if codec and codec not in slot.payload_types else None
