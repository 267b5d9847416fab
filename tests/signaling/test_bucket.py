from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.bucket import Buckets, Rate, TokenBucket

RATES = st.builds(Rate, per_second=st.floats(0.01, 1000), burst=st.integers(1, 1000).map(float))
PAUSES = st.lists(st.floats(0, 100), max_size=200)


def test_a_burst_passes_and_then_the_rate() -> None:
    bucket = TokenBucket(rate=10, burst=3, now=0.0)
    assert [bucket.take(0.0) for _ in range(4)] == [True, True, True, False]
    assert not bucket.take(0.05)
    assert bucket.take(0.1)
    assert not bucket.take(0.1)


def test_a_long_silence_fills_no_more_than_the_burst() -> None:
    bucket = TokenBucket(rate=10, burst=3, now=0.0)
    assert [bucket.take(1000.0) for _ in range(4)].count(True) == 3


def test_what_is_refused_costs_nothing() -> None:
    bucket = TokenBucket(rate=1, burst=5, now=0.0)
    assert not bucket.take(0.0, tokens=6)
    assert bucket.wait(tokens=6) == math.inf
    assert bucket.take(0.0, tokens=5)


@given(rate=RATES, pauses=PAUSES)
def test_never_more_pass_than_the_rate_and_the_burst_allow(rate: Rate, pauses: list[float]) -> None:
    buckets: Buckets[str] = Buckets(rate)
    now, passed = 0.0, 0
    for pause in pauses:
        now += pause
        wait = buckets.take("x", now)
        passed += not wait
        assert passed <= rate.burst + now * rate.per_second + 1e-6
        if wait:  # and it is told truly when the next may
            assert buckets.take("x", now + wait * 0.99 - 1e-6) > 0
            now += wait + 1e-6
            assert buckets.take("x", now) == 0.0
            passed += 1


def test_one_key_does_not_use_up_another_s() -> None:
    buckets: Buckets[str] = Buckets(Rate(1, 2))
    assert [buckets.take("x", 0.0) for _ in range(3)] == [0.0, 0.0, 1.0]
    assert buckets.take("y", 0.0) == 0.0


def test_what_was_taken_for_nothing_is_given_back() -> None:
    buckets: Buckets[str] = Buckets(Rate(1, 2))
    for _ in range(10):
        assert buckets.take("x", 0.0) == 0.0
        buckets.give_back("x")
    buckets.give_back("x")  # no more than there may be
    buckets.give_back("y")
    assert [buckets.take("x", 0.0) for _ in range(3)] == [0.0, 0.0, 1.0]


def test_memory_is_bounded_and_the_busy_are_remembered() -> None:
    buckets: Buckets[int] = Buckets(Rate(0.001, 1), most=100)
    assert buckets.take(-1, 0.0) == 0.0
    for number in range(10_000):
        assert buckets.take(number, 0.0) == 0.0
        assert buckets.take(-1, 0.0) > 0
        assert len(buckets) <= 100


@pytest.mark.parametrize(("factor", "burst"), [(2.0, 8.0), (0.5, 2.0), (0.001, 1.0)])
def test_a_rate_times_a_factor_lets_at_least_one_pass(factor: float, burst: float) -> None:
    assert Rate(10, 4).times(factor) == Rate(10 * factor, burst)
