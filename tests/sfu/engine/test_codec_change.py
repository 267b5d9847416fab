"""A publisher goes over to another codec on the same SSRC."""

from __future__ import annotations

from sfu.engine.interface import Codec, Drop, SourceActive
from sfu.rtp import rtcp
from tests.support.wire import SUBSCRIBED, FakePublisher, FakeSubscriber, Wire


def test_from_its_keyframe_on_by_payload_type(wire: Wire) -> None:
    camera = FakePublisher(wire).encoding(Codec.VP8)
    slot = FakeSubscriber(wire).slot()
    wire.route(slot.id, camera.id)
    camera.send(keyframe=True)
    camera.codec = Codec.H264
    camera.send(keyframe=True)
    camera.codec = Codec.VP9
    camera.send(keyframe=True)
    types = [packet.payload_type for packet in slot.packets]
    assert types == [
        SUBSCRIBED[codec].media for codec in (Codec.VP8, Codec.H264, Codec.VP9) for _ in range(3)
    ]
    first = slot.packets[0].sequence
    assert [packet.sequence for packet in slot.packets] == list(range(first, first + 9))
    assert [event.codec for event in wire.seen(SourceActive)] == [
        Codec.VP8,
        Codec.H264,
        Codec.VP9,
    ]


def test_waits_for_a_keyframe_and_asks_for_it(wire: Wire) -> None:
    camera = FakePublisher(wire).encoding(Codec.VP8)
    slot = FakeSubscriber(wire).slot()
    wire.route(slot.id, camera.id)
    camera.send(keyframe=True)
    wire.advance(1)
    asked = len(camera.publisher.told(rtcp.Pli))
    camera.codec = Codec.H264
    camera.send()
    assert len(slot.packets) == 3
    assert len(camera.publisher.told(rtcp.Pli)) == asked + 1
    camera.send(keyframe=True)
    assert len(slot.packets) == 6


def test_late_packet_of_the_old_codec_does_not_disturb(wire: Wire) -> None:
    camera = FakePublisher(wire).encoding(Codec.VP8)
    slot = FakeSubscriber(wire).slot()
    wire.route(slot.id, camera.id)
    camera.send(keyframe=True)
    late = camera.frame(keyframe=True)
    camera.codec = Codec.H264
    camera.send(keyframe=True)
    camera.publisher.send(*late)
    camera.send()
    assert len(slot.packets) == 9
    assert wire.engine.stats().drops == {Drop.TOO_OLD: 3}


def test_receiver_that_did_not_negotiate_it_gets_nothing_and_asks_for_nothing(wire: Wire) -> None:
    camera = FakePublisher(wire).encoding(Codec.AV1)
    slot = FakeSubscriber(wire).slot(codecs=[Codec.VP8])
    wire.route(slot.id, camera.id)
    for _ in range(30):
        camera.send(keyframe=True)
    assert slot.packets == []
    assert camera.publisher.told(rtcp.Pli) == []
    drops = wire.engine.stats().transports[slot.subscriber.transport].drops
    assert drops == {Drop.CODEC_NOT_NEGOTIATED: 90}
