from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.rtp.history import CAPACITY, MAX_AGE, MAX_RESENDS, History, ResendLimit


def holding(*sequences: int, capacity: int = 8) -> History[str]:
    history: History[str] = History(capacity)
    for sequence in sequences:
        history.put(sequence, 0.0, f"packet {sequence}")
    return history


def test_gives_back_what_was_put() -> None:
    history = holding(0xFFFF, 0x10000, 0x10001)
    assert history.get(0xFFFF, 0.1) == "packet 65535"
    assert history.get(0x10001, 0.1) == "packet 65537"
    assert history.get(0xFFFF, 0.2) == "packet 65535"


@pytest.mark.parametrize("sequence", [0, 9, 10, 0x10001, -7])
def test_knows_nothing_of_what_was_not_put(sequence: int) -> None:
    assert History[str](8).get(sequence, 0.0) is None
    assert holding(1).get(sequence, 0.0) is None


def test_forgets_what_is_too_old() -> None:
    assert holding(1).get(1, MAX_AGE) is not None
    assert holding(1).get(1, MAX_AGE + 0.001) is None


def test_clear_forgets_everything() -> None:
    history = holding(1)
    history.clear()
    assert history.get(1, 0.0) is None
    assert history.after(0, 0.0) == []
    history.put(1, 0.0, "again")
    assert history.get(1, 0.0) == "again"


def test_after_gives_what_is_newer_in_order() -> None:
    history = holding(5, 9, 7, 8)
    assert history.after(5, 0.0) == ["packet 7", "packet 8", "packet 9"]
    assert history.after(9, 0.0) == []
    assert history.after(5, MAX_AGE + 0.001) == []


@given(st.integers(0, 1 << 17), st.lists(st.integers(1, 4), min_size=1, max_size=40))
def test_holds_the_newest_and_not_more(start: int, steps: list[int]) -> None:
    sequences = [start]
    for step in steps:
        sequences.append(sequences[-1] + step)
    history = holding(*sequences)
    for sequence in sequences:
        found = history.get(sequence, 0.0)
        if sequence > sequences[-1] - 8:
            assert found == f"packet {sequence}"
        else:
            assert found in (None, f"packet {sequence}")


def test_sends_again_once_per_round_trip() -> None:
    limit = ResendLimit()
    times = [step * 0.01 for step in range(1, 50)]
    assert [time for time in times if limit.take(1, time, 0.095)] == pytest.approx(
        [0.01, 0.11, 0.21, 0.31, 0.41]
    )
    assert limit.take(2, 0.01, 0.095)


def test_sends_again_a_few_times_only() -> None:
    limit = ResendLimit()
    assert sum(limit.take(1, step * 0.01, 0.0) for step in range(50)) == MAX_RESENDS


def test_remembers_so_many_packets_only() -> None:
    limit = ResendLimit()
    for sequence in range(CAPACITY + 1):
        assert limit.take(sequence, 0.0, 1.0)
    assert limit.take(0, 0.0, 1.0), "the oldest is forgotten"
    assert not limit.take(CAPACITY, 0.0, 1.0), "the newest is not"
