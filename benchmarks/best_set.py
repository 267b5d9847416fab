"""What a receiver could get at best: which encodings of the cameras it shows fit into its link."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Final

from benchmarks.clips import Clip

FILLED: Final = 0.85
"""Share of a link that media may fill; the rest is for retransmissions, probes and changes."""


def best_set(clips: Sequence[Clip], cameras: int, room: float | None) -> tuple[Clip | None, ...]:
    """One whole encoding (or none) of each camera, the largest ones first, as many bits/s in all as
    fit into `room`; None: no limit."""
    ordered = [*sorted(clips, key=Clip.bitrate, reverse=True), None]
    sets = itertools.combinations_with_replacement(ordered, cameras)
    fitting = (found for found in sets if room is None or bitrate(found) <= room)
    return max(fitting, key=bitrate)


def even_set(clips: Sequence[Clip], cameras: int, room: float | None) -> tuple[Clip | None, ...]:
    """The same where nobody gets the next better encoding before everybody has this one: what a
    fair allocator can do without temporal layers."""
    found: list[Clip | None] = [None] * cameras
    for better in sorted(clips, key=Clip.bitrate):
        for camera in range(cameras):
            tried = [*found[:camera], better, *found[camera + 1 :]]
            if room is None or bitrate(tried) <= room:
                found = tried
    return tuple(found)


def bitrate(chosen: Sequence[Clip | None]) -> float:
    """Bits/s."""
    return sum(clip.bitrate() for clip in chosen if clip is not None)
