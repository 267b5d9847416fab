"""How long packets were on their way, told in a few numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Latency:
    """µs from just before the publisher's send call to the arrival at a receiver's socket."""

    samples: int
    p50: int
    p99: int
    most: int


def latency(ages: Mapping[int, int]) -> Latency | None:
    """None without any sample."""
    samples = sum(ages.values())
    if not samples:
        return None
    return Latency(samples, percentile(ages, 0.5), percentile(ages, 0.99), max(ages))


def percentile(ages: Mapping[int, int], share: float) -> int:
    """The least age that `share` of the samples do not exceed (nearest rank)."""
    rank = share * sum(ages.values())
    seen = 0
    for age in sorted(ages):
        seen += ages[age]
        if seen >= rank:
            return age
    raise ValueError("no samples")
