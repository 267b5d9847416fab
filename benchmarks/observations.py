"""Reads what observed_server.py noted."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

TICK = 0.1
"""Seconds between looks at a value that was told only when it changed."""


@dataclass(slots=True)
class Observations:
    lags: list[tuple[float, float]] = field(default_factory=list)
    """When the event loop was looked at (time.monotonic), and how late it was, seconds."""
    estimates: dict[str, list[tuple[float, int]]] = field(default_factory=dict)
    """By ufrag: from when on, bits/s."""

    def lag(self, share: float, begin: float, end: float) -> float:
        """Percentile of the lags then, in seconds."""
        return percentile([lag for time, lag in self.lags if begin <= time < end], share)

    def estimate(self, ufrag: str, begin: float, end: float) -> list[int]:
        """At each `TICK` of that time, as far as there was one."""
        told = self.estimates.get(ufrag, [])
        found = []
        index, current = 0, None
        for tick in range(int((end - begin) / TICK)):
            while index < len(told) and told[index][0] <= begin + tick * TICK:
                current = told[index][1]
                index += 1
            if current is not None:
                found.append(current)
        return found


def read(file: Path) -> Observations:
    found = Observations()
    for line in file.read_text().splitlines():
        _take(found, line)
    return found


def _take(found: Observations, line: str) -> None:
    try:
        note = json.loads(line)
    except ValueError:
        return  # the server was ended while it wrote
    if "lag" in note:
        found.lags.append((note["time"], note["lag"]))
    elif note["ufrag"] is not None:
        found.estimates.setdefault(note["ufrag"], []).append((note["time"], note["estimate"]))


def percentile(values: Iterable[float], share: float) -> float:
    """0 where there are none."""
    ordered = sorted(values)
    if not ordered:
        return 0.0
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def median(values: Sequence[float]) -> float | None:
    return statistics.median(values) if values else None
