"""The decoder that is none: what it shows, asks for, and gives up."""

from __future__ import annotations

import random

import pytest

from benchmarks.clips import Clip, Encoding
from benchmarks.playout import FREEZE, GIVE_UP, Playout, Shown, describe, freezes
from benchmarks.reception import parse_header
from benchmarks.simulcast import Layer, Sequence16

KEYFRAME = bytes.fromhex("5000009d012a8002e001")
"""640 x 480."""
CLIP = Clip(
    Encoding("q", 640, 480, 1), (KEYFRAME + bytes(2500), *(b"\x31" + bytes(1500) for _ in range(7)))
)
INTERVAL = 1 / 30

Packet = tuple[int, bool, bytes]


def frames(count: int) -> list[list[Packet]]:
    """Number, marker and payload of the packets of each."""
    layer = Layer(7, CLIP, Sequence16())
    found = []
    for number in range(count):
        headers = [(parse_header(data), data) for data in layer.frame(number * INTERVAL)]
        found.append([(h.sequence, h.marker, data[h.size :]) for h, data in headers])
    return found


def give(playout: Playout, now: float, packet: Packet, *, resent: bool = False) -> None:
    playout.receive(now, *packet, resent)


def test_descriptors_of_the_synthetic_camera() -> None:
    pictures = [describe(frame[0][2]) for frame in frames(8)]
    assert [picture.temporal for picture in pictures] == [0, 2, 1, 2] * 2
    assert [picture.height for picture in pictures] == [480] + [None] * 7
    assert all(picture.start for picture in pictures)
    assert not describe(frames(1)[0][1][2]).start


def test_each_whole_frame_is_shown_when_its_last_packet_comes() -> None:
    playout = Playout()
    for number, frame in enumerate(frames(4)):
        for packet in frame:
            give(playout, float(number), packet)
    assert [(shown.time, shown.temporal) for shown in playout.shown] == [
        (0.0, 0), (1.0, 2), (2.0, 1), (3.0, 2)
    ]  # fmt: skip
    assert {shown.height for shown in playout.shown} == {480}
    assert playout.tally.direct == sum(map(len, frames(4)))
    assert playout.tally.share == 1


def test_order_does_not_matter() -> None:
    packets = [packet for frame in frames(4) for packet in frame]
    first, *others = packets
    random.Random(1).shuffle(others)  # noqa: S311 - repeatable on purpose
    playout = Playout()
    for packet in [first, *others]:
        give(playout, 0.0, packet)
    assert len(playout.shown) == 4


def test_a_lost_packet_is_asked_for_until_it_comes() -> None:
    playout = Playout()
    (first, second) = frames(2)
    for packet in first:
        give(playout, 0.0, packet)
    missing, *rest = second
    for packet in rest:
        give(playout, 0.1, packet)
    assert list(playout.ask(0.1)) == [missing[0]]
    assert list(playout.ask(0.15)) == []
    assert list(playout.ask(0.2)) == [missing[0]]
    assert len(playout.shown) == 1
    give(playout, 0.25, missing, resent=True)
    assert playout.shown[-1].time == 0.25
    assert list(playout.ask(0.4)) == []
    assert (playout.tally.recovered, playout.tally.lost) == (1, 0)


def test_what_never_comes_costs_all_until_the_next_keyframe() -> None:
    playout = Playout()
    for number, frame in enumerate(frames(20)):
        now = number * INTERVAL * 3
        for packet in frame:
            if number != 1 or packet is not frame[0]:
                give(playout, now, packet)
        list(playout.ask(now))
    # frames 8 and 16 are keyframes: those that wait behind the gap need not wait for them
    times = [shown.time for shown in playout.shown]
    assert times[0] == 0
    assert times[1] == pytest.approx(8 * INTERVAL * 3)
    assert len(times) == 1 + 12
    list(playout.ask(100.0))
    assert playout.tally.lost == 1


def test_a_keyframe_is_asked_for_when_waiting_is_no_use() -> None:
    playout = Playout()
    _, second, third = frames(3)
    for packet in second[1:]:
        give(playout, 0.0, packet)
    assert playout.wants_keyframe(0.0)
    assert not playout.wants_keyframe(0.1)
    assert playout.wants_keyframe(0.6)
    for packet in third:
        give(playout, 0.7, packet)
    assert playout.shown == []
    for number, marker, payload in frames(1)[0]:
        give(playout, 1.0, (number + third[-1][0] + 1, marker, payload))
    assert len(playout.shown) == 1
    assert not playout.wants_keyframe(2.0)


def test_giving_up_takes_a_while() -> None:
    playout = Playout()
    first, second, third = frames(3)
    for packet in [*first, *third]:
        give(playout, 0.0, packet)
    assert len(list(playout.ask(0.0))) == len(second)
    list(playout.ask(GIVE_UP))
    assert not playout.wants_keyframe(GIVE_UP)
    list(playout.ask(GIVE_UP + 0.01))
    assert playout.wants_keyframe(GIVE_UP + 0.01)
    assert playout.tally.lost == len(second)


def test_a_packet_that_comes_twice_is_told_apart() -> None:
    playout = Playout()
    packet = frames(1)[0][0]
    give(playout, 0.0, packet)
    give(playout, 0.0, packet, resent=True)
    assert (playout.tally.direct, playout.tally.duplicates) == (1, 1)


def test_freezes_are_the_long_gaps_also_at_both_ends() -> None:
    shown = [Shown(time, 720, 0) for time in (9.0, 10.7, 10.8, 11.0, 11.0 + FREEZE, 12.0)]
    found = freezes(shown, 10.0, 13.0, [])
    assert found.count == 2
    assert found.seconds == pytest.approx(0.7 + 1.0)
    assert found.longest_gap == pytest.approx(1.0)
    assert freezes([], 0.0, 0.4, []).count == 0


def test_a_picture_that_is_said_to_be_paused_does_not_freeze() -> None:
    shown = [Shown(time, 720, 0) for time in (10.0, 12.0, 14.0)]
    assert freezes(shown, 10.0, 14.0, [(12.5, 13.0)]).count == 1
    assert freezes(shown, 10.0, 14.0, [(11.0, 13.0)]).count == 0
