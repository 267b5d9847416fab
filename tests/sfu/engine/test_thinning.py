"""A route that wants only some layers of its source gets a stream that is whole in itself."""

from __future__ import annotations

import itertools
import random

import pytest

from sfu.engine.interface import Codec, Drop, Extension, RouteSwitched, Switch
from sfu.rtp import extensions, rtcp, vp8, vp9
from sfu.rtp.packet import RtpPacket
from tests.support.layered import (
    LayeredEncoder,
    LayerFrame,
    Mode,
    assert_decodable,
    frames_of,
    layers,
    mark,
)
from tests.support.wire import (
    SUBSCRIBED_EXTENSIONS,
    FakePublisher,
    FakeSubscriber,
    Slot,
    Wire,
    impaired,
)

L1T3, L3T3, L3T3_KEY = Mode(), Mode(3, 3, key=False), Mode(3, 3)

STREAMS = {
    "VP8 L1T3": (Codec.VP8, L1T3, False),
    "VP9 L1T3": (Codec.VP9, L1T3, False),
    "VP9 L3T3": (Codec.VP9, L3T3, False),
    "VP9 L3T3_KEY": (Codec.VP9, L3T3_KEY, False),
    "described VP9 L3T3_KEY": (Codec.VP9, L3T3_KEY, True),
    "AV1 L1T3": (Codec.AV1, L1T3, True),
    "AV1 L3T3": (Codec.AV1, L3T3, True),
    "AV1 L3T3_KEY": (Codec.AV1, L3T3_KEY, True),
}

Stream = tuple[Codec, Mode, bool]

streams = pytest.mark.parametrize("stream", STREAMS.values(), ids=STREAMS)
SPATIAL = {name: stream for name, stream in STREAMS.items() if stream[1].spatial > 1}
spatial_streams = pytest.mark.parametrize("stream", SPATIAL.values(), ids=SPATIAL)


def encoder_of(wire: Wire, stream: Stream) -> LayeredEncoder:
    codec, mode, described = stream
    return LayeredEncoder(FakePublisher(wire).encoding(codec), mode, described=described)


@pytest.fixture
def slot(wire: Wire) -> Slot:
    return FakeSubscriber(wire).slot()


def show(
    wire: Wire, slot: Slot, encoder: LayeredEncoder, spatial: int | None, temporal: int | None
) -> None:
    wire.route(slot.id, encoder.encoding.id, spatial=spatial, temporal=temporal)


def run(encoder: LayeredEncoder, pictures: int) -> None:
    for _ in range(pictures):
        encoder.send()


def assert_seamless(packets: list[RtpPacket]) -> None:
    """No gap in the numbers, markers where pictures end and only there."""
    for before, after in itertools.pairwise(packets):
        assert after.sequence == before.sequence + 1 & 0xFFFF
        assert before.marker == (after.timestamp != before.timestamp)
    assert packets[-1].marker


def top(frames: list[LayerFrame]) -> int:
    return max(frame.spatial for frame in frames)


def needed(stream: Stream, spatial: int, temporal: int) -> set[tuple[int, int]]:
    """Layers that flow after a keyframe."""
    _, mode, described = stream
    spatial = min(spatial, mode.spatial - 1)
    if described and mode.key:
        return {(s, 0) for s in range(spatial)} | {(spatial, t) for t in range(temporal + 1)}
    return {(s, t) for s in range(spatial + 1) for t in range(temporal + 1)}


@streams
@pytest.mark.parametrize("temporal", [0, 1, 2])
def test_fewer_pictures(wire: Wire, slot: Slot, stream: Stream, temporal: int) -> None:
    encoder = encoder_of(wire, stream)
    show(wire, slot, encoder, None, temporal)
    encoder.send(keyframe=True)
    run(encoder, 23)
    frames = frames_of(slot.packets, encoder)
    assert layers(frames) == needed(stream, 2, temporal)
    assert len({frame.picture for frame in frames}) == (6, 12, 24)[temporal]
    assert_decodable(frames)
    assert_seamless(slot.packets)


