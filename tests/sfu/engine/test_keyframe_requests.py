"""Keyframes are asked for when somebody needs one, seldom, until it has come."""

from __future__ import annotations

import pytest

from sfu.engine.interface import Drop, Switch
from sfu.rtp import rtcp
from tests.support.wire import Encoding, FakePublisher, FakeSubscriber, Slot, Wire


@pytest.fixture
def camera(wire: Wire) -> Encoding:
    camera = FakePublisher(wire).encoding()
    camera.send(keyframe=True)
    return camera


def requests(camera: Encoding) -> int:
    plis = camera.publisher.told(rtcp.Pli)
    assert {pli.media_ssrc for pli in plis} <= {camera.ssrc}
    return len(plis)


def shown(wire: Wire, camera: Encoding) -> Slot:
    slot = FakeSubscriber(wire).slot()
    wire.route(slot.id, camera.id)
    return slot


def test_at_once_when_a_route_begins(wire: Wire, camera: Encoding) -> None:
    slot = shown(wire, camera)
    assert requests(camera) == 1
    assert wire.engine.stats().sources[camera.id].keyframe_requests_sent == 1
    camera.send()
    assert slot.packets == []
    drops = wire.engine.stats().transports[slot.subscriber.transport].drops
    assert drops == {Drop.AWAITING_KEYFRAME: 3}


def test_one_for_all_who_come_together(wire: Wire, camera: Encoding) -> None:
    for _ in range(10):
        shown(wire, camera)
    assert requests(camera) == 1


def test_again_every_half_second_until_it_comes(wire: Wire, camera: Encoding) -> None:
    shown(wire, camera)
    for _ in range(50):
        camera.send()
    assert requests(camera) == 5 or requests(camera) == 4
    camera.send(keyframe=True)
    seen = requests(camera)
    for _ in range(50):
        camera.send()
    assert requests(camera) == seen


def test_receivers_requests_become_one_each_half_second(wire: Wire, camera: Encoding) -> None:
    slots = [shown(wire, camera) for _ in range(5)]
    camera.send(keyframe=True)
    wire.advance(1)
    before = requests(camera)
    for _ in range(20):
        for slot in slots:
            slot.subscriber.lose_picture(slot)
        camera.send()
    assert requests(camera) - before == 2
    assert wire.engine.stats().sinks[slots[0].id].keyframe_requests_received == 20


def test_fir_is_understood_too(wire: Wire, camera: Encoding) -> None:
    slot = shown(wire, camera)
    camera.send(keyframe=True)
    wire.advance(1)
    before = requests(camera)
    slot.subscriber.send_rtcp(rtcp.fir(1, slot.parameters.ssrc, 1))
    assert requests(camera) == before + 1


def test_request_within_the_half_second_is_kept_for_later(wire: Wire, camera: Encoding) -> None:
    slot = shown(wire, camera)
    camera.send(keyframe=True)
    slot.subscriber.lose_picture(slot)
    assert requests(camera) == 1
    wire.advance(0.5)
    assert requests(camera) == 2


def test_keyframe_that_comes_meanwhile_answers_it(wire: Wire, camera: Encoding) -> None:
    slot = shown(wire, camera)
    camera.send(keyframe=True)
    slot.subscriber.lose_picture(slot)
    camera.send(keyframe=True)
    wire.advance(0.6)
    assert requests(camera) == 1


def test_silent_encoding_is_not_asked_until_it_comes_back(wire: Wire, camera: Encoding) -> None:
    wire.advance(10)
    slot = shown(wire, camera)
    wire.advance(10)
    assert requests(camera) == 0
    camera.send()
    assert requests(camera) == 1
    camera.send(keyframe=True)
    assert len(slot.packets) == 3


def test_nobody_waits_for_a_route_that_is_gone(wire: Wire, camera: Encoding) -> None:
    slot = shown(wire, camera)
    wire.route(slot.id, None)
    for _ in range(30):
        camera.send()
    assert requests(camera) == 1


def test_request_of_an_empty_slot_is_ignored(wire: Wire, camera: Encoding) -> None:
    subscriber = FakeSubscriber(wire)
    slot = subscriber.slot()
    subscriber.lose_picture(slot)
    subscriber.send_rtcp(rtcp.pli(1, 0xDEAD))
    assert requests(camera) == 0


def test_asked_as_soon_as_there_is_a_way_to_the_publisher(wire: Wire, camera: Encoding) -> None:
    publisher = camera.publisher
    wire.engine.select_path(publisher.transport, None)
    shown(wire, camera)
    assert requests(camera) == 0
    wire.engine.select_path(publisher.transport, publisher.path)
    wire.deliver()
    assert requests(camera) == 1


def test_nobody_is_asked_for_a_receiver_that_cannot_be_reached_yet(
    wire: Wire, camera: Encoding
) -> None:
    slot = FakeSubscriber(wire).slot()
    subscriber = slot.subscriber
    wire.engine.select_path(subscriber.transport, None)
    wire.route(slot.id, camera.id)
    for _ in range(30):
        camera.send()
    assert requests(camera) == 0
    wire.engine.select_path(subscriber.transport, subscriber.path)
    wire.deliver()
    assert requests(camera) == 1


def test_layer_switch_asks_the_new_layer(wire: Wire) -> None:
    person = FakePublisher(wire)
    low, high = person.encoding(rid="q"), person.encoding(rid="f")
    slot = FakeSubscriber(wire).slot()
    wire.route(slot.id, low.id)
    low.send(keyframe=True)
    high.send()
    person.clear()
    wire.route(slot.id, high.id, Switch.LAYER)
    assert [pli.media_ssrc for pli in person.told(rtcp.Pli)] == [high.ssrc]


def test_keyframes_are_counted_by_frame(wire: Wire, camera: Encoding) -> None:
    camera.send(keyframe=True)
    camera.send()
    assert wire.engine.stats().sources[camera.id].keyframes == 2
