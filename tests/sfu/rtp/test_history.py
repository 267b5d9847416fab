from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.rtp.history import MAX_AGE, MAX_RESENDS, History
from tests.sfu.rtp.strategies import uint16


def holding(*sequences: int, capacity: int = 8) -> History[str]:
    history: History[str] = History(capacity)
    for sequence in sequences:
        history.put(sequence & 0xFFFF, 0.0, f"packet {sequence & 0xFFFF}")
    return history


def test_gives_back_what_was_put() -> None:
    history = holding(0xFFFF, 0, 1)
    assert [history.get(sequence, 0.1, 0.05) for sequence in (0xFFFF, 0, 1)] == [
        "packet 65535",
        "packet 0",
        "packet 1",
    ]


@pytest.mark.parametrize("sequence", [0, 9, 10, 0x8001])
def test_knows_nothing_of_what_was_not_put(sequence: int) -> None:
    assert History[str](8).get(sequence, 0.0, 0.1) is None
    assert holding(1).get(sequence, 0.0, 0.1) is None


def test_forgets_what_is_too_old() -> None:
    assert holding(1).get(1, MAX_AGE, 0.1) is not None
    assert holding(1).get(1, MAX_AGE + 0.001, 0.1) is None


def test_sends_again_once_per_round_trip() -> None:
    history = holding(1, 2)
    times = [step * 0.01 for step in range(1, 50)]
    assert [time for time in times if history.get(1, time, 0.095)] == pytest.approx(
        [0.01, 0.11, 0.21, 0.31, 0.41]
    )
    assert history.get(2, 0.01, 0.095) is not None


def test_sends_again_a_few_times_only() -> None:
    history = holding(1)
    assert sum(history.get(1, step * 0.01, 0.0) is not None for step in range(50)) == MAX_RESENDS


def test_a_new_packet_in_an_old_place_starts_afresh() -> None:
    history = holding(1)
    while history.get(1, 0.0, 0.0):
        pass
    history.put(9, 0.0, "packet 9")
    assert history.get(9, 0.0, 1.0) == "packet 9"
    history.put(1, 0.0, "again")
    assert history.get(1, 0.0, 1.0) == "again"


def test_clear_forgets_everything() -> None:
    history = holding(1)
    assert history.get(1, 0.0, 1.0)
    history.clear()
    assert history.get(1, 0.0, 1.0) is None
    history.put(1, 0.0, "again")
    assert history.get(1, 0.0, 1.0) == "again"


@given(uint16, st.lists(st.integers(1, 4), min_size=1, max_size=40))
def test_holds_the_newest_and_not_more(start: int, steps: list[int]) -> None:
    sequences = [start]
    for step in steps:
        sequences.append(sequences[-1] + step)
    history = holding(*sequences)
    for sequence in sequences:
        kept = sequence > sequences[-1] - 8
        found = history.get(sequence & 0xFFFF, 0.0, 1.0)
        if kept:
            assert found == f"packet {sequence & 0xFFFF}"
        else:
            assert found in (None, f"packet {sequence & 0xFFFF}")
