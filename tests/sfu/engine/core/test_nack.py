"""What is missing, and when it is asked for, is the same as by `sfu.rtp.nack`."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import byref
from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sfu.rtp import nack
from tests.sfu.engine.core.library import NackGenerator, no_memory
from tests.sfu.rtp.strategies import uint16


class Pair:
    """Both generators, told and asked the same."""

    def __init__(self, core: ctypes.CDLL) -> None:
        self._core = core
        self.c = NackGenerator()
        self._python = nack.NackGenerator()
        core.nack_init(byref(self.c))
        self.newest = 0
        self.now = 0.0

    def check(self) -> None:
        assert self.c.count == len(self._python)
        assert self.c.next_due == self._python.next_due
        assert self.c.round_trip == self._python.round_trip

    def received(self, sequence: int) -> None:
        self._core.nack_received(byref(self.c), sequence, self.now)
        self._python.received(sequence, self.now)
        self.newest = sequence

    def clear_before(self, sequence: int) -> None:
        self._core.nack_clear_before(byref(self.c), sequence)
        self._python.clear_before(sequence)

    def due(self) -> list[int]:
        asked = (ctypes.c_uint16 * nack.MAX_ASKED)()
        count = self._core.nack_due(byref(self.c), self.now, asked)
        numbers = self._python.due(self.now)
        assert asked[:count] == numbers
        return numbers

    def set_round_trip(self, seconds: float) -> None:
        self.c.round_trip = self._python.round_trip = seconds


@contextmanager
def both(core: ctypes.CDLL) -> Iterator[Pair]:
    pair = Pair(core)
    pair.check()
    yield pair
    core.nack_free(byref(pair.c))


steps = st.tuples(
    st.sampled_from([0.0, 0.0, 0.001, 0.01, 0.02, 0.1, 0.7]),
    st.one_of(
        st.tuples(st.just("received"), st.integers(-30, 30)),
        st.tuples(st.just("received"), st.sampled_from([250, 999, 1000, 1001, 1002, 0x8000])),
        st.tuples(st.just("clear"), st.integers(-30, 5)),
        st.tuples(st.just("due"), st.just(0)),
        st.tuples(st.just("round trip"), st.sampled_from([0, 20, 150])),
    ),
)


@settings(max_examples=250)
@given(first=uint16, walk=st.lists(steps, max_size=60))
def test_same_course(
    core: ctypes.CDLL, first: int, walk: list[tuple[float, tuple[str, int]]]
) -> None:
    with both(core) as pair:
        pair.received(first)
        for elapsed, (kind, value) in walk:
            pair.now += elapsed
            if kind == "received":
                pair.received(pair.newest + value & 0xFFFF)
            elif kind == "clear":
                pair.clear_before(pair.newest + value & 0xFFFF)
            elif kind == "due":
                pair.due()
            else:
                pair.set_round_trip(value / 1000)
            pair.check()


def test_asked_until_given_up(core: ctypes.CDLL) -> None:
    with both(core) as pair:
        pair.received(0xFFF0)
        pair.received(0x0005)
        rounds = 0
        while pair.c.count:
            pair.now = pair.c.next_due
            rounds += bool(pair.due())
            pair.check()
        assert rounds == nack.MAX_TRIES


@pytest.mark.parametrize(("now", "asked"), [(1.0, [2]), (1.001, [])])
def test_asked_until_it_is_of_no_use(core: ctypes.CDLL, now: float, asked: list[int]) -> None:
    with both(core) as pair:
        pair.received(1)
        pair.received(3)
        pair.now = now
        assert pair.due() == asked
        pair.check()


def test_the_oldest_of_too_many_are_forgotten(core: ctypes.CDLL) -> None:
    """Losses that keep the list full, in more than one turn of the numbers."""
    with both(core) as pair:
        pair.received(0)
        for _ in range(200):
            pair.received(pair.newest + 701 & 0xFFFF)
            pair.now += 0.003
            pair.due()
            pair.check()
        assert pair.c.count == nack.MAX_MISSING


def test_without_memory_nothing_is_asked_for(core: ctypes.CDLL) -> None:
    with both(core) as pair:
        core.nack_received(byref(pair.c), 1, 0.0)
        with no_memory(core):
            core.nack_received(byref(pair.c), 3, 0.0)
        assert pair.c.count == 0
        assert pair.c.next_due == inf
        core.nack_received(byref(pair.c), 5, 0.0)
        assert pair.c.count == 1
