"""The limit a publisher is told by REMB, without which browsers never send their best layer."""

from __future__ import annotations

from sfu.engine.interface import BandwidthEstimate, BandwidthSource, Codec
from sfu.rtp import rtcp
from tests.support.wire import FakePublisher, FakeSubscriber, Wire


def test_told_at_once_about_once_a_second_and_when_it_changes(wire: Wire) -> None:
    publisher = FakePublisher(wire)
    wire.engine.set_receive_limit(publisher.transport, 2_000_000)
    wire.deliver()
    assert len(publisher.told(rtcp.Remb)) == 1
    wire.advance(5)
    assert 5 <= len(publisher.told(rtcp.Remb)) <= 7
    publisher.clear()
    wire.engine.set_receive_limit(publisher.transport, 500_000)
    wire.deliver()
    assert [remb.bitrate for remb in publisher.told(rtcp.Remb)] == [500_000]


def test_covers_every_source_and_is_told_again_when_one_appears(wire: Wire) -> None:
    publisher = FakePublisher(wire)
    wire.engine.set_receive_limit(publisher.transport, 2_000_000)
    layers = [publisher.encoding(rid=rid) for rid in ("q", "h", "f")]
    microphone = publisher.encoding(Codec.OPUS, mid="0")
    wire.deliver()
    publisher.clear()
    for encoding in (*layers, microphone):
        publisher.send(*encoding.frame())
    told = publisher.told(rtcp.Remb)
    assert len(told) == 4
    assert set(told[-1].ssrcs) == {encoding.ssrc for encoding in (*layers, microphone)}


def test_none_is_told_without_a_limit(wire: Wire) -> None:
    publisher = FakePublisher(wire)
    camera = publisher.encoding()
    camera.send()
    wire.engine.set_receive_limit(publisher.transport, 1_000_000)
    wire.deliver()
    publisher.clear()
    wire.engine.set_receive_limit(publisher.transport, 0)
    wire.advance(5)
    assert publisher.told(rtcp.Remb) == []


def test_estimate_of_a_receiver_is_kept(wire: Wire) -> None:
    subscriber = FakeSubscriber(wire)
    slot = subscriber.slot()
    subscriber.send_rtcp(rtcp.remb(1, 1_234_944, [slot.parameters.ssrc]))
    assert wire.engine.stats().transports[subscriber.transport].remb == 1_234_944


def test_another_estimate_of_a_receiver_is_told_once(wire: Wire) -> None:
    subscriber = FakeSubscriber(wire)
    slot = subscriber.slot()
    for bitrate in (1_234_944, 1_234_944, 500_000):
        subscriber.send_rtcp(rtcp.remb(1, bitrate, [slot.parameters.ssrc]))
    assert wire.seen(BandwidthEstimate) == [
        BandwidthEstimate(subscriber.transport, bitrate, BandwidthSource.REMB)
        for bitrate in (1_234_944, 500_000)
    ]
