"""What operators want to know of the media, in numbers, for whoever publishes them.

Nothing here is about a single person. What is counted never falls; what is measured is of now.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from sfu.engine.interface import EngineTotals
from sfu.engine.load import EngineLoad
from sfu.tracks import TrackSource

Outcome = Literal["connected", "timeout", "failed", "abandoned"]
"""Of trying to connect. Abandoned: the client, or we, ended it before it was known."""


@dataclass(slots=True)
class Distribution:
    """Of values, by how large they are."""

    bounds: tuple[float, ...]
    counts: list[int] = field(init=False)
    """Of those up to each bound, and of those beyond the last."""
    sum: float = 0.0

    def __post_init__(self) -> None:
        self.counts = [0] * (len(self.bounds) + 1)

    def add(self, value: float) -> None:
        self.counts[bisect_left(self.bounds, value)] += 1
        self.sum += value


CONNECTING = (0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds."""


@dataclass(slots=True)
class Connecting:
    """How connections came about."""

    ice: Counter[Outcome] = field(default_factory=Counter)
    ice_seconds: Distribution = field(default_factory=lambda: Distribution(CONNECTING))
    """From our answer until the first check has passed."""
    dtls: Counter[Outcome] = field(default_factory=Counter)
    dtls_seconds: Distribution = field(default_factory=lambda: Distribution(CONNECTING))
    """From then until there are keys."""


@dataclass(frozen=True, slots=True)
class EngineFigures:
    """Of one engine, and of the rooms on it."""

    totals: EngineTotals
    load: EngineLoad
    connecting: Connecting
    rooms: int
    participants: int
    publications: dict[TrackSource, int]
    subscriptions: int
    """Slots that carry something."""
    estimates: list[int]
    """Bits/s: what the way to each receiver carries, where that is known."""


def count(sources: Iterable[TrackSource]) -> dict[TrackSource, int]:
    """Those that nobody publishes have a number, too."""
    return dict.fromkeys(TrackSource, 0) | Counter(sources)
