"""Lost packets: asked for upstream, answered downstream."""

from __future__ import annotations

import pytest

from sfu.engine.interface import Codec, Drop, Kind, Switch
from sfu.rtp import rtcp
from sfu.rtp.packet import parse
from tests.support.wire import SUBSCRIBED, FakePublisher, FakeSubscriber, Wire, impaired


def test_publisher_is_asked_for_what_is_missing(wire: Wire) -> None:
    camera = FakePublisher(wire).encoding()
    frame = camera.frame(packets=5)
    camera.publisher.send(frame[0], frame[3], frame[4])
    wire.advance(0.05)
    asked = camera.publisher.told(rtcp.Nack)
    assert {nack.media_ssrc for nack in asked} == {camera.ssrc}
    first = parse(frame[1]).sequence
    assert asked[0].lost == (first, first + 1 & 0xFFFF)
    assert wire.engine.stats().sources[camera.id].nacks_sent == len(asked)


def test_packets_that_were_only_overtaken_are_not_asked_for(wire: Wire) -> None:
    camera = FakePublisher(wire).encoding()
    frame = camera.frame(packets=3)
    camera.publisher.send(frame[0], frame[2])
    wire.advance(0.005)
    camera.publisher.send(frame[1])
    wire.advance(1)
    assert camera.publisher.told(rtcp.Nack) == []


def test_asking_ends(wire: Wire) -> None:
    camera = FakePublisher(wire).encoding()
    frame = camera.frame(packets=3)
    camera.publisher.send(frame[0], frame[2])
    wire.advance(5)
    assert 1 < len(camera.publisher.told(rtcp.Nack)) <= 10


def test_nothing_before_a_keyframe_is_asked_for(wire: Wire) -> None:
    camera = FakePublisher(wire).encoding()
    frame = camera.frame(packets=3)
    camera.publisher.send(frame[0], frame[2], *camera.frame(keyframe=True))
    wire.advance(1)
    assert camera.publisher.told(rtcp.Nack) == []


def test_nothing_is_asked_where_it_was_not_negotiated(wire: Wire) -> None:
    camera = FakePublisher(wire).encoding(nack=False)
    frame = camera.frame(packets=3)
    camera.publisher.send(frame[0], frame[2])
    wire.advance(1)
    assert camera.publisher.told(rtcp.Nack) == []


@pytest.mark.parametrize("codec", [Codec.VP8, Codec.H264])
def test_repaired_packet_takes_its_place(wire: Wire, codec: Codec) -> None:
    camera = FakePublisher(wire).encoding(codec)
    slot = FakeSubscriber(wire).slot()
    wire.route(slot.id, camera.id)
    frame = camera.frame(keyframe=True, packets=4)
    camera.publisher.send(frame[0], frame[1], frame[3])
    camera.publisher.send(camera.repair(parse(frame[2]).sequence))
    numbers = [packet.sequence for packet in slot.packets]
    assert numbers == [numbers[0] + index for index in (0, 1, 3, 2)]
    assert len({packet.timestamp for packet in slot.packets}) == 1
    wire.advance(1)
    assert camera.publisher.told(rtcp.Nack) == []


def test_repair_of_what_is_there_goes_nowhere(wire: Wire) -> None:
    camera = FakePublisher(wire).encoding()
    slot = FakeSubscriber(wire).slot()
    wire.route(slot.id, camera.id)
    camera.send(keyframe=True)
    camera.publisher.send(camera.repair(camera.sequence - 1 & 0xFFFF))
    assert len(slot.packets) == 3
    assert wire.engine.stats().drops == {Drop.DUPLICATE: 1}


def test_probing_padding_on_the_repair_stream_is_no_error(wire: Wire) -> None:
    camera = FakePublisher(wire).encoding()
    camera.send(keyframe=True)
    packet = camera.repair(camera.sequence - 1 & 0xFFFF)
    padding_only = bytes((packet[0] | 0x20,)) + packet[1 : parse(packet).payload_offset]
    camera.publisher.send(padding_only + b"\0" * 19 + b"\x14")
    assert wire.engine.stats().drops == {}


