"""Percentiles of latencies."""

from __future__ import annotations

import pytest

from benchmarks.latency import Latency, latency, percentile


@pytest.mark.parametrize(
    ("ages", "share", "expected"),
    [
        ({7: 1}, 0.5, 7),
        ({7: 1}, 0.99, 7),
        ({1: 1, 2: 1}, 0.5, 1),
        ({1: 1, 2: 1, 3: 1}, 0.5, 2),
        ({1: 99, 50: 1}, 0.99, 1),
        ({1: 98, 50: 2}, 0.99, 50),
        ({50: 2, 1: 98}, 0.99, 50),
    ],
)
def test_percentile(ages: dict[int, int], share: float, expected: int) -> None:
    assert percentile(ages, share) == expected


def test_latency() -> None:
    assert latency({10: 60, 20: 39, 900: 1}) == Latency(samples=100, p50=10, p99=20, most=900)
    assert latency({}) is None
