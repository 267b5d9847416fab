from __future__ import annotations

from signaling.bucket import TokenBucket


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
    assert bucket.take(0.0, tokens=5)