def test_repair_too_short_for_a_sequence_number(wire: Wire) -> None:
    camera = FakePublisher(wire).encoding()
    camera.send(keyframe=True)
    packet = camera.repair(camera.sequence - 1 & 0xFFFF)
    camera.publisher.send(packet[: parse(packet).payload_offset + 1])
    assert wire.engine.stats().drops == {Drop.RTX_MALFORMED: 1}


def test_receiver_gets_it_again_by_rtx(wire: Wire) -> None:
    camera = FakePublisher(wire).encoding()
    subscriber = FakeSubscriber(wire)
    slot = subscriber.slot()
    wire.route(slot.id, camera.id)
    camera.send(keyframe=True)
    camera.send()
    original = slot.packets[4]
    subscriber.ask_again(slot, original.sequence)
    [repair] = slot.repairs
    assert repair.payload_type == SUBSCRIBED[Codec.VP8].rtx
    assert repair.payload == original.sequence.to_bytes(2, "big") + original.payload
    assert (repair.timestamp, repair.marker) == (original.timestamp, original.marker)
    stats = wire.engine.stats().sinks[slot.id]
    assert (stats.nacks_received, stats.retransmitted) == (1, 1)


def test_repairs_have_sequence_numbers_of_their_own(wire: Wire) -> None:
    camera = FakePublisher(wire).encoding()
    subscriber = FakeSubscriber(wire)
    slot = subscriber.slot()
    wire.route(slot.id, camera.id)
    camera.send(keyframe=True, packets=8)
    subscriber.ask_again(slot, *(packet.sequence for packet in slot.packets))
    numbers = [packet.sequence for packet in slot.repairs]
    assert numbers == list(range(numbers[0], numbers[0] + 8))
    assert numbers[0] < 1 << 15


def test_packet_of_before_a_switch_is_repaired_as_it_was_sent(wire: Wire) -> None:
    first, second = FakePublisher(wire).encoding(), FakePublisher(wire).encoding(Codec.H264)
    subscriber = FakeSubscriber(wire)
    slot = subscriber.slot()
    wire.route(slot.id, first.id)
    first.send(keyframe=True)
    wire.route(slot.id, second.id)
    second.send(keyframe=True)
    original = slot.packets[1]
    subscriber.ask_again(slot, original.sequence)
    [repair] = slot.repairs
    assert repair.payload_type == SUBSCRIBED[Codec.VP8].rtx
    assert repair.payload[2:] == original.payload
    assert repair.timestamp == original.timestamp


def test_what_was_cut_is_not_repaired(wire: Wire) -> None:
    publisher = FakePublisher(wire)
    high, low = publisher.encoding(), publisher.encoding(mid="2")
    subscriber = FakeSubscriber(wire)
    slot = subscriber.slot()
    wire.route(slot.id, high.id)
    high.send(keyframe=True)
    wire.route(slot.id, low.id, Switch.CUT)
    cut = [packet.sequence for packet in slot.packets]
    subscriber.ask_again(slot, *cut)
    low.send(keyframe=True)
    subscriber.ask_again(slot, *cut, slot.packets[-1].sequence)
    [repair] = slot.repairs
    assert repair.timestamp == slot.packets[-1].timestamp


def test_without_rtx_the_same_bytes_are_sent_again(wire: Wire) -> None:
    """Anything else under the same sequence number would break GCM."""
    camera = FakePublisher(wire).encoding()
    subscriber = FakeSubscriber(wire)
    slot = subscriber.slot(rtx=False)
    wire.route(slot.id, camera.id)
    camera.send(keyframe=True)
    sent = list(subscriber.datagrams)
    wire.advance(0.3)
    subscriber.clear()
    subscriber.expect_repeats = True
    subscriber.ask_again(slot, *range(1 << 14))
    assert subscriber.datagrams == sent


