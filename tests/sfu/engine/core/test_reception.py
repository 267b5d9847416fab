"""Receiver reports say the same as those of `sfu.rtp.reception`."""

from __future__ import annotations

import ctypes
from ctypes import byref

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sfu.rtp import reception
from tests.sfu.engine.core.library import Reception, ReportBlock
from tests.sfu.engine.core.test_rtcp import fields_of
from tests.sfu.rtp.strategies import uint16, uint32, uint64


class Pair:
    def __init__(self, core: ctypes.CDLL, clock_rate: int) -> None:
        self._core = core
        self.c = Reception()
        self.python = reception.Reception(clock_rate)
        core.reception_init(byref(self.c), clock_rate)

    def received(self, sequence: int, timestamp: int, now: float) -> None:
        self._core.reception_received(byref(self.c), sequence, timestamp, now)
        self.python.received(sequence, timestamp, now)

    def sender_report(self, ntp: int, now: float) -> None:
        self._core.reception_sender_report(byref(self.c), ntp, now)
        self.python.sender_report(ntp, now)

    def report(self, now: float) -> tuple[int, ...] | None:
        block = ReportBlock()
        said = self._core.reception_report(byref(self.c), 7, now, byref(block))
        expected = self.python.report(7, now)
        assert (fields_of(block) if said else None) == (expected and fields_of(expected))
        return fields_of(block) if said else None

    def check(self) -> None:
        assert self._core.reception_lost(byref(self.c)) == self.python.lost
        assert self.c.jitter / self.c.clock_rate == self.python.jitter
        assert self.c.packets == self.python.packets


steps = st.tuples(
    st.floats(0, 0.1) | st.sampled_from([0.0, 1.0, 4.9, 70_000.0]),
    st.one_of(
        st.tuples(st.just("received"), st.integers(-5, 10) | uint16, st.integers(-500, 500)),
        st.tuples(st.just("received"), st.just(1), st.integers(-(2**31), 2**31)),
        st.tuples(st.just("sender report"), uint64, st.just(0)),
        st.tuples(st.just("report"), st.just(0), st.just(0)),
    ),
)


@settings(max_examples=250)
@given(st.sampled_from([48_000, 90_000]), uint16, uint32, st.lists(steps, max_size=60))
def test_same_course(
    core: ctypes.CDLL,
    clock_rate: int,
    sequence: int,
    base: int,
    walk: list[tuple[float, tuple[str, int, int]]],
) -> None:
    pair = Pair(core, clock_rate)
    now = 100.0
    pair.report(now)
    for elapsed, (kind, value, noise) in walk:
        now += elapsed
        if kind == "received":
            sequence = sequence + value & 0xFFFF
            pair.received(sequence, base + int(now * clock_rate) + noise & 0xFFFF_FFFF, now)
        elif kind == "sender report":
            pair.sender_report(value, now)
        else:
            pair.report(now)
        pair.check()


def test_same_when_everything_is_lost(core: ctypes.CDLL) -> None:
    """More than 24 bits of packets."""
    pair = Pair(core, 90_000)
    for index in range(300):
        pair.received(index * 0x7FFF & 0xFFFF, 0, 0.0)
    pair.check()
    block = pair.report(1.0)
    assert block is not None
    assert block[1:3] == (255, 0x7F_FFFF)


@pytest.mark.parametrize("duplicates", [5, 1 << 24])
def test_same_when_packets_come_twice(core: ctypes.CDLL, duplicates: int) -> None:
    pair = Pair(core, 90_000)
    pair.received(1, 0, 0.0)
    pair.c.packets += duplicates
    pair.python.packets += duplicates
    block = pair.report(1.0)
    assert block is not None
    assert block[1:3] == (0, max(-duplicates, -0x80_0000))


def test_same_when_time_runs_backwards(core: ctypes.CDLL) -> None:
    pair = Pair(core, 90_000)
    pair.received(1, 0, 5.0)
    pair.sender_report(0x1234_5678_9ABC_DEF0, 5.0)
    block = pair.report(4.0)
    assert block is not None
    assert block[5:] == (0x5678_9ABC, 0)
