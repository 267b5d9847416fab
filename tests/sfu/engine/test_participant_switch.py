"""Another picture in the slot: the old one is cut at once, and T tells where the new one begins."""

from __future__ import annotations

import itertools

import pytest

from sfu.engine.interface import Codec, Drop, Kind, RouteSwitched, Switch
from sfu.rtp import rtcp
from sfu.rtp.packet import RtpPacket
from sfu.rtp.sequence import distance32
from tests.support.wire import SUBSCRIBED, FakePublisher, FakeSubscriber, Wire


def assert_continuous(packets: list[RtpPacket]) -> None:
    first = packets[0].sequence
    numbers = [packet.sequence for packet in packets]
    assert numbers == [first + index & 0xFFFF for index in range(len(numbers))]
    for before, after in itertools.pairwise(packets):
        assert distance32(after.timestamp, before.timestamp) >= 0


def test_old_is_cut_at_once_and_the_new_begins_with_a_keyframe_after_t(wire: Wire) -> None:
    old, new = FakePublisher(wire).encoding(), FakePublisher(wire).encoding(Codec.H264)
    slot = FakeSubscriber(wire).slot()
    wire.route(slot.id, old.id)
    old.send(keyframe=True)
    before = slot.packets
    wire.route(slot.id, new.id)
    switched = wire.seen(RouteSwitched)[-1]
    assert (switched.sink, switched.source) == (slot.id, new.id)
    assert switched.timestamp == before[-1].timestamp + 1 & 0xFFFF_FFFF
    old.send(keyframe=True)
    new.send()
    assert slot.packets == before
    new.send(keyframe=True)
    new.send()
    after = slot.packets[len(before) :]
    assert len(after) == 6
    assert {packet.payload_type for packet in after} == {SUBSCRIBED[Codec.H264].media}
    assert all(distance32(packet.timestamp, switched.timestamp) >= 0 for packet in after)
    assert_continuous(slot.packets)


def test_first_route_is_answered_too(wire: Wire) -> None:
    camera = FakePublisher(wire).encoding()
    slot = FakeSubscriber(wire).slot()
    wire.route(slot.id, camera.id)
    [switched] = wire.seen(RouteSwitched)
    camera.send(keyframe=True)
    assert slot.packets[0].timestamp == switched.timestamp


def test_emptied(wire: Wire) -> None:
    camera = FakePublisher(wire).encoding()
    slot = FakeSubscriber(wire).slot()
    wire.route(slot.id, camera.id)
    camera.send(keyframe=True)
    wire.route(slot.id, None)
    assert wire.seen(RouteSwitched)[-1].source is None
    camera.send(keyframe=True)
    assert len(slot.packets) == 3


def test_paused_until_it_comes_again_unpaused(wire: Wire) -> None:
    old, new = FakePublisher(wire).encoding(), FakePublisher(wire).encoding()
    slot = FakeSubscriber(wire).slot()
    wire.route(slot.id, old.id)
    old.send(keyframe=True)
    wire.advance(1)
    new.send(keyframe=True)
    wire.route(slot.id, new.id, paused=True)
    assert len(wire.seen(RouteSwitched)) == 2
    new.send(keyframe=True)
    old.send(keyframe=True)
    wire.advance(2)
    assert len(slot.packets) == 3
    assert new.publisher.told(rtcp.Pli) == []
    wire.route(slot.id, new.id)
    assert len(wire.seen(RouteSwitched)) == 2
    assert len(new.publisher.told(rtcp.Pli)) == 1
    new.send(keyframe=True)
    assert len(slot.packets) == 6
    assert_continuous(slot.packets)


def test_paused_route_may_change_its_layer_before_it_is_shown(wire: Wire) -> None:
    person = FakePublisher(wire)
    low, high = person.encoding(rid="q"), person.encoding(rid="f")
    slot = FakeSubscriber(wire).slot()
    wire.route(slot.id, low.id, paused=True)
    wire.route(slot.id, high.id, Switch.LAYER, paused=True)
    low.send(keyframe=True)
    high.send(keyframe=True)
    assert slot.packets == []
    wire.route(slot.id, high.id, Switch.LAYER)
    low.send(keyframe=True)
    assert slot.packets == []
    high.send(keyframe=True)
    assert len(slot.packets) == 3
    assert len(wire.seen(RouteSwitched)) == 1


