"""Publication: a track offered to the room, and the layers it arrives in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from sfu.engine.interface import Codec, Kind, LayerRate, SourceId
from sfu.tracks import Size, TrackSource


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
    codec: Codec | None = None
    """None while nothing arrives."""
    rates: tuple[LayerRate, ...] = ()

    def became_active(self, codec: Codec) -> None:
        self.codec = codec
        self.line.changed()

    def rates_measured(self, rates: tuple[LayerRate, ...]) -> None:
        """What arrives, layer by layer."""
        self.rates = rates

    def became_silent(self) -> None:
        self.codec = None
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
    track_id: str | None = None
    """What is published on it now."""

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

    @property
    def source(self) -> SourceId | None:
        return self.line.best.source if self.line else None

    @property
    def codec(self) -> Codec | None:
        return self.line.best.codec if self.line else None
