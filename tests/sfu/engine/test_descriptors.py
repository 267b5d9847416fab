"""Dependency descriptors on their way: each receiver gets a sequence of them that it can read."""

from __future__ import annotations

import itertools

import pytest

from sfu.engine.interface import Codec, Extension, Switch
from sfu.rtp import extensions
from sfu.rtp.dependency import Descriptor, Reader
from sfu.rtp.packet import RtpPacket
from tests.support.descriptors import Description
from tests.support.layered import LayeredEncoder, Mode
from tests.support.wire import (
    PUBLISHED_EXTENSIONS,
    SUBSCRIBED_EXTENSIONS,
    Encoding,
    FakePublisher,
    FakeSubscriber,
    Slot,
    Wire,
)

L1T3, L3T3_KEY = Mode(), Mode(3, 3)
DESCRIPTOR = Extension.DEPENDENCY_DESCRIPTOR

described = pytest.mark.parametrize("codec", [Codec.VP9, Codec.AV1])


def encoder_of(wire: Wire, codec: Codec = Codec.AV1, mode: Mode = L1T3) -> LayeredEncoder:
    return LayeredEncoder(FakePublisher(wire).encoding(codec), mode, described=True)


@pytest.fixture
def slot(wire: Wire) -> Slot:
    return FakeSubscriber(wire).slot()


def value_of(packet: RtpPacket) -> bytes | None:
    elements = extensions.parse(packet.extension_profile or 0, packet.extension)
    return elements.get(SUBSCRIBED_EXTENSIONS[DESCRIPTOR])


def descriptors(packets: list[RtpPacket]) -> list[Descriptor]:
    """What a receiver reads; each packet must have one that can be read to its end."""
    reader, found = Reader(), []
    for number, packet in enumerate(packets):
        value = value_of(packet)
        assert value is not None
        descriptor = reader.read(value, number + 1)
        assert descriptor is not None
        assert descriptor.frame is not None
        found.append(descriptor)
    return found


def run(encoder: LayeredEncoder, pictures: int) -> None:
    for _ in range(pictures):
        encoder.send()


@described
@pytest.mark.parametrize("switch", list(Switch))
def test_frames_go_on_counting_over_a_switch(
    wire: Wire, slot: Slot, codec: Codec, switch: Switch
) -> None:
    cameras = [encoder_of(wire, codec) for _ in range(2)]
    cameras[0].frame_number, cameras[1].frame_number = 0xFFFC, 5
    for turn in range(8):
        camera = cameras[turn % 2]
        wire.route(slot.id, camera.encoding.id, switch)
        camera.send(keyframe=True)
        for other in cameras:
            other.send()
    numbers = [descriptor.frame_number for descriptor in descriptors(slot.packets)]
    assert len(numbers) == 32
    numbers = [number for number, _ in itertools.groupby(numbers)]
    assert numbers == [numbers[0] + index & 0xFFFF for index in range(16)]


@described
def test_frames_left_out_leave_gaps_in_their_numbers(wire: Wire, slot: Slot, codec: Codec) -> None:
    """References are counted in frames of the source."""
    camera = encoder_of(wire, codec)
    wire.route(slot.id, camera.encoding.id, temporal=0)
    camera.send(keyframe=True)
    run(camera, 12)
    numbers = [descriptor.frame_number for descriptor in descriptors(slot.packets)][::2]
    assert numbers == [4 * index for index in range(4)]


@described
def test_the_next_source_goes_on_after_the_last_frame_that_was_sent(
    wire: Wire, slot: Slot, codec: Codec
) -> None:
    one, two = encoder_of(wire, codec), encoder_of(wire, codec)
    wire.route(slot.id, one.encoding.id, temporal=0)
    one.send(keyframe=True)
    run(one, 6)
    wire.route(slot.id, two.encoding.id)
    two.send(keyframe=True)
    assert [one.frame_number for one in descriptors(slot.packets)][::2] == [0, 4, 5]


@pytest.mark.parametrize("codec", [Codec.VP8, Codec.H264])
def test_other_codecs_have_none(wire: Wire, slot: Slot, codec: Codec) -> None:
    camera = FakePublisher(wire).encoding(codec)
    wire.route(slot.id, camera.id, temporal=0)
    value = Description(0, 1, layout=L1T3.layout()).bytes(L1T3.layout())
    camera.send(keyframe=True, extension=block(camera, value))
    assert len(slot.packets) == 3
    assert [value_of(packet) for packet in slot.packets] == [None] * 3


def test_receivers_that_do_not_know_it_get_none_and_are_served_by_it(wire: Wire) -> None:
    camera = encoder_of(wire, mode=L3T3_KEY)
    slot = FakeSubscriber(wire).slot(extension_ids={Extension.ABS_SEND_TIME: 3})
    wire.route(slot.id, camera.encoding.id, spatial=0)
    camera.send(keyframe=True)
    camera.send()
    assert len(slot.packets) == 4
    for packet in slot.packets:
        assert list(extensions.parse(packet.extension_profile or 0, packet.extension)) == [3]


def block(camera: Encoding, value: bytes) -> bytes:
    ids = PUBLISHED_EXTENSIONS
    return extensions.build([(ids[Extension.MID], camera.mid.encode()), (ids[DESCRIPTOR], value)])


@pytest.mark.parametrize("value", [b"", b"\xc0", b"\xc0\0"])
def test_one_that_is_cut_is_left_out(wire: Wire, slot: Slot, value: bytes) -> None:
    camera = FakePublisher(wire).encoding(Codec.AV1)
    wire.route(slot.id, camera.id, spatial=0, temporal=0)
    camera.send(keyframe=True, extension=block(camera, value))
    assert [value_of(packet) for packet in slot.packets] == [None] * 3


