"""How the highest rate is looked for."""

from __future__ import annotations

import pytest

from benchmarks.search import highest_rate
from benchmarks.trial import Trial


@pytest.mark.parametrize("limit", [500, 501, 999, 1000, 7_777, 123_456])
def test_finds_the_limit_within_the_step(limit: float) -> None:
    tried = []

    def passes(rate: float) -> bool:
        tried.append(rate)
        return rate <= limit

    best = highest_rate(500, 0.04, passes)
    assert best is not None
    assert best <= limit <= best * 1.04
    assert len(tried) < 18


def test_nothing_passes() -> None:
    assert highest_rate(500, 0.04, lambda _: False) is None


@pytest.mark.parametrize(
    ("trial", "passed", "generator_failed"),
    [
        (Trial(rate=1, kept_up=1, loss=0.0009, overflown=0), True, False),
        (Trial(rate=1, kept_up=1, loss=0.001, overflown=0), False, False),
        (Trial(rate=1, kept_up=0.9, loss=0, overflown=0), False, True),
        (Trial(rate=1, kept_up=1, loss=0.01, overflown=5), False, True),
    ],
)
def test_whose_fault_it_was(trial: Trial, passed: bool, generator_failed: bool) -> None:
    assert (trial.passed, trial.generator_failed) == (passed, generator_failed)
