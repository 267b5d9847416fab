"""The plain way of a packet: from a publisher to whoever is routed to it."""

from __future__ import annotations

import pytest

from sfu.engine.interface import Codec, Kind, SourceActive, SrtpProfile
from tests.support.wire import SUBSCRIBED, FakePublisher, FakeSubscriber, Wire


@pytest.mark.parametrize("codec", list(Codec))
def test_frames_arrive_with_the_receivers_own_numbers(wire: Wire, codec: Codec) -> None:
    camera = FakePublisher(wire).encoding(codec)
    slot = FakeSubscriber(wire).slot(codec.kind)
    wire.route(slot.id, camera.id)
    camera.send(keyframe=True)
    camera.send()
    packets = slot.packets
    assert len(packets) == 6
    assert {packet.payload_type for packet in packets} == {SUBSCRIBED[codec].media}
    assert [packet.marker for packet in packets] == [False, False, True] * 2
    first = packets[0].sequence
    assert [packet.sequence for packet in packets] == list(range(first, first + 6))
    assert first < 1 << 15
    rate = codec.clock_rate
    step = 3600 if codec.kind is Kind.VIDEO else rate // 50
    assert packets[3].timestamp - packets[0].timestamp == step


@pytest.mark.parametrize("profile", list(SrtpProfile))
def test_every_profile_works_in_both_directions(wire: Wire, profile: SrtpProfile) -> None:
    camera = FakePublisher(wire, profile).encoding()
    slot = FakeSubscriber(wire, profile).slot()
    wire.route(slot.id, camera.id)
    camera.send(keyframe=True)
    assert [packet.payload[-50:] for packet in slot.packets] == [b"v" * 50] * 3


def test_everybody_gets_it(wire: Wire) -> None:
    camera = FakePublisher(wire).encoding()
    slots = [FakeSubscriber(wire).slot() for _ in range(5)]
    for slot in slots:
        wire.route(slot.id, camera.id)
    camera.send(keyframe=True)
    assert [len(slot.packets) for slot in slots] == [3] * 5


def test_source_is_announced_once_with_its_codec(wire: Wire) -> None:
    camera = FakePublisher(wire).encoding(Codec.H264)
    camera.send(keyframe=True)
    camera.send()
    assert wire.seen(SourceActive) == [SourceActive(camera.id, camera.ssrc, Codec.H264)]


def test_padding_and_csrcs_stay_behind(wire: Wire) -> None:
    camera = FakePublisher(wire).encoding()
    slot = FakeSubscriber(wire).slot()
    wire.route(slot.id, camera.id)
    [packet] = camera.frame(keyframe=True, packets=1)
    padded = bytes((packet[0] | 0x21,)) + packet[1:12] + b"CSRC" + packet[12:] + b"\0\0\x03"
    camera.publisher.send(padded)
    [forwarded] = slot.packets
    assert forwarded.csrcs == b""
    assert forwarded.padding == 0
    assert len(forwarded.payload) == len(camera.payload(0, keyframe=True))