def test_each_receiver_gets_it_under_its_own_numbers(wire: Wire) -> None:
    camera = FakePublisher(wire).encoding()
    subscribers = [FakeSubscriber(wire) for _ in range(2)]
    slots = [subscriber.slot() for subscriber in subscribers]
    for slot in slots:
        wire.route(slot.id, camera.id)
    camera.send(keyframe=True)
    for subscriber, slot in zip(subscribers, slots, strict=True):
        original = slot.packets[1]
        subscriber.ask_again(slot, original.sequence)
        [repair] = slot.repairs
        assert repair.payload == original.sequence.to_bytes(2, "big") + original.payload
        assert repair.timestamp == original.timestamp


def test_packets_of_before_the_slot_had_the_source_are_not_given(wire: Wire) -> None:
    camera = FakePublisher(wire).encoding()
    subscriber = FakeSubscriber(wire)
    slot = subscriber.slot()
    camera.send(keyframe=True)
    wire.route(slot.id, camera.id)
    camera.send(keyframe=True)
    first = slot.packets[0].sequence
    subscriber.ask_again(slot, *(first - back & 0xFFFF for back in range(1, 4)))
    assert slot.repairs == []


def test_packets_of_a_closed_source_are_gone(wire: Wire) -> None:
    camera = FakePublisher(wire).encoding()
    subscriber = FakeSubscriber(wire)
    slot = subscriber.slot()
    wire.route(slot.id, camera.id)
    camera.send(keyframe=True)
    wire.engine.close_source(camera.id)
    wire.advance(0.01)
    subscriber.ask_again(slot, slot.packets[0].sequence)
    assert slot.repairs == []


def test_impatient_receiver_gets_no_more_than_one_per_round_trip(wire: Wire) -> None:
    camera = FakePublisher(wire).encoding()
    subscriber = FakeSubscriber(wire)
    slot = subscriber.slot()
    wire.route(slot.id, camera.id)
    camera.send(keyframe=True)
    for _ in range(50):
        subscriber.ask_again(slot, slot.packets[0].sequence)
    assert len(slot.repairs) == 1


def test_unknown_numbers_and_streams_are_ignored(wire: Wire) -> None:
    camera = FakePublisher(wire).encoding()
    subscriber, other = FakeSubscriber(wire), FakeSubscriber(wire)
    slot, foreign = subscriber.slot(), other.slot()
    sound = subscriber.slot(Kind.AUDIO)
    wire.route(slot.id, camera.id)
    wire.route(foreign.id, camera.id)
    camera.send(keyframe=True)
    subscriber.ask_again(slot, slot.packets[-1].sequence + 1)
    subscriber.ask_again(foreign, foreign.packets[0].sequence)
    subscriber.ask_again(sound, 1)
    assert slot.repairs == foreign.repairs == []


def test_lossy_way_is_repaired_completely(wire: Wire) -> None:
    """The publisher loses every fifth packet, and answers each NACK; the receiver lacks nothing."""
    camera = FakePublisher(wire).encoding()
    slot = FakeSubscriber(wire).slot()
    wire.route(slot.id, camera.id)
    camera.send(keyframe=True)
    for number in range(60):
        frame = camera.frame(packets=4)
        arriving = impaired(frame[:-1], seed=number, loss=0.2, reorder=0.1)
        camera.publisher.send(*arriving, frame[-1])
        wire.advance(0.04)
        for nack in camera.publisher.told(rtcp.Nack):
            camera.publisher.send(*(camera.repair(sequence) for sequence in nack.lost))
        camera.publisher.feedback.clear()
    numbers = sorted(packet.sequence for packet in slot.packets)
    assert numbers == list(range(numbers[0], numbers[0] + 3 + 60 * 4))
