"""Who may speak for a transport, and where it is spoken to."""

from __future__ import annotations

from sfu.engine.interface import Datagram, Drop, Path, SourceActive
from tests.support.wire import FakePublisher, FakeSubscriber, Wire

DTLS = b"\x16\xfe\xfd"


def path(number: int) -> Path:
    return Path("192.0.2.1", number, "10.1.0.1")


def test_media_is_taken_from_every_validated_path(wire: Wire) -> None:
    camera = FakePublisher(wire).encoding()
    wire.engine.validate_path(camera.publisher.transport, path(1))
    wire.deliver(Datagram(path(1), camera.publisher.datagram(camera.frame()[0]).data))
    assert wire.seen(SourceActive)


def test_media_goes_to_the_selected_path_only(wire: Wire) -> None:
    camera = FakePublisher(wire).encoding()
    subscriber = FakeSubscriber(wire)
    slot = subscriber.slot()
    wire.route(slot.id, camera.id)
    wire.engine.validate_path(subscriber.transport, path(1))
    camera.send(keyframe=True)
    assert len(slot.packets) == 3
    wire.engine.select_path(subscriber.transport, path(1))
    camera.send()
    assert len(slot.packets) == 3
    wire.engine.select_path(subscriber.transport, subscriber.path)
    camera.send()
    assert len(slot.packets) == 6


def test_nothing_is_sent_without_a_path_and_nothing_breaks_by_it(wire: Wire) -> None:
    camera = FakePublisher(wire).encoding()
    subscriber = FakeSubscriber(wire)
    slot = subscriber.slot()
    wire.engine.select_path(subscriber.transport, None)
    wire.route(slot.id, camera.id)
    camera.send(keyframe=True)
    assert slot.packets == []
    assert wire.engine.stats().transports[subscriber.transport].drops == {Drop.NO_PATH: 3}
    wire.engine.select_path(subscriber.transport, subscriber.path)
    camera.send()
    assert slot.packets == []  # it waits for a keyframe still
    camera.send(keyframe=True)
    assert len(slot.packets) == 3


def test_the_ninth_path_evicts_the_oldest_that_is_not_selected(wire: Wire) -> None:
    peer = FakePublisher(wire)
    for number in range(8):
        wire.engine.validate_path(peer.transport, path(number))
    wire.deliver(*(Datagram(path(number), DTLS) for number in range(8)))
    wire.deliver(Datagram(peer.path, DTLS))
    assert wire.engine.stats().drops == {Drop.UNVALIDATED_PATH: 1}
    assert wire.deliver(Datagram(path(0), DTLS)) == []
    assert len(wire.deliver(Datagram(peer.path, DTLS))) == 1


def test_a_path_belongs_to_the_transport_that_validated_it_last(wire: Wire) -> None:
    first, second = FakePublisher(wire), FakePublisher(wire)
    wire.engine.validate_path(second.transport, first.path)
    [event] = wire.deliver(Datagram(first.path, DTLS))
    assert getattr(event, "transport", None) == second.transport
    wire.engine.set_receive_limit(first.transport, 1000)
    wire.advance(3)
    assert first.feedback == []  # nor is the first one sent anything there


def test_commands_for_a_closed_transport_are_ignored(wire: Wire) -> None:
    peer = FakePublisher(wire)
    camera = peer.encoding()
    slot = FakeSubscriber(wire).slot()
    wire.engine.close_transport(peer.transport)
    wire.engine.close_transport(peer.transport)
    wire.engine.validate_path(peer.transport, path(1))
    wire.engine.select_path(peer.transport, path(1))
    wire.engine.expect_stun(peer.transport, path(1))
    wire.engine.start_srtp(peer.transport, peer.srtp.keys)
    wire.engine.set_ufrags(peer.transport, ["x"])
    wire.engine.set_extensions(peer.transport, {})
    wire.engine.set_receive_limit(peer.transport, 1)
    wire.engine.open_source(camera.id, camera.parameters)
    wire.engine.close_source(camera.id)
    wire.engine.close_sink(slot.id)
    wire.engine.close_sink(slot.id)
    wire.route(slot.id, camera.id)
    wire.deliver(Datagram(path(1), DTLS))
    assert wire.events == []
    assert wire.engine.stats().sources == {}
    assert wire.engine.stats().sinks == {}


def test_sent_and_received_datagrams_are_counted(wire: Wire) -> None:
    camera = FakePublisher(wire).encoding()
    subscriber = FakeSubscriber(wire)
    wire.route(subscriber.slot().id, camera.id)
    camera.send(keyframe=True)
    wire.engine.send(subscriber.path, b"stun")
    wire.deliver()
    stats = wire.engine.stats().transports
    assert stats[camera.publisher.transport].datagrams_received == 3
    assert stats[subscriber.transport].datagrams_sent == len(subscriber.datagrams) == 4
    assert stats[subscriber.transport].bytes_sent == sum(map(len, subscriber.datagrams))