@spatial_streams
@pytest.mark.parametrize("spatial", [0, 1, 2])
def test_smaller_pictures(wire: Wire, slot: Slot, stream: Stream, spatial: int) -> None:
    encoder = encoder_of(wire, stream)
    show(wire, slot, encoder, spatial, None)
    encoder.send(keyframe=True)
    run(encoder, 23)
    frames = frames_of(slot.packets, encoder)
    assert layers(frames) == needed(stream, spatial, 2)
    assert_decodable(frames)
    assert_seamless(slot.packets)


@streams
def test_what_is_left_out_is_counted(wire: Wire, slot: Slot, stream: Stream) -> None:
    encoder = encoder_of(wire, stream)
    show(wire, slot, encoder, None, 0)
    encoder.send(keyframe=True)
    run(encoder, 7)
    stats = wire.engine.stats()
    dropped = stats.transports[slot.subscriber.transport].drops.get(Drop.ABOVE_LAYER, 0)
    assert dropped + len(slot.packets) == len(encoder.encoding.sent)
    assert dropped > 0
    assert stats.sinks[slot.id].packets == len(slot.packets)


@streams
def test_down_at_the_next_picture_and_up_where_it_can_be_decoded(
    wire: Wire, slot: Slot, stream: Stream
) -> None:
    encoder = encoder_of(wire, stream)
    show(wire, slot, encoder, None, None)
    encoder.send(keyframe=True)
    for temporal in (0, 2, 1, 2, 0, 1, None):
        run(encoder, 5)
        show(wire, slot, encoder, None, temporal)
        slot.subscriber.clear()
        run(encoder, 9)
        assert_seamless(slot.packets)
        run(encoder, 4)
        late = frames_of(slot.packets, encoder)[-8:]
        assert max(frame.temporal for frame in late) == (2 if temporal is None else temporal)
        limit = 2 if temporal is None else temporal
        assert all(frame.temporal <= limit for frame in frames_of(slot.packets, encoder)), temporal
    assert len(wire.seen(RouteSwitched)) == 1


@streams
@pytest.mark.parametrize("seed", range(8))
def test_whatever_is_wanted_when_all_that_comes_can_be_decoded(
    wire: Wire, slot: Slot, stream: Stream, seed: int
) -> None:
    dice = random.Random(seed)  # noqa: S311 - repeatable on purpose
    encoder = encoder_of(wire, stream)
    show(wire, slot, encoder, dice.choice([None, 0, 1]), dice.choice([None, 0, 1]))
    encoder.send(keyframe=True)
    for _ in range(80):
        if dice.random() < 0.3:
            limits = dice.choice([None, 0, 1, 2]), dice.choice([None, 0, 1, 2])
            show(wire, slot, encoder, *limits)
        encoder.send(keyframe=dice.random() < 0.05, packets=dice.randrange(1, 4))
    assert_decodable(frames_of(slot.packets, encoder))
    assert_seamless(slot.packets)


@streams
@pytest.mark.parametrize("seed", range(6))
def test_on_a_bad_network_each_packet_has_a_number_of_its_own_and_can_be_had_again(
    wire: Wire, slot: Slot, stream: Stream, seed: int
) -> None:
    dice = random.Random(seed)  # noqa: S311 - repeatable on purpose
    encoder = encoder_of(wire, stream)
    show(wire, slot, encoder, 1, 1)
    encoder.send(keyframe=True)
    for turn in range(40):
        if turn % 9 == 5:
            show(wire, slot, encoder, *dice.choice([(0, 0), (None, None), (2, 1), (0, 2)]))
        picture = encoder.picture(keyframe=turn % 20 == 13, packets=3)
        encoder.encoding.publisher.send(*impaired(picture, seed + turn, loss=0.1, reorder=0.2))
    by_number = {packet.sequence: packet for packet in slot.packets}
    assert len(by_number) == len(slot.packets)
    frames_by_mark = [mark(packet) for packet in slot.packets]
    assert len(set(frames_by_mark)) == len(frames_by_mark)
    slot.subscriber.ask_again(slot, *by_number)
    repaired = [int.from_bytes(repair.payload[:2], "big") for repair in slot.repairs]
    assert sorted(repaired) == sorted(by_number)[-len(repaired) :]
    assert len(repaired) >= min(40, len(by_number))
    for repair in slot.repairs:
        original = by_number[int.from_bytes(repair.payload[:2], "big")]
        assert repair.payload[2:] == original.payload
        assert repair.timestamp == original.timestamp
        assert repair.marker == original.marker
        assert descriptor_in(repair) == descriptor_in(original)


