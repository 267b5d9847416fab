"""The nouns a room deals in, shared by signaling and media."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from sfu.engine.interface import Kind


class TrackSource(StrEnum):
    """What a track shows. One of each per participant."""

    MICROPHONE = "microphone"
    CAMERA = "camera"
    SCREEN = "screen"
    SCREEN_AUDIO = "screen_audio"

    @property
    def kind(self) -> Kind:
        audio = self in (TrackSource.MICROPHONE, TrackSource.SCREEN_AUDIO)
        return Kind.AUDIO if audio else Kind.VIDEO


class Size(NamedTuple):
    """Of a picture, in pixels."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class ViewItem:
    """One track a client shows: size of its tile in device pixels; higher priority wins a slot."""

    track_id: str
    width: int
    height: int
    priority: int = 0


@dataclass(frozen=True, slots=True)
class SlotState:
    """What one receiving m-line carries. Audio slot k and video slot k share one msid stream id."""

    kind: Kind
    slot: int
    mid: str
    track_id: str | None = None
    participant_id: str | None = None
    timestamp: int | None = None
    """RTP timestamp from which frames belong to `track_id`; earlier ones (mod 2^32) do not."""
    problem: str | None = None
    """`unsupported_codec`: the receiver did not negotiate the codec this track is sent in.
    `bandwidth`: it is paused because the way to the receiver carries no more."""


@dataclass(frozen=True, slots=True)
class SlotsState:
    """All slots of one participant, as of `revision` (rises by one with each change)."""

    revision: int
    slots: tuple[SlotState, ...]
