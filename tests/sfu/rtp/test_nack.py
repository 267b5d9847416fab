from __future__ import annotations

from math import inf
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.rtp.nack import (
    MAX_AGE,
    MAX_ASKED,
    MAX_MISSING,
    MAX_TRIES,
    REORDER_TOLERANCE,
    NackGenerator,
)
from tests.sfu.rtp.strategies import uint16

SOON = REORDER_TOLERANCE


def after(*sequences: int, now: float = 0.0, round_trip: float = 0.1) -> NackGenerator:
    generator = NackGenerator(round_trip)
    for sequence in sequences:
        generator.received(sequence & 0xFFFF, now)
    return generator


@pytest.mark.parametrize(
    ("received", "missing"),
    [
        ([5], []),
        ([5, 6, 7], []),
        ([5, 7], [6]),
        ([5, 9], [6, 7, 8]),
        ([5, 7, 9], [6, 8]),
        ([5, 8, 6], [7]),
        ([5, 7, 6], []),
        ([5, 4, 6], []),
        ([5, 5, 6], []),
        ([0xFFFE, 1], [0xFFFF, 0]),
        ([0xFFFE, 1, 0xFFFF], [0]),
        ([0, 0xFFFF, 2], [1]),
    ],
)
def test_asks_for_what_is_missing(received: list[int], missing: list[int]) -> None:
    generator = after(*received)
    assert generator.due(SOON) == missing
    assert len(generator) == len(missing)


def test_waits_for_packets_that_were_overtaken() -> None:
    generator = after(1, 3)
    assert generator.next_due == SOON
    assert generator.due(SOON * 0.9) == []
    assert generator.received(2, SOON * 0.9) is True
    assert generator.due(SOON) == []
    assert generator.next_due == inf


def test_each_gap_waits_for_itself() -> None:
    generator = after(1, 3)
    generator.received(5, SOON / 2)
    assert generator.due(SOON) == [2]
    assert generator.next_due == SOON * 1.5
    assert generator.due(SOON * 1.5) == [4]


def test_asks_again_after_a_round_trip() -> None:
    generator = after(1, 3, round_trip=0.2)
    assert generator.due(SOON) == [2]
    assert generator.next_due == pytest.approx(SOON + 0.2)
    assert generator.due(SOON + 0.19) == []
    assert generator.due(SOON + 0.21) == [2]


def test_follows_a_changed_round_trip() -> None:
    generator = after(1, 3, round_trip=0.2)
    generator.round_trip = 0.05
    assert generator.due(SOON) == [2]
    assert generator.due(SOON + 0.06) == [2]


def test_does_not_flood_where_the_round_trip_is_nothing() -> None:
    generator = after(1, 3, round_trip=0.0)
    assert generator.due(SOON) == [2]
    assert generator.due(SOON + 0.001) == []


def test_gives_up_after_some_tries() -> None:
    generator = after(1, 3, round_trip=0.02)
    asked = sum(len(generator.due(step * 0.02)) for step in range(1, 40))
    assert asked == MAX_TRIES
    assert len(generator) == 0
    assert generator.next_due == inf


def test_gives_up_what_is_too_old() -> None:
    generator = after(1, 3, round_trip=0.3)
    times = [time for time in (step * 0.01 for step in range(300)) if generator.due(time)]
    assert max(times) <= MAX_AGE
    assert len(times) == 4
    assert len(generator) == 0


def test_tells_which_packets_had_been_missing() -> None:
    generator = after(1, 4)
    assert [generator.received(sequence, 0.0) for sequence in (2, 2, 5, 1, 3)] == [
        True,
        False,
        False,
        False,
        True,
    ]


def test_a_keyframe_makes_older_gaps_unimportant() -> None:
    generator = after(0xFFFC, 0xFFFE, 1, 4)
    generator.clear_before(2)
    assert generator.due(SOON) == [2, 3]


def test_a_long_jump_is_no_loss() -> None:
    generator = after(1, 3, 3 + MAX_MISSING + 2)
    assert generator.due(SOON) == []
    generator.received(3 + MAX_MISSING + 4, 1.0)
    assert generator.due(1.0 + SOON) == [3 + MAX_MISSING + 3]


def test_the_longest_loss_is_asked_for() -> None:
    generator = after(0, MAX_MISSING + 1)
    assert len(generator) == MAX_MISSING
    assert generator.due(SOON)[0] == 1


def test_asks_for_no_more_than_a_datagram_holds() -> None:
    generator = after(0, MAX_ASKED + 11)
    assert generator.due(SOON) == list(range(1, MAX_ASKED + 1))
    assert generator.next_due <= SOON
    assert generator.due(SOON) == list(range(MAX_ASKED + 1, MAX_ASKED + 11))
    assert generator.due(SOON) == []


@given(uint16, st.lists(st.integers(1, 1500), max_size=10))
def test_the_list_is_bounded_and_keeps_the_newest(start: int, jumps: list[int]) -> None:
    generator = after(start)
    number = start
    missing: list[int] = []
    for jump in jumps:
        missing = [] if jump > MAX_MISSING + 1 else missing + list(range(number + 1, number + jump))
        number += jump
        generator.received(number & 0xFFFF, 0.0)
        assert len(generator) <= MAX_MISSING
    expected = [gone & 0xFFFF for gone in missing[-MAX_MISSING:]]
    asked: list[int] = []
    while generator.next_due <= SOON:
        asked += generator.due(SOON)
    assert asked == expected


@given(uint16, st.sets(st.integers(1, 300)), st.randoms(use_true_random=False))
def test_what_comes_late_is_not_asked_for(start: int, lost: set[int], random: Random) -> None:
    order = [number for number in range(302) if number not in lost]
    generator = after(start)
    # Neighbours change places, as on a network of several paths.
    for index in range(2, len(order) - 1, 2):
        if random.random() < 0.5:
            order[index], order[index + 1] = order[index + 1], order[index]
    for number in order:
        generator.received(start + number & 0xFFFF, 0.0)
    asked: list[int] = []
    while generator.next_due <= SOON:
        asked += generator.due(SOON)
    assert asked == [start + number & 0xFFFF for number in sorted(lost)]