def descriptor_in(packet: RtpPacket) -> bytes | None:
    elements = extensions.parse(packet.extension_profile or 0, packet.extension)
    return elements.get(SUBSCRIBED_EXTENSIONS[Extension.DEPENDENCY_DESCRIPTOR])


def test_nothing_is_sent_again_in_place_of_what_was_left_out(wire: Wire, slot: Slot) -> None:
    """A late packet of a layer that does not flow leaves its number unused."""
    encoder = encoder_of(wire, STREAMS["VP8 L1T3"])
    show(wire, slot, encoder, None, 0)
    encoder.send(keyframe=True)
    first, second = encoder.picture()
    encoder.encoding.publisher.send(second)
    encoder.encoding.publisher.send(first)
    run(encoder, 3)
    numbers = [packet.sequence for packet in slot.packets]
    assert numbers[2] - numbers[0] == 3
    slot.subscriber.ask_again(slot, numbers[0] + 2)
    assert slot.repairs == []
    assert_decodable(frames_of(slot.packets, encoder))


def test_a_late_packet_has_the_number_it_would_have_had(wire: Wire, slot: Slot) -> None:
    encoder = encoder_of(wire, STREAMS["VP8 L1T3"])
    show(wire, slot, encoder, None, 0)
    encoder.send(keyframe=True)
    run(encoder, 3)
    base = encoder.picture(packets=3)
    encoder.encoding.publisher.send(base[0], base[2])
    run(encoder, 4)
    encoder.encoding.publisher.send(base[1])
    in_order = sorted(slot.packets, key=lambda packet: packet.sequence)
    assert in_order != slot.packets
    assert_seamless(in_order)
    assert_decodable(frames_of(in_order, encoder))


def numbers_of(packets: list[RtpPacket], codec: Codec) -> list[tuple[int | None, int | None]]:
    """Picture id and TL0PICIDX of each picture."""
    describe = vp8.describe if codec is Codec.VP8 else vp9.describe
    found = {packet.timestamp: describe(packet.payload) for packet in packets}
    return [(one.picture_id, one.tl0picidx) for one in found.values()]


def test_vp8_counts_the_pictures_that_are_sent(wire: Wire, slot: Slot) -> None:
    encoder = encoder_of(wire, STREAMS["VP8 L1T3"])
    encoder.encoding.picture_id = 0x7FF8
    show(wire, slot, encoder, None, None)
    encoder.send(keyframe=True)
    for temporal in (0, 1, None, 1):
        show(wire, slot, encoder, None, temporal)
        run(encoder, 8)
    numbers = numbers_of(slot.packets, Codec.VP8)
    for (picture, base), (following, next_base) in itertools.pairwise(numbers):
        assert picture is not None
        assert base is not None
        assert following == picture + 1 & 0x7FFF
        assert next_base in (base, base + 1 & 0xFF)


