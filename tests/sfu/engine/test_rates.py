"""What the layers of a source take, told twice a second."""

from __future__ import annotations

import pytest

from sfu.engine.interface import Codec, Kind, LayerRate, SourceRates, SourceSilent
from tests.support.layered import LayeredEncoder, Mode
from tests.support.wire import FRAME, Encoding, FakePublisher, FakeSubscriber, Wire


def told(wire: Wire, camera: Encoding) -> list[tuple[LayerRate, ...]]:
    return [one.rates[camera.id] for one in wire.seen(SourceRates) if camera.id in one.rates]


def run(encoder: LayeredEncoder, seconds: float) -> None:
    for _ in range(round(seconds / FRAME)):
        encoder.send(packets=1, size=90)


def test_each_layer_by_itself(wire: Wire) -> None:
    encoder = LayeredEncoder(FakePublisher(wire).encoding(Codec.VP9), Mode(2, 3))
    encoder.send(keyframe=True)
    run(encoder, 5)
    last = told(wire, encoder.encoding)[-1]
    assert [(rate.spatial, rate.temporal) for rate in last] == [
        (spatial, temporal) for spatial in (0, 1) for temporal in (0, 1, 2)
    ]
    for rate in last:
        pictures = 25 / (4, 4, 2)[rate.temporal]
        assert rate.bitrate == pytest.approx(8 * 101 * pictures, rel=0.15)


@pytest.mark.parametrize("codec", [Codec.H264, Codec.VP8, Codec.VP9, Codec.AV1])
def test_what_tells_no_layers_is_one(wire: Wire, codec: Codec) -> None:
    camera = FakePublisher(wire).encoding(codec)
    camera.send(keyframe=True)
    for _ in range(25):
        camera.send()
    size = sum(len(packet) - 12 - len(camera.header_extension()) for packet in camera.sent.values())
    [rate] = told(wire, camera)[-1]
    assert rate[:2] == (0, 0)
    assert rate.bitrate == pytest.approx(8 * size, rel=0.1)


def test_twice_a_second_all_sources_together(wire: Wire) -> None:
    cameras = [FakePublisher(wire).encoding() for _ in range(3)]
    for camera in cameras:
        camera.publisher.send(*camera.frame(keyframe=True))
    wire.advance(2.6)
    events = wire.seen(SourceRates)
    assert len(events) == 5
    for event in events:
        assert set(event.rates) == {camera.id for camera in cameras}


def test_a_source_that_came_later_is_told_of_when_it_can_be(wire: Wire) -> None:
    first, second = FakePublisher(wire).encoding(), FakePublisher(wire).encoding()
    first.publisher.send(*first.frame(keyframe=True))
    wire.advance(0.4)
    second.publisher.send(*second.frame(keyframe=True))
    wire.advance(0.2)
    assert told(wire, second) == []
    wire.advance(0.5)
    size = sum(len(packet) - 12 - len(second.header_extension()) for packet in second.sent.values())
    [[rate]] = told(wire, second)
    assert rate.bitrate == pytest.approx(8 * size / 0.6, abs=1)


def test_nothing_while_nobody_sends(wire: Wire) -> None:
    camera, sound = FakePublisher(wire).encoding(), FakePublisher(wire).encoding(Codec.OPUS)
    sound.send(packets=1)
    wire.advance(2)
    assert wire.seen(SourceRates) == []
    camera.send(keyframe=True)
    wire.advance(5)
    assert len(wire.seen(SourceSilent)) == 2
    events = len(wire.seen(SourceRates))
    assert told(wire, camera)[-1] == ()
    wire.advance(5)
    assert len(wire.seen(SourceRates)) == events
    wire.deliver()
    assert wire.wake_at is None or wire.wake_at > wire.now
    camera.send(keyframe=True)
    wire.advance(0.5)
    assert len(wire.seen(SourceRates)) == events + 1


def test_the_window_forgets(wire: Wire) -> None:
    encoder = LayeredEncoder(FakePublisher(wire).encoding())
    encoder.send(keyframe=True, packets=10, size=1000)
    run(encoder, 2)
    rates = [sum(rate.bitrate for rate in one) for one in told(wire, encoder.encoding)]
    assert rates[0] > 100_000
    assert rates[2] < 30_000


def test_repeats_do_not_count_and_repairs_do(wire: Wire) -> None:
    camera = FakePublisher(wire).encoding()
    slot = FakeSubscriber(wire).slot(Kind.VIDEO)
    wire.route(slot.id, camera.id)
    packets = camera.frame(keyframe=True, packets=4)
    camera.publisher.send(*packets[:3])
    lost = camera.sequence - 1 & 0xFFFF
    for _ in range(3):
        camera.publisher.send(camera.repair(lost))
        camera.publisher.send(camera.repair(lost - 1))
    wire.advance(0.5)
    size = sum(len(packet) - 12 - len(camera.header_extension()) for packet in packets)
    assert told(wire, camera) == [(LayerRate(0, 0, 2 * 8 * size),)]
