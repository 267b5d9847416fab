"""Meetings begin and end; nothing of them stays."""

from __future__ import annotations

import gc
import weakref

from sfu.engine.interface import Codec, Kind, Switch
from sfu.engine.reference import ReferenceEngine
from sfu.engine.source import Source
from sfu.engine.srtp import SrtpReceiver, SrtpSender
from tests.support.wire import FakePublisher, FakeSubscriber, Wire


def meeting(wire: Wire) -> tuple[FakePublisher, FakeSubscriber]:
    publisher, subscriber = FakePublisher(wire), FakeSubscriber(wire)
    camera = publisher.encoding(rid="f")
    microphone = publisher.encoding(Codec.OPUS, mid="0")
    wire.engine.expect_stun(publisher.transport, publisher.path)
    wire.engine.set_receive_limit(publisher.transport, 1_000_000)
    picture, sound = subscriber.slot(), subscriber.slot(Kind.AUDIO)
    wire.route(picture.id, camera.id)
    wire.route(sound.id, microphone.id)
    camera.publisher.send(*camera.frame(keyframe=True)[:1], *camera.frame()[1:])
    microphone.publisher.send(*microphone.frame(packets=1))
    return publisher, subscriber


def leave(wire: Wire, *peers: FakePublisher | FakeSubscriber) -> None:
    for peer in peers:
        wire.engine.close_transport(peer.transport)
        del wire.peers[peer.path]


def test_meetings_leave_empty_tables(wire: Wire) -> None:
    for number in range(100):
        publisher, subscriber = meeting(wire)
        if number % 2:
            leave(wire, publisher, subscriber)
        else:
            leave(wire, subscriber, publisher)
        wire.now += 0.01
    wire.deliver()
    wire.events.clear()
    stats = wire.engine.stats()
    assert (stats.transports, stats.sources, stats.sinks) == ({}, {}, {})
    wire.advance(60)
    assert wire.wake_at is None
    assert wire.events == []


def test_reference_engine_frees_its_tables_and_libsrtp_at_once() -> None:
    engine = ReferenceEngine()
    wire = Wire(engine)
    gc.collect()
    gc.disable()
    try:
        peers = meeting(wire)
        sessions = [
            weakref.ref(found)
            for found in gc.get_objects()
            if isinstance(found, SrtpSender | SrtpReceiver)
        ]
        assert len(sessions) >= 4
        leave(wire, *peers)
        wire.deliver()
        assert [found for found in sessions if found() is not None] == []
    finally:
        gc.enable()
    assert engine._ufrags == {}
    assert engine._paths.validated == {}
    assert engine._paths.expected == {}


def test_reference_engine_keeps_no_closed_source_in_the_sinks_that_showed_it() -> None:
    wire = Wire(ReferenceEngine())
    person = FakePublisher(wire)
    low, high = person.encoding(rid="q"), person.encoding(rid="f")
    slot = FakeSubscriber(wire).slot()
    wire.route(slot.id, low.id)
    low.send(keyframe=True)
    wire.route(slot.id, high.id, Switch.LAYER)
    sources = [weakref.ref(found) for found in gc.get_objects() if isinstance(found, Source)]
    assert len(sources) >= 2
    wire.engine.close_source(high.id)
    wire.engine.close_source(low.id)
    wire.deliver()
    gc.collect()
    assert [found for found in sources if found() is not None] == []


def test_closing_one_side_does_not_disturb_the_other(wire: Wire) -> None:
    camera = FakePublisher(wire).encoding()
    first, second = FakeSubscriber(wire), FakeSubscriber(wire)
    slots = [first.slot(), second.slot()]
    for slot in slots:
        wire.route(slot.id, camera.id)
    camera.send(keyframe=True)
    leave(wire, first)
    camera.send()
    assert [len(slot.packets) for slot in slots] == [3, 6]
    leave(wire, camera.publisher)
    wire.advance(5)
    assert len(slots[1].packets) == 6


def test_closed_sink_gets_nothing_more(wire: Wire) -> None:
    camera = FakePublisher(wire).encoding()
    subscriber = FakeSubscriber(wire)
    slot = subscriber.slot()
    wire.route(slot.id, camera.id)
    camera.send(keyframe=True)
    wire.engine.close_sink(slot.id)
    camera.send()
    subscriber.ask_again(slot, slot.packets[0].sequence)
    subscriber.lose_picture(slot)
    assert len(slot.packets) == 3
    assert slot.repairs == []
