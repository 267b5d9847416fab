"""What an engine's thread has had to do, and how long datagrams took."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field

BOUNDS = (0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1)
"""Seconds; as in core/thread.h."""


@dataclass(slots=True)
class EngineLoad:
    cpu: float | None = None
    """Seconds of the processor that the engine's thread has used; None where it has none of its
    own."""
    delays: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    """Datagrams, by the time from when they were read until all that they caused was sent: up to
    each of `BOUNDS`, and longer. What waits in the pacer is not in it."""
    delay_sum: float = 0.0
    """Seconds."""

    def count(self, datagrams: int, seconds: float) -> None:
        self.delays[bisect_left(BOUNDS, seconds)] += datagrams
        self.delay_sum += datagrams * seconds
