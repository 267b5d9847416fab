"""Publication: a track offered to the room, the layers it arrives in, and who takes which."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol

from sfu.allocator import Offer, Target
from sfu.engine.interface import Codec, Kind, LayerRate, SourceId
from sfu.policy import Encoding, MediaPolicy
from sfu.tracks import Size, TrackSource

USUAL_SIZE = Size(1280, 720)
"""Of a picture whose publisher does not say."""
LINGER = 5.0
"""Seconds an encoding is still sent when nobody takes it any more."""
FORGET = 0.93
"""What is left of a measured peak half a second later: encoders' bitrates go up and down."""
FIRST = 200_000
"""Bits/s at most that encoders begin with, whatever they may rise to."""
SUSTAINED = 3
"""Half seconds that a bitrate must last to count: a keyframe is over sooner."""


@dataclass(frozen=True, slots=True)
class Publication:
    """What the room knows of a track."""

    id: str
    participant_id: str
    source: TrackSource
    mid: str
    muted: bool
    size: Size | None = None
    """Of the picture before any scaling; None where the publisher did not say."""


class LineListener(Protocol):
    """Whoever is interested in what arrives: the room."""

    def layers_changed(self, track_id: str) -> None:
        """Another layer is the best now, or it comes in another codec."""

    def voice_started(self, track_id: str) -> None: ...

    def levels_measured(self, levels: Mapping[str, int], recent: Mapping[str, bytes]) -> None:
        """By track id, -dBov: smoothed, and packet by packet for those who made a sound."""


@dataclass(slots=True, eq=False)
class Layer:
    """One encoding of a track: a source of the engine."""

    source: SourceId
    line: SendingLine
    rid: str | None = None
    codec: Codec | None = None
    """None while nothing arrives."""
    rates: dict[tuple[int, int], float] = field(default_factory=dict)
    """Bits/s by spatial and temporal layer, the peaks of late; empty while not measured."""
    _measured: deque[dict[tuple[int, int], float]] = field(
        default_factory=lambda: deque(maxlen=SUSTAINED)
    )

    @property
    def name(self) -> str:
        """Of the encoding towards its publisher; a lone one has no rid."""
        return self.rid or ""

    @property
    def is_lowest(self) -> bool:
        return self is self.line.layers[0]

    def became_active(self, codec: Codec) -> None:
        self.line.arrived()
        self.codec = codec
        self.line.changed()

    def rates_measured(self, rates: Sequence[LayerRate]) -> None:
        """What arrives, layer by layer, twice a second."""
        if self.codec is None:  # it has just ended: that little came of it says nothing
            return
        self._measured.append({(rate.spatial, rate.temporal): rate.bitrate for rate in rates})
        if len(self._measured) < SUSTAINED:
            return
        self.rates = {
            place: max(
                min(measured.get(place, 0.0) for measured in self._measured),
                FORGET * self.rates.get(place, 0.0),
            )
            for place in self._measured[-1]
        }

    def became_silent(self) -> None:
        self.codec = None
        self._measured.clear()
        if not self.is_lowest:  # there is nothing below to fall back to while it is tried again
            self.rates = {}
        self.line.changed()

    def voice_started(self) -> None:
        if self.line.track_id is not None:
            self.line.listener.voice_started(self.line.track_id)


@dataclass(slots=True, eq=False)
class SendingLine:
    """An m-line a client sends on. Its sources are open from the offer on, because the packets
    that name their layer may come before the track is published."""

    mid: str
    kind: Kind
    listener: LineListener
    layers: list[Layer] = field(default_factory=list)
    """Lowest quality first."""
    arrived: Callable[[], object] = lambda: None
    """Called when media begins to come."""
    track_id: str | None = None
    """What is published on it now."""

    @property
    def names(self) -> list[str]:
        """Of the encodings, lowest quality first."""
        return [layer.name for layer in self.layers]

    @property
    def best(self) -> Layer:
        """The highest active layer; while none is, the lowest, since it comes first."""
        active = (layer for layer in reversed(self.layers) if layer.codec is not None)
        return next(active, self.layers[0])

    def changed(self) -> None:
        if self.track_id is not None:
            self.listener.layers_changed(self.track_id)