@described
def test_one_that_cannot_be_understood_gets_a_number_like_others(
    wire: Wire, slot: Slot, codec: Codec
) -> None:
    """Its structure may be on its way; a receiver that has it will understand."""
    one, two = (FakePublisher(wire).encoding(codec) for _ in range(2))
    for camera in (one, two):
        wire.route(slot.id, camera.id, spatial=0, temporal=0)
        camera.send(keyframe=True, packets=1, extension=block(camera, b"\xc7\x12\x34"))
        camera.send(packets=1, extension=block(camera, b"\xc9\x12\x35\x0f\xff"))
    assert [value_of(packet) for packet in slot.packets] == [
        *(b"\xc7\0\0", b"\xc9\0\1\x0f\xff"),
        *(b"\xc7\0\2", b"\xc9\0\3\x0f\xff"),
    ]


def test_a_long_one_makes_the_whole_header_extension_of_the_other_form(
    wire: Wire, slot: Slot
) -> None:
    camera = encoder_of(wire, mode=L3T3_KEY)
    wire.route(slot.id, camera.encoding.id)
    camera.send(keyframe=True)
    profiles = [packet.extension_profile for packet in slot.packets]
    assert profiles == [0x1000, *[0xBEDE] * 5]
    value = value_of(slot.packets[0])
    assert value is not None
    assert len(value) > 16
    assert len(descriptors(slot.packets)) == 6


def active(slot: Slot) -> list[int]:
    """What a receiver takes for active, frame by frame."""
    found = [one.frame.active for one in descriptors(slot.packets) if one.frame]
    return found[::2]


def told(slot: Slot) -> list[int | None]:
    """What it is told, packet by packet."""
    return [one.frame.told for one in descriptors(slot.packets) if one.frame]


def test_receivers_are_told_which_decode_targets_they_get(wire: Wire, slot: Slot) -> None:
    camera = encoder_of(wire)
    wire.route(slot.id, camera.encoding.id, temporal=1)
    camera.send(keyframe=True)
    run(camera, 3)
    assert told(slot) == [0b011, None, None, None]
    assert active(slot) == [0b011, 0b011]


def test_nothing_is_told_where_nothing_is_hidden(wire: Wire, slot: Slot) -> None:
    camera = encoder_of(wire)
    wire.route(slot.id, camera.encoding.id, temporal=2)
    sent = camera.picture(keyframe=True)
    camera.encoding.publisher.send(*sent)
    value = value_of(slot.packets[0])
    assert value is not None
    assert value[3] & 0x40 == 0


def test_other_limits_are_told_with_the_first_frame_under_them(wire: Wire, slot: Slot) -> None:
    camera = encoder_of(wire)
    source = camera.encoding.id
    wire.route(slot.id, source)
    camera.send(keyframe=True)
    run(camera, 4)
    wire.route(slot.id, source, temporal=0)
    run(camera, 8)
    wire.route(slot.id, source)
    run(camera, 8)
    changes = [mask for mask in told(slot) if mask is not None]
    assert changes == [0b111, 0b001, 0b111]
    assert len(told(slot)) == 2 * (5 + 2 + 5)


def test_what_the_publisher_does_not_send_is_told_in_any_case(wire: Wire, slot: Slot) -> None:
    camera = encoder_of(wire)
    wire.route(slot.id, camera.encoding.id)
    camera.send(keyframe=True)
    camera.active = 0b011
    run(camera, 2)
    wire.route(slot.id, camera.encoding.id, temporal=0)
    run(camera, 5)
    camera.active = 0b001
    camera.send(keyframe=True)
    assert [mask for mask in told(slot) if mask] == [0b111, 0b011, 0b001, 0b001]


def test_layers_that_are_not_sent_are_not_waited_for(wire: Wire, slot: Slot) -> None:
    """A publisher that stops its largest layer in a keyframe shows the one below to all."""
    camera = encoder_of(wire, mode=L3T3_KEY)
    wire.route(slot.id, camera.encoding.id, spatial=2)
    camera.send(keyframe=True)
    slot.subscriber.clear()
    camera.active = 0b000_111_111
    camera.send(keyframe=True, spatial=1)
    for _ in range(4):
        camera.send(spatial=1)
    shown = {one.frame.spatial for one in descriptors(slot.packets)[4:] if one.frame}
    assert shown == {1}
    assert all(packet.marker for packet in slot.packets[5::2])


def test_a_structure_that_came_late_counts_from_then_on(wire: Wire, slot: Slot) -> None:
    """The first packet of a keyframe is lost: what follows is thinned again once it has come."""
    camera = encoder_of(wire)
    wire.route(slot.id, camera.encoding.id, temporal=0)
    camera.send(keyframe=True)
    first, second = camera.picture(keyframe=True)
    camera.encoding.publisher.send(second)
    run(camera, 1)
    before = len(slot.packets)
    camera.encoding.publisher.send(first)
    assert len(slot.packets) == before + 1
    run(camera, 3)
    slot.subscriber.clear()
    run(camera, 8)
    assert {one.frame.temporal for one in descriptors_after(slot, first) if one.frame} == {0}


def descriptors_after(slot: Slot, structure: bytes) -> list[Descriptor]:
    """Of packets that refer to the structure in a publisher's packet."""
    profile, body = int.from_bytes(structure[12:14], "big"), structure[16:]
    size = 4 * int.from_bytes(structure[14:16], "big")
    elements = extensions.parse(profile, body[:size])
    reader = Reader()
    reader.read(elements[PUBLISHED_EXTENSIONS[DESCRIPTOR]], 1)
    found = [reader.read(value_of(packet) or b"", 2) for packet in slot.packets]
    return [one for one in found if one is not None]