def test_vp9_refers_to_pictures_by_number(wire: Wire, slot: Slot) -> None:
    encoder = encoder_of(wire, STREAMS["VP9 L1T3"])
    show(wire, slot, encoder, None, 0)
    encoder.send(keyframe=True)
    run(encoder, 12)
    numbers = [picture for picture, _ in numbers_of(slot.packets, Codec.VP9)]
    assert numbers[0] is not None
    assert numbers == [numbers[0] + 4 * index & 0x7FFF for index in range(4)]


def test_pictures_go_on_counting_over_a_switch_of_thinned_sources(wire: Wire, slot: Slot) -> None:
    one, two = (encoder_of(wire, STREAMS["VP8 L1T3"]) for _ in range(2))
    for encoder in (one, two, one, two):
        show(wire, slot, encoder, None, 0)
        encoder.send(keyframe=True)
        run(encoder, 6)
    numbers = [picture for picture, _ in numbers_of(slot.packets, Codec.VP8)]
    assert numbers[0] is not None
    assert numbers == [numbers[0] + index & 0x7FFF for index in range(len(numbers))]
    assert_seamless(slot.packets)


@spatial_streams
def test_a_keyframe_is_asked_for_until_larger_pictures_flow(
    wire: Wire, slot: Slot, stream: Stream
) -> None:
    encoder = encoder_of(wire, stream)
    publisher = encoder.encoding.publisher
    show(wire, slot, encoder, 0, None)
    encoder.send(keyframe=True)
    wire.advance(1)
    publisher.clear()
    run(encoder, 30)
    assert publisher.told(rtcp.Pli) == []
    show(wire, slot, encoder, 2, None)
    run(encoder, 30)
    assert top(frames_of(slot.packets, encoder)) == 0
    assert 2 <= len(publisher.told(rtcp.Pli)) <= 4
    encoder.send(keyframe=True)
    assert top(frames_of(slot.packets, encoder)) == 2
    publisher.clear()
    wire.advance(1)
    run(encoder, 30)
    assert publisher.told(rtcp.Pli) == []
    assert_decodable(frames_of(slot.packets, encoder))


def test_no_keyframe_is_asked_for_where_the_source_has_no_more(wire: Wire, slot: Slot) -> None:
    encoder = encoder_of(wire, STREAMS["AV1 L1T3"])
    show(wire, slot, encoder, 2, 0)
    encoder.send(keyframe=True)
    wire.advance(1)
    encoder.encoding.publisher.clear()
    run(encoder, 30)
    assert encoder.encoding.publisher.told(rtcp.Pli) == []


def test_smaller_pictures_of_their_own_need_a_keyframe(wire: Wire, slot: Slot) -> None:
    """In L3T3_KEY nothing of the lower layers flows between keyframes."""
    encoder = encoder_of(wire, STREAMS["AV1 L3T3_KEY"])
    show(wire, slot, encoder, 2, None)
    encoder.send(keyframe=True)
    run(encoder, 4)
    wire.advance(1)
    encoder.encoding.publisher.clear()
    show(wire, slot, encoder, 0, None)
    run(encoder, 4)
    assert len(encoder.encoding.publisher.told(rtcp.Pli)) == 1
    slot.subscriber.clear()
    encoder.send(keyframe=True)
    run(encoder, 8)
    assert top(frames_of(slot.packets, encoder)) == 0
    assert_seamless(slot.packets)


@pytest.mark.parametrize("name", ["VP9 L3T3", "VP9 L3T3_KEY", "AV1 L3T3"])
def test_smaller_pictures_at_once_where_they_flow_anyway(wire: Wire, slot: Slot, name: str) -> None:
    encoder = encoder_of(wire, STREAMS[name])
    show(wire, slot, encoder, None, None)
    encoder.send(keyframe=True)
    run(encoder, 5)
    show(wire, slot, encoder, 1, None)
    slot.subscriber.clear()
    run(encoder, 6)
    frames = frames_of(slot.packets, encoder)
    assert {frame.spatial for frame in frames} == {0, 1}
    assert_seamless(slot.packets)


