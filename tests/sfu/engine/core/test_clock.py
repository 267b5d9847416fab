"""Clocks are mapped as by `sfu.rtp.clock`, to the last bit."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import byref

from hypothesis import given, settings
from hypothesis import strategies as st

from sfu.rtp import clock
from tests.sfu.engine.core.library import no_memory
from tests.sfu.rtp.strategies import uint32, uint64

RATES = (48_000, 90_000)
"""Sound and picture of one publisher."""


class Pair:
    """Both clocks of one stream."""

    def __init__(
        self, core: ctypes.CDLL, rate: int, c_transport: int, python_transport: clock.TransportClock
    ) -> None:
        self._core = core
        self.c = core.source_clock_new(rate, c_transport)
        self._python = clock.SourceClock(rate, python_transport)

    def received(self, timestamp: int, now: float) -> None:
        self._core.source_clock_received(self.c, timestamp, now)
        self._python.received(timestamp, now)

    def sender_report(self, ntp: int, timestamp: int, now: float) -> None:
        self._core.source_clock_sender_report(self.c, ntp, timestamp, now)
        self._python.sender_report(ntp, timestamp, now)

    def check(self, timestamp: int, time: float) -> None:
        found_time, found_timestamp = ctypes.c_double(), ctypes.c_uint32()
        known = self._core.source_clock_server_time(self.c, timestamp, byref(found_time))
        assert (found_time.value if known else None) == self._python.server_time(timestamp)
        known = self._core.source_clock_timestamp_at(self.c, time, byref(found_timestamp))
        assert (found_timestamp.value if known else None) == self._python.timestamp_at(time)


@contextmanager
def pairs(core: ctypes.CDLL) -> Iterator[list[Pair]]:
    c_transport, python_transport = core.transport_clock_new(), clock.TransportClock()
    streams = [Pair(core, rate, c_transport, python_transport) for rate in RATES]
    core.transport_clock_release(c_transport)
    yield streams
    for stream in streams:
        core.source_clock_release(stream.c)


noise = st.floats(-0.1, 0.1) | st.sampled_from([0.0, -1.99, 1.99, 2.1, -2.1, 100.0])
steps = st.tuples(
    st.floats(0, 1) | st.sampled_from([0.0, 29.9, 30.0, 31.0, 65.0, 50_000.0]),
    st.integers(0, 1),
    st.sampled_from(["received", "received", "report", "false report", "no clock"]),
    noise,
    uint32,
)


@settings(max_examples=300)
@given(
    bases=st.tuples(uint32, uint32),
    start=st.floats(0, 1e6),
    walk=st.lists(steps, max_size=40),
)
def test_same_course(
    core: ctypes.CDLL,
    bases: tuple[int, int],
    start: float,
    walk: list[tuple[float, int, str, float, int]],
) -> None:
    now = start
    with pairs(core) as streams:
        for elapsed, which, kind, late, number in walk:
            now += elapsed
            sent = now - late
            timestamp = bases[which] + int(sent * RATES[which]) & 0xFFFF_FFFF
            stream = streams[which]
            if kind == "received":
                stream.received(timestamp, now)
            else:
                ntp = 0 if kind == "no clock" else clock.ntp64(1.7e9 + sent)
                told = number if kind == "false report" else timestamp
                stream.sender_report(ntp, told, now)
            for other in streams:
                other.check(timestamp, now)
                other.check(number, sent)


def test_nothing_is_known_before_the_first_packet(core: ctypes.CDLL) -> None:
    with pairs(core) as streams:
        for stream in streams:
            stream.sender_report(clock.ntp64(1.7e9), 0, 1.0)
            stream.check(0, 1.0)


def test_nobody_has_no_clock(core: ctypes.CDLL) -> None:
    core.source_clock_release(None)
    core.transport_clock_release(None)


def test_whoever_keeps_a_clock_can_use_it(core: ctypes.CDLL) -> None:
    with pairs(core) as (stream, _):
        stream.received(5, 1.0)
        references = ctypes.c_int.from_address(stream.c)
        references.value += 1
        core.source_clock_release(stream.c)
        assert references.value == 1
        stream.check(7, 2.0)


def test_no_clock_without_memory(core: ctypes.CDLL) -> None:
    transport = core.transport_clock_new()
    with no_memory(core):
        assert core.transport_clock_new() is None
        assert core.source_clock_new(90_000, transport) is None
    assert ctypes.c_int.from_address(transport).value == 1
    core.transport_clock_release(transport)


@given(st.floats(-2_208_988_800, 1e10))
def test_same_ntp_time(core: ctypes.CDLL, unix: float) -> None:
    """The era of 1900 ends within this range, in 2036."""
    assert core.ntp64(unix) == clock.ntp64(unix)


@settings(max_examples=300)
@given(uint64, uint32 | st.just(0), st.integers(-700_000, 700_000), uint32)
def test_same_round_trip(core: ctypes.CDLL, ntp: int, lsr: int, trip: int, dlsr: int) -> None:
    for held in (dlsr, (ntp >> 16) - lsr - trip & 0xFFFF_FFFF):
        seconds = core.round_trip(ntp, lsr, held)
        assert (None if seconds < 0 else seconds) == clock.round_trip(ntp, lsr, held)


def test_same_round_trip_at_the_edges(core: ctypes.CDLL) -> None:
    for trip in (-655_360, -655_359, -1, 0, 1, 655_359, 655_360, -(1 << 31)):
        ntp = 0x12_3456_7890_0000
        lsr = (ntp >> 16) - trip & 0xFFFF_FFFF
        seconds = core.round_trip(ntp, lsr, 0)
        assert (None if seconds < 0 else seconds) == clock.round_trip(ntp, lsr, 0)
