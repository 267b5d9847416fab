"""Transport-wide feedback is read as an independent writer wrote it, and written as an independent
reader reads it."""

from __future__ import annotations

import ctypes
from ctypes import byref, c_size_t, c_uint8, c_uint32

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.sfu.engine.core.library import Edge, TwccReader, TwccStatus
from tests.sfu.rtp.strategies import uint16, uint32
from tests.support import twcc

MAX_SIZE = 1200
HEAD = 20
"""Bytes before the chunks: of the RTCP header too."""

gaps = st.one_of(st.integers(1, 3), st.integers(1, 300))
steps = st.one_of(
    st.integers(0, 8), st.integers(0, 255), st.integers(-300, 300), st.integers(-32768, 32767)
)


@st.composite
def arrivals(draw: st.DrawFn) -> dict[int, int]:
    """Ticks by number; both may go beyond their wrapping."""
    number = draw(uint16)
    time = draw(st.one_of(st.integers(40_000, 100_000), st.integers(2**32 - 1000, 2**32 + 1000)))
    came = {}
    for gap, step in draw(st.lists(st.tuples(gaps, steps), min_size=1, max_size=60)):
        came[number] = time
        number += gap
        time += step
    return came


def read(core: ctypes.CDLL, edge: Edge, packet: bytes) -> list[tuple[int, int, int | None]] | None:
    """(first, count, ticks or None) of each status; None if it is malformed."""
    body = packet[4:]
    reader, status = TwccReader(), TwccStatus()
    if not core.twcc_read(edge.put(body), len(body), byref(reader)):
        return None
    statuses = []
    while core.twcc_next(byref(reader), byref(status)):
        ticks = status.ticks if status.received else None
        statuses.append((status.sequence, status.count, ticks))
    return statuses


def flat(statuses: list[tuple[int, int, int | None]]) -> list[tuple[int, int | None]]:
    return [((first + i) & 0xFFFF, ticks) for first, count, ticks in statuses for i in range(count)]


def write(
    core: ctypes.CDLL, base: int, ticks: list[int], sender: int = 1, media: int = 2, count: int = 3
) -> tuple[bytes, int]:
    room = (c_uint8 * (MAX_SIZE + 1))(*bytes(MAX_SIZE) + b"\xa5")
    told = c_size_t()
    size = core.twcc_write(
        room, sender, media, count, base, (c_uint32 * len(ticks))(*ticks), len(ticks), byref(told)
    )
    assert size <= MAX_SIZE
    assert room[MAX_SIZE] == 0xA5
    return bytes(room[:size]), told.value


@settings(max_examples=150)
@given(came=arrivals(), form=st.sampled_from(["runs", "narrow", "wide"]))
def test_reads_what_receivers_write(
    core: ctypes.CDLL, edge: Edge, came: dict[int, int], form: str
) -> None:
    seconds = {number: ticks * twcc.TICK for number, ticks in came.items()}
    try:
        packet = twcc.feedback(seconds, chunks=form)
    except OverflowError:
        assume(False)
    statuses = read(core, edge, packet)
    assert statuses is not None
    assert flat(statuses) == [
        (number & 0xFFFF, came[number] & 0xFFFFFFFF if number in came else None)
        for number in range(min(came), max(came) + 1)
    ]


@settings(max_examples=150)
@given(came=arrivals(), sender=uint32, media=uint32, count=st.integers(0, 255))
def test_writes_what_senders_read(
    core: ctypes.CDLL, came: dict[int, int], sender: int, media: int, count: int
) -> None:
    base = min(came)
    left = [(came.get(number, 0) & 0xFFFFFFFF) for number in range(base, max(came) + 1)]
    left = [ticks or 1 if base + i in came else 0 for i, ticks in enumerate(left)]
    expected = {(base + i) & 0xFFFF: ticks for i, ticks in enumerate(left) if ticks}
    told_of: dict[int, int] = {}
    while left:
        packet, told = write(core, base & 0xFFFF, left, sender, media, count)
        told_so_far = twcc.parse(packet)
        assert told_so_far.sender == sender
        assert told_so_far.media == media
        assert told_so_far.feedback_count == count
        assert told_so_far.base == base & 0xFFFF
        assert told_so_far.count == told > 0
        told_of |= {number: ticks & 0xFFFFFFFF for number, ticks in told_so_far.ticks.items()}
        left = left[told:]
        base += told
    assert told_of == expected


def test_a_packet_holds_no_more_than_fits(core: ctypes.CDLL) -> None:
    ticks = [100_000 + 300 * i for i in range(2000)]
    packet, told = write(core, 0, ticks)
    assert 1000 < len(packet) <= MAX_SIZE
    assert 0 < told < 2000
    assert sorted(twcc.parse(packet).ticks) == list(range(told))


def test_losses_alone_say_nothing(core: ctypes.CDLL) -> None:
    packet, told = write(core, 7, [0] * 100)
    assert (len(packet), told) == (HEAD, 0)


def test_many_in_order_take_little_room(core: ctypes.CDLL) -> None:
    packet, told = write(core, 0, [100_000 + 4 * i for i in range(100)])
    assert told == 100
    assert len(packet) == HEAD + 2 + 100 + 2


@settings(max_examples=300)
@given(data=st.binary(max_size=80), base=uint16)
def test_whatever_comes_is_refused_or_adds_up(
    core: ctypes.CDLL, edge: Edge, data: bytes, base: int
) -> None:
    packet = bytes(12) + base.to_bytes(2, "big") + data
    statuses = read(core, edge, packet)
    if statuses is None:
        return
    count = int.from_bytes(data[:2], "big")
    assert sum(status[1] for status in statuses) == count
    assert statuses[0][0] == base


CAME = twcc.feedback({number: number * 0.001 for number in range(100, 130)}, chunks="wide")


@pytest.mark.parametrize("size", range(4, len(CAME) - 3))
def test_a_cut_one_is_refused(core: ctypes.CDLL, edge: Edge, size: int) -> None:
    assert read(core, edge, CAME[:size]) is None


def changed(*edits: tuple[int, int]) -> bytes:
    packet = bytearray(CAME)
    for place, byte in edits:
        packet[place] = byte
    return bytes(packet)


@pytest.mark.parametrize(
    "packet",
    [
        pytest.param(changed((14, 0), (15, 0)), id="about nothing"),
        pytest.param(changed((14, 0xFF), (15, 0xFF)), id="about more than it says"),
        pytest.param(changed((20, 0x60), (21, 30)), id="a run of reserved symbols"),
        pytest.param(changed((20, 0x20), (21, 0)), id="a run of none"),
        pytest.param(changed((20, 0xFF)), id="reserved symbols in a vector"),
        pytest.param(changed((20, 0x5F), (21, 0xFF)), id="deltas that are not there"),
    ],
)
def test_nonsense_is_refused(core: ctypes.CDLL, edge: Edge, packet: bytes) -> None:
    assert read(core, edge, CAME) is not None
    assert read(core, edge, packet) is None


def test_a_run_may_be_longer_than_what_it_is_about(core: ctypes.CDLL, edge: Edge) -> None:
    packet = twcc.header(20) + bytes(8) + b"\0\5\0\3" + bytes(4) + b"\x1f\xff\0\0"
    assert read(core, edge, packet) == [(5, 3, None)]