@pytest.mark.parametrize("codec", [Codec.H264, Codec.VP8, Codec.VP9, Codec.AV1])
def test_what_tells_no_layers_is_forwarded_whole(wire: Wire, slot: Slot, codec: Codec) -> None:
    camera = FakePublisher(wire).encoding(codec)
    wire.route(slot.id, camera.id, spatial=0, temporal=0)
    camera.send(keyframe=True)
    camera.send()
    assert len(slot.packets) == 6


def test_limits_of_the_new_source_begin_with_it(wire: Wire, slot: Slot) -> None:
    person = FakePublisher(wire)
    low, high = (LayeredEncoder(person.encoding(rid=rid)) for rid in "qf")
    show(wire, slot, low, None, 1)
    low.send(keyframe=True)
    wire.route(slot.id, high.encoding.id, Switch.LAYER, temporal=0)
    run(low, 8)
    assert layers(frames_of(slot.packets, low)) == {(0, 0), (0, 1)}
    slot.subscriber.clear()
    high.send(keyframe=True)
    run(high, 8)
    assert layers(frames_of(slot.packets, high)) == {(0, 0)}


def test_limits_of_a_switch_called_off_never_begin(wire: Wire, slot: Slot) -> None:
    person = FakePublisher(wire)
    low, high = (LayeredEncoder(person.encoding(rid=rid)) for rid in "qf")
    show(wire, slot, low, None, 1)
    low.send(keyframe=True)
    wire.route(slot.id, high.encoding.id, Switch.LAYER, temporal=0)
    wire.route(slot.id, low.encoding.id, Switch.LAYER, temporal=2)
    run(low, 8)
    assert layers(frames_of(slot.packets, low)) == {(0, 0), (0, 1), (0, 2)}


def test_limits_of_a_waiting_source_that_takes_over_because_the_old_one_closed(
    wire: Wire, slot: Slot
) -> None:
    person = FakePublisher(wire)
    low, high = (LayeredEncoder(person.encoding(rid=rid)) for rid in "qf")
    show(wire, slot, low, None, None)
    low.send(keyframe=True)
    wire.route(slot.id, high.encoding.id, Switch.LAYER, temporal=0)
    wire.engine.close_source(low.encoding.id)
    slot.subscriber.clear()
    high.send(keyframe=True)
    run(high, 8)
    assert layers(frames_of(slot.packets, high)) == {(0, 0)}


def test_limits_while_paused_hold_when_it_goes_on(wire: Wire, slot: Slot) -> None:
    encoder = encoder_of(wire, STREAMS["VP8 L1T3"])
    source = encoder.encoding.id
    wire.route(slot.id, source, paused=True)
    wire.route(slot.id, source, paused=True, temporal=1)
    assert len(wire.seen(RouteSwitched)) == 1
    wire.route(slot.id, source, temporal=0)
    encoder.send(keyframe=True)
    run(encoder, 8)
    assert len(wire.seen(RouteSwitched)) == 1
    assert layers(frames_of(slot.packets, encoder)) == {(0, 0)}


def test_thousands_of_pictures_are_left_out(wire: Wire, slot: Slot) -> None:
    """More than are remembered: what is older than that is not sent again, nor forwarded late."""
    encoder = encoder_of(wire, STREAMS["VP8 L1T3"])
    show(wire, slot, encoder, None, 0)
    held = encoder.picture(keyframe=True, packets=2)
    encoder.encoding.publisher.send(held.pop(0))
    for _ in range(400):
        encoder.encoding.publisher.send(*encoder.picture(packets=1))
    numbers = [packet.sequence for packet in slot.packets]
    slot.subscriber.ask_again(slot, *numbers)
    repaired = [int.from_bytes(repair.payload[:2], "big") for repair in slot.repairs]
    assert repaired == numbers[-64:]
    encoder.encoding.publisher.send(*held)
    drops = wire.engine.stats().transports[slot.subscriber.transport].drops
    assert drops[Drop.TOO_OLD] == 1