def test_route_that_is_there_already_changes_nothing(wire: Wire) -> None:
    camera = FakePublisher(wire).encoding()
    slot = FakeSubscriber(wire).slot()
    wire.route(slot.id, camera.id)
    camera.send(keyframe=True)
    wire.route(slot.id, camera.id)
    camera.send()
    assert len(slot.packets) == 6
    assert len(wire.seen(RouteSwitched)) == 1


def test_back_and_forth_between_two(wire: Wire) -> None:
    cameras = [FakePublisher(wire).encoding(codec) for codec in (Codec.VP8, Codec.H264)]
    slot = FakeSubscriber(wire).slot()
    for turn in range(50):
        camera = cameras[turn % 2]
        wire.route(slot.id, camera.id)
        camera.send(keyframe=True)
        for other in cameras:
            other.send()
    assert len(slot.packets) == 50 * 6
    assert_continuous(slot.packets)


def test_late_packets_of_before_the_switch_are_not_shown(wire: Wire) -> None:
    old, new = FakePublisher(wire).encoding(), FakePublisher(wire).encoding()
    slot = FakeSubscriber(wire).slot()
    wire.route(slot.id, old.id)
    old.send(keyframe=True)
    late_old = old.frame()
    late_new = new.frame()
    new_key = new.frame(keyframe=True)
    wire.route(slot.id, new.id)
    new.publisher.send(*new_key)
    old.publisher.send(*late_old)
    new.publisher.send(*late_new)
    assert len(slot.packets) == 6
    assert_continuous(slot.packets)
    subscriber = slot.subscriber.transport
    assert wire.engine.stats().transports[subscriber].drops == {Drop.TOO_OLD: 3}


def test_late_packets_of_the_keyframe_but_before_its_beginning_are_not_shown(
    wire: Wire,
) -> None:
    """Picture parameter sets, say, that were sent before the SPS: their numbers are taken."""
    old, new = FakePublisher(wire).encoding(), FakePublisher(wire).encoding(Codec.H264)
    slot = FakeSubscriber(wire).slot()
    wire.route(slot.id, old.id)
    old.send(keyframe=True)
    wire.route(slot.id, new.id)
    late = [new.packet(b"\x68pps", False, new.header_extension()) for _ in range(5)]
    new.publisher.send(*new.frame(keyframe=True))
    new.publisher.send(*late)
    assert len(slot.packets) == 6
    assert_continuous(slot.packets)


def test_newer_packets_that_carry_older_timestamps_are_not_shown(wire: Wire) -> None:
    """Else a publisher could break the promise of T for the slot he is shown in."""
    liar = FakePublisher(wire).encoding()
    slot = FakeSubscriber(wire).slot()
    wire.route(slot.id, liar.id)
    liar.send(keyframe=True)
    liar.timestamp -= 90_000
    liar.send()
    assert len(slot.packets) == 3


def test_sound_begins_with_any_packet(wire: Wire) -> None:
    old, new = FakePublisher(wire).encoding(Codec.OPUS), FakePublisher(wire).encoding(Codec.OPUS)
    slot = FakeSubscriber(wire).slot(Kind.AUDIO)
    wire.route(slot.id, old.id)
    for _ in range(5):
        old.send(packets=1)
        new.send(packets=1)
    wire.route(slot.id, new.id)
    for _ in range(5):
        old.send(packets=1)
        new.send(packets=1)
    assert len(slot.packets) == 10
    assert_continuous(slot.packets)


def test_closing_the_source_empties_the_sink(wire: Wire) -> None:
    first, second = FakePublisher(wire).encoding(), FakePublisher(wire).encoding()
    slot = FakeSubscriber(wire).slot()
    wire.route(slot.id, first.id)
    first.send(keyframe=True)
    wire.engine.close_source(first.id)
    first.send()
    assert len(slot.packets) == 3
    wire.route(slot.id, second.id)
    second.send(keyframe=True)
    assert_continuous(slot.packets)


@pytest.mark.parametrize("away", [0.5, 60.0, 8 * 3600.0])
def test_timestamps_follow_the_clock_over_a_pause_but_never_jump_back(
    wire: Wire, away: float
) -> None:
    first, second = FakePublisher(wire).encoding(), FakePublisher(wire).encoding()
    slot = FakeSubscriber(wire).slot()
    wire.route(slot.id, first.id)
    first.send(keyframe=True)
    wire.route(slot.id, None)
    wire.now += away
    wire.route(slot.id, second.id)
    second.send(keyframe=True)
    elapsed = distance32(slot.packets[3].timestamp, slot.packets[0].timestamp) / 90_000
    assert elapsed == pytest.approx(min(away + 0.04, 3600), abs=0.001)
