"""Nothing happens where 16 and 32 bits end."""

from __future__ import annotations

from sfu.engine.interface import Drop
from sfu.rtp import rtcp
from sfu.rtp.packet import parse
from sfu.rtp.sequence import distance32
from tests.support.wire import FakePublisher, FakeSubscriber, Wire


def test_publishers_numbers_wrap(wire: Wire) -> None:
    camera = FakePublisher(wire).encoding()
    camera.sequence, camera.timestamp = 0xFFFD, 0xFFFF_FFFF - 3600
    slot = FakeSubscriber(wire).slot()
    wire.route(slot.id, camera.id)
    camera.send(keyframe=True)
    for _ in range(3):
        camera.send()
    packets = slot.packets
    assert [packet.sequence - packets[0].sequence for packet in packets] == list(range(12))
    steps = [
        distance32(after.timestamp, before.timestamp)
        for before, after in zip(packets[::3], packets[3::3], strict=False)
    ]
    assert steps == [3600] * 3


def test_our_numbers_wrap_and_are_repaired_across_it(wire: Wire) -> None:
    camera = FakePublisher(wire).encoding()
    subscriber = FakeSubscriber(wire)
    slot = subscriber.slot()
    wire.route(slot.id, camera.id)
    camera.send(keyframe=True)
    while subscriber.received[-1].sequence < 0xFFF0:
        subscriber.received.clear()
        subscriber.datagrams.clear()
        camera.publisher.send(*camera.frame(packets=16))
        camera.sent.clear()
        wire.now += 0.001
    camera.send(packets=40)
    numbers = [packet.sequence for packet in slot.packets]
    assert 0 in numbers
    assert numbers == [numbers[0] + index & 0xFFFF for index in range(len(numbers))]
    subscriber.ask_again(slot, 0xFFFF, 0, 1)
    assert [packet.payload[:2] for packet in slot.repairs] == [b"\xff\xff", b"\0\0", b"\0\1"]


def test_missing_across_the_wrap(wire: Wire) -> None:
    camera = FakePublisher(wire).encoding()
    camera.sequence = 0xFFFE
    slot = FakeSubscriber(wire).slot()
    wire.route(slot.id, camera.id)
    frame = camera.frame(keyframe=True, packets=5)
    camera.publisher.send(frame[0], frame[4])
    wire.advance(0.02)
    assert camera.publisher.told(rtcp.Nack)[0].lost == (0xFFFF, 0, 1)
    camera.publisher.send(*(camera.repair(parse(packet).sequence) for packet in frame[1:4]))
    numbers = [packet.sequence for packet in slot.packets]
    assert sorted(numbers) == list(range(numbers[0], numbers[0] + 5))
    assert wire.engine.stats().drops == {}


def test_very_old_packet_is_refused(wire: Wire) -> None:
    camera = FakePublisher(wire).encoding()
    camera.send(keyframe=True)
    first = camera.sequence - 1 & 0xFFFF
    for _ in range(150):
        camera.publisher.send(*camera.frame(packets=15))
    camera.publisher.send(camera.repair(first))
    assert wire.engine.stats().drops == {Drop.TOO_OLD: 1}
