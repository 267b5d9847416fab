"""PictureID and TL0PICIDX go on over a switch: a gap freezes the decoder without a word."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from sfu.engine.interface import Codec, Switch
from sfu.rtp import vp8, vp9
from tests.support.wire import Encoding, FakePublisher, FakeSubscriber, Slot, Wire

Numbers = tuple[int | None, int | None]

READ: dict[Codec, Callable[[bytes], vp8.Vp8Descriptor | vp9.Vp9Descriptor]] = {
    Codec.VP8: vp8.describe,
    Codec.VP9: vp9.describe,
}


def frames(slot: Slot, codec: Codec) -> list[Numbers]:
    """The numbers of each frame; all packets of a frame have the same."""
    found: dict[int, Numbers] = {}
    for packet in filter(lambda packet: packet.payload, slot.packets):
        descriptor = READ[codec](packet.payload)
        numbers = (descriptor.picture_id, descriptor.tl0picidx)
        assert found.setdefault(packet.timestamp, numbers) == numbers
    return list(found.values())


def assert_continuous(numbers: list[Numbers]) -> None:
    for (picture, tl0), (next_picture, next_tl0) in itertools.pairwise(numbers):
        assert picture is not None
        assert tl0 is not None
        assert next_picture == picture + 1 & 0x7FFF
        assert next_tl0 == tl0 + 1 & 0xFF


@pytest.mark.parametrize("codec", [Codec.VP8, Codec.VP9])
@pytest.mark.parametrize("switch", list(Switch))
def test_they_go_on(wire: Wire, codec: Codec, switch: Switch) -> None:
    cameras = [FakePublisher(wire).encoding(codec) for _ in range(2)]
    slot = FakeSubscriber(wire).slot()
    wire.route(slot.id, cameras[0].id)
    for turn in range(8):
        camera = cameras[turn % 2]
        wire.route(slot.id, camera.id, switch)
        camera.send(keyframe=True)
        cameras[0].send()
        cameras[1].send()
    numbers = frames(slot, codec)
    assert len(numbers) == 16
    assert_continuous(numbers)


@pytest.mark.parametrize("codec", [Codec.VP8, Codec.VP9])
def test_padding_before_a_switch_has_no_numbers_to_go_on_from(wire: Wire, codec: Codec) -> None:
    """Browsers probe the bandwidth with packets that are padding only."""
    first, second = FakePublisher(wire).encoding(codec), FakePublisher(wire).encoding(codec)
    slot = FakeSubscriber(wire).slot()
    wire.route(slot.id, first.id)
    first.send(keyframe=True)
    first.send()
    first.publisher.send(first.packet(b"", marker=False))
    wire.route(slot.id, second.id)
    second.send(keyframe=True)
    assert_continuous(frames(slot, codec))


@pytest.mark.parametrize("codec", [Codec.VP8, Codec.VP9])
def test_through_the_wrap_around(wire: Wire, codec: Codec) -> None:
    first, second = FakePublisher(wire).encoding(codec), FakePublisher(wire).encoding(codec)
    first.picture_id, first.tl0picidx = 0x7FFE, 0xFE
    second.picture_id, second.tl0picidx = 0x7FFF, 0
    slot = FakeSubscriber(wire).slot()
    for camera in (first, second):
        wire.route(slot.id, camera.id)
        camera.send(keyframe=True)
        for _ in range(4):
            camera.send()
    assert_continuous(frames(slot, codec))


def test_over_a_codec_that_has_none(wire: Wire) -> None:
    first, between = FakePublisher(wire).encoding(), FakePublisher(wire).encoding(Codec.H264)
    second = FakePublisher(wire).encoding()
    slot = FakeSubscriber(wire).slot()
    for camera in (first, between, second):
        wire.route(slot.id, camera.id)
        camera.send(keyframe=True)
    packets = [packet.payload for packet in slot.packets]
    before, after = vp8.describe(packets[0]), vp8.describe(packets[-1])
    assert_continuous([(p.picture_id, p.tl0picidx) for p in (before, after)])


def short(camera: Encoding, index: int, keyframe: bool) -> bytes:
    """A descriptor with a picture id of 7 bits and nothing else."""
    head = bytes((0x90 if index == 0 else 0x80, 0x80, camera.picture_id & 0x7F))
    return head + bytes((0x10 if keyframe else 0x11,)) + b"s" * 20


def bare(camera: Encoding, index: int, keyframe: bool) -> bytes:
    """The one-byte descriptor."""
    return bytes((0x10 if index == 0 else 0, 0x10 if keyframe else 0x11)) + b"b" * 20


def test_seven_bits_stay_seven_bits(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    cameras = [FakePublisher(wire).encoding() for _ in range(2)]
    slot = FakeSubscriber(wire).slot()
    cameras[0].picture_id, cameras[1].picture_id = 126, 127
    monkeypatch.setattr(cameras[0], "payload", lambda *of: short(cameras[0], *of))
    monkeypatch.setattr(cameras[1], "payload", lambda *of: short(cameras[1], *of))
    for camera in cameras:
        wire.route(slot.id, camera.id)
        camera.send(keyframe=True)
        for _ in range(99):
            camera.send()
    ids = [picture_id for picture_id, _ in frames(slot, Codec.VP8)]
    assert ids[0] is not None
    assert ids == [ids[0] + index & 0x7F for index in range(200)]


def test_descriptor_without_numbers_is_left_alone(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    camera = FakePublisher(wire).encoding()
    monkeypatch.setattr(camera, "payload", lambda *of: bare(camera, *of))
    slot = FakeSubscriber(wire).slot()
    wire.route(slot.id, camera.id)
    camera.send(keyframe=True, packets=1)
    assert slot.packets[0].payload == bare(camera, 0, keyframe=True)
