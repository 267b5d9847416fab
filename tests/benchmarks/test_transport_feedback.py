"""Transport-wide feedback, read back by the server's own parser of another origin."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.transport_feedback import TransportFeedback, Unwrap16
from tests.support.examples import examples

TICK = 0.00025
MEDIA = 0xABCD


def read(packet: bytes) -> tuple[int, list[float | None]]:
    """The first number, and when each came (seconds), by draft-holmer-rmcat-transport-wide-cc."""
    first, kind, words = struct.unpack_from("!BBH", packet)
    assert (first & 0x1F, kind) == (15, 205)
    assert len(packet) == 4 * (words + 1)
    base, count, reference = struct.unpack_from("!HHI", packet, 12)
    statuses: list[int] = []
    position = 20
    while len(statuses) < count:
        (chunk,) = struct.unpack_from("!H", packet, position)
        position += 2
        if chunk >> 15 == 0:
            statuses += [chunk >> 13 & 3] * (chunk & 0x1FFF)
        elif chunk >> 14 & 1:
            statuses += [chunk >> shift & 3 for shift in range(12, -1, -2)]
        else:
            statuses += [chunk >> shift & 1 for shift in range(13, -1, -1)]
    time = (reference >> 8) * 64 * 0.001
    arrivals: list[float | None] = []
    for status in statuses[:count]:
        if status == 0:
            arrivals.append(None)
            continue
        size, form = (1, "!B") if status == 1 else (2, "!h")
        (delta,) = struct.unpack_from(form, packet, position)
        position += size
        time += delta * TICK
        arrivals.append(time)
    padding = packet[-1] if first & 0x20 else 0
    assert position + padding == len(packet)
    return base, arrivals


@examples(200)
@given(
    st.integers(0, 0xFFFF),
    st.lists(st.none() | st.floats(-0.05, 3.0), min_size=1, max_size=60),
)
def test_what_came_when_can_be_read_back(start: int, gaps: list[float | None]) -> None:
    feedback = TransportFeedback(1)
    now, told = 100.0, {}
    for number, gap in enumerate(gaps, start):
        if gap is not None:
            now += gap
            told[number & 0xFFFF] = now
            feedback.add(now, number & 0xFFFF)
    packet = feedback.build(now, MEDIA)
    if not told:
        assert packet is None
        return
    assert packet is not None
    base, arrivals = read(packet)
    assert struct.unpack_from("!II", packet, 4) == (1, MEDIA)
    assert base == next(iter(told))
    read_back = {base + place & 0xFFFF: at for place, at in enumerate(arrivals) if at is not None}
    assert read_back.keys() == told.keys()
    for number, at in told.items():
        assert read_back[number] == pytest.approx(at, abs=2 * TICK)


def test_nothing_is_told_twice_and_gaps_stay_gaps() -> None:
    feedback = TransportFeedback(1)
    for number in (7, 9):
        feedback.add(1.0, number)
    first = feedback.build(1.0, MEDIA)
    assert first is not None
    assert feedback.build(1.1, MEDIA) is None
    feedback.add(1.2, 12)
    second = feedback.build(1.2, MEDIA)
    assert second is not None
    assert [at is None for at in read(first)[1]] == [False, True, False]
    assert read(second)[0] == 12
    assert (first[19], second[19]) == (0, 1)  # feedback packet count


def test_a_late_packet_is_told_of() -> None:
    feedback = TransportFeedback(1)
    for number in (7, 9):
        feedback.add(1.0, number)
    feedback.build(1.0, MEDIA)
    feedback.add(1.1, 8)
    packet = feedback.build(1.1, MEDIA)
    assert packet is not None
    base, arrivals = read(packet)
    assert base == 8
    assert arrivals[0] == pytest.approx(1.1, abs=2 * TICK)


@given(st.integers(0, 0xFFFF), st.lists(st.integers(-300, 300)))
def test_numbers_unwrap(start: int, steps: list[int]) -> None:
    unwrap = Unwrap16()
    assert unwrap(start) == start
    highest = start
    for step in steps:
        expected = highest + step
        assert unwrap(expected & 0xFFFF) == expected
        highest = max(highest, expected)