@dataclass(slots=True, eq=False)
class PublishedTrack:
    """A publication with the m-line that feeds it; the line goes and comes with the publisher's
    peer connection."""

    publication: Publication
    line: SendingLine | None = None
    _takers: dict[object, str] = field(default_factory=dict)
    """The encoding each receiver takes."""
    _let_go: dict[str, float] = field(default_factory=dict)
    """When (seconds) a receiver last ceased to take an encoding."""
    _offered: tuple[object, list[Offer]] | None = None
    """The last offers, and what they were made of: all receivers ask for the same."""

    @property
    def source(self) -> SourceId | None:
        return self.line.best.source if self.line else None

    @property
    def codec(self) -> Codec | None:
        return self.line.best.codec if self.line else None

    def offers(self, policy: MediaPolicy) -> list[Offer]:
        """The qualities this picture can be had in, lowest first; empty while nobody feeds it."""
        if self.line is None:
            return []
        layers = [(layer, layer.codec, layer.rates) for layer in self.line.layers]
        made_of = (self.publication, policy, layers)
        if self._offered is None or self._offered[0] != made_of:
            self._offered = made_of, self._make_offers(self.line, policy)
        return self._offered[1]

    def _make_offers(self, line: SendingLine, policy: MediaPolicy) -> list[Offer]:
        encodings = _encodings(self.publication.source, policy)
        height = (self.publication.size or USUAL_SIZE).height
        return [
            offer
            for layer in line.layers
            for offer in _offers(layer, encodings.get(layer.name, encodings[""]), height)
        ]

    # Demand

    def expect(self, now: float) -> None:
        """It has come to be, or another line feeds it: whoever will take it has yet to say so."""
        if self.line is not None:
            self._let_go = dict.fromkeys(self.line.names, now)

    def take(self, taker: object, encoding: str | None, now: float) -> None:
        """A receiver takes this encoding from now on, and no other; None: nothing."""
        before = self._takers.pop(taker, None)
        if encoding is not None:
            self._takers[taker] = encoding
        if before is not None:
            self._let_go[before] = now

    def demand(self, now: float) -> tuple[str, ...]:
        """The encodings to be sent, lowest first. While anybody takes anything the lowest is among
        them: whoever's way becomes thin can fall back to it at once."""
        names = self.line.names if self.line else []
        taken = set(self._takers.values())
        lately = {name for name, at in self._let_go.items() if now - at < LINGER}
        if taken:
            taken.update(names[:1])
        return tuple(name for name in names if name in taken | lately)


def _encodings(source: TrackSource, policy: MediaPolicy) -> dict[str, Encoding]:
    """By rid; "" for a line of one encoding without a name."""
    encodings = (policy.screen if source is TrackSource.SCREEN else policy.camera).encodings
    return {"": encodings[-1], **{encoding.rid: encoding for encoding in encodings}}


def _offers(layer: Layer, encoding: Encoding, height: int) -> Iterator[Offer]:
    """One for each spatial layer inside; the lowest of all can be had at lower frame rates too."""
    rates = _rates(layer, encoding)
    scaled = round(height / encoding.scale_resolution_down_by)
    spatials = sorted({spatial for spatial, _ in rates})
    temporals = sorted({temporal for spatial, temporal in rates if spatial == spatials[0]})
    top, active = spatials[-1], layer.codec is not None
    for temporal in temporals[:-1] if layer.is_lowest else ():
        bitrate = sum(rates[spatials[0], below] for below in temporals if below <= temporal)
        target = Target(layer.source, spatials[0] if top else None, temporal)
        yield Offer(target, round(bitrate), scaled >> top - spatials[0], layer.name, active)
    for spatial in spatials:
        bitrate = sum(rate for (below, _), rate in rates.items() if below <= spatial)
        target = Target(layer.source, spatial if spatial < top else None)
        yield Offer(target, round(bitrate), scaled >> top - spatial, layer.name, active)


def _rates(layer: Layer, encoding: Encoding) -> Mapping[tuple[int, int], float]:
    """Of each layer alone: as measured, else as the policy says. The lowest encoding need not fit
    as a whole before anybody has seen it."""
    if layer.rates:
        return layer.rates
    bitrate = min(encoding.max_bitrate, FIRST) if layer.is_lowest else encoding.max_bitrate
    return {
        place: share * bitrate
        for place, share in _nominal_shares(encoding.scalability_mode or "L1T1").items()
    }


@lru_cache
def _nominal_shares(mode: str) -> Mapping[tuple[int, int], float]:
    """Of a scalability mode (W3C webrtc-svc, section 6) such as L3T3_KEY: how its layers share the
    bitrate, as libwebrtc's encoders do about."""
    spatial, temporal = int(mode[1]), int(mode[3])
    return {
        (s, t): by_size * by_rate
        for s, by_size in enumerate(_BY_SIZE[spatial])
        for t, by_rate in enumerate(_BY_FRAME_RATE[temporal])
    }


_BY_SIZE = {1: (1.0,), 2: (0.25, 0.75), 3: (0.1, 0.25, 0.65)}
_BY_FRAME_RATE = {1: (1.0,), 2: (0.6, 0.4), 3: (0.4, 0.2, 0.4)}
