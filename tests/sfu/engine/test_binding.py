"""Which SSRC becomes which source: only by authenticated packets, only within one transport."""

from __future__ import annotations

from sfu.engine.interface import (
    Codec,
    Datagram,
    Drop,
    SourceActive,
    SourceId,
    SourceParameters,
)
from tests.support.wire import FakePublisher, FakeSubscriber, SrtpPeer, Wire


def drops(wire: Wire, publisher: FakePublisher) -> dict[Drop, int]:
    return wire.engine.stats().transports[publisher.transport].drops


def active(wire: Wire) -> list[tuple[SourceId, int]]:
    return [(event.source, event.ssrc) for event in wire.seen(SourceActive)]


def test_by_mid(wire: Wire) -> None:
    publisher = FakePublisher(wire)
    microphone = publisher.encoding(Codec.OPUS, mid="0")
    camera = publisher.encoding(mid="1")
    camera.send()
    microphone.send()
    assert active(wire) == [(camera.id, camera.ssrc), (microphone.id, microphone.ssrc)]


def test_by_mid_and_rid(wire: Wire) -> None:
    publisher = FakePublisher(wire)
    layers = [publisher.encoding(rid=rid) for rid in ("q", "h", "f")]
    for layer in reversed(layers):
        layer.send()
    assert active(wire) == [(layer.id, layer.ssrc) for layer in reversed(layers)]


def test_bound_once_the_extensions_are_no_longer_needed(wire: Wire) -> None:
    camera = FakePublisher(wire).encoding()
    slot = FakeSubscriber(wire).slot()
    wire.route(slot.id, camera.id)
    camera.send(keyframe=True)
    camera.publisher.send(*camera.frame(extension=b""))
    assert len(slot.packets) == 6


def test_by_declaration(wire: Wire) -> None:
    camera = FakePublisher(wire).encoding(declared=True)
    camera.publisher.send(*camera.frame(extension=b""))
    assert active(wire) == [(camera.id, camera.ssrc)]


def test_unknown_ssrc_is_dropped(wire: Wire) -> None:
    publisher = FakePublisher(wire)
    camera = publisher.encoding(open_source=False)
    publisher.send(*camera.frame(), *camera.frame(extension=b""))
    assert drops(wire, publisher) == {Drop.UNKNOWN_SSRC: 6}
    assert active(wire) == []


def test_forged_packet_binds_nothing(wire: Wire) -> None:
    publisher = FakePublisher(wire)
    camera = publisher.encoding()
    forger = SrtpPeer(seed=666)
    [forged] = camera.frame(packets=1)
    wire.deliver(Datagram(publisher.path, forger.protect(forged)))
    assert drops(wire, publisher) == {Drop.SRTP_AUTHENTICATION: 1}
    assert active(wire) == []
    camera.ssrc += 1
    camera.send()
    assert active(wire) == [(camera.id, camera.ssrc)]


def test_repair_may_come_before_its_media(wire: Wire) -> None:
    publisher = FakePublisher(wire)
    camera = publisher.encoding(rid="f")
    slot = FakeSubscriber(wire).slot()
    wire.route(slot.id, camera.id)
    lost, *rest = camera.frame(keyframe=True)
    publisher.send(camera.repair(camera.sequence - 1 & 0xFFFF))
    assert drops(wire, publisher) == {Drop.RTX_UNKNOWN: 1}
    publisher.send(*rest)
    publisher.send(camera.repair(camera.sequence - 3 & 0xFFFF))
    assert [packet.payload[:1] for packet in slot.packets] == [b"\x90", b"\x80", b"\x80"]
    assert lost


def test_repair_without_rid_is_told_by_its_payload_type(wire: Wire) -> None:
    publisher = FakePublisher(wire)
    camera = publisher.encoding()
    publisher.send(*camera.frame(packets=2)[:1])
    publisher.send(camera.repair(camera.sequence - 1 & 0xFFFF))
    stats = wire.engine.stats().sources[camera.id]
    assert (stats.packets, stats.packets_recovered) == (2, 1)


def test_one_transport_cannot_touch_the_ssrc_of_another(wire: Wire) -> None:
    victim, thief = FakePublisher(wire), FakePublisher(wire)
    camera = victim.encoding(declared=True)
    slot = FakeSubscriber(wire).slot()
    wire.route(slot.id, camera.id)
    camera.send(keyframe=True)
    claimed = thief.encoding(declared=False)
    claimed.ssrc = camera.ssrc
    claimed.send(keyframe=True)
    camera.send()
    assert len(slot.packets) == 6
    assert active(wire) == [(camera.id, camera.ssrc), (claimed.id, camera.ssrc)]


def test_new_ssrc_of_the_same_encoding_takes_over_without_a_jump(wire: Wire) -> None:
    camera = FakePublisher(wire).encoding()
    slot = FakeSubscriber(wire).slot()
    wire.route(slot.id, camera.id)
    camera.send(keyframe=True)
    old = camera.ssrc
    camera.ssrc, camera.sequence, camera.timestamp = old + 7, 50_000, 1
    camera.send()  # no keyframe: nothing to see yet
    camera.send(keyframe=True)
    numbers = [packet.sequence for packet in slot.packets]
    assert numbers == list(range(numbers[0], numbers[0] + 6))
    camera.ssrc = old
    camera.publisher.send(*camera.frame())
    assert len(slot.packets) == 6
    assert drops(wire, camera.publisher) == {Drop.UNKNOWN_SSRC: 3}


def test_track_published_again_is_known_by_its_old_ssrc(wire: Wire) -> None:
    camera = FakePublisher(wire).encoding()
    camera.send(keyframe=True)
    wire.engine.close_source(camera.id)
    camera.publisher.send(*camera.frame(extension=b""))
    assert drops(wire, camera.publisher) == {Drop.UNKNOWN_SSRC: 3}
    again = SourceId(wire.identifier())
    wire.engine.open_source(again, camera.parameters)
    camera.publisher.send(*camera.frame(extension=b""))
    assert active(wire)[-1] == (again, camera.ssrc)


def test_unknown_payload_type_is_dropped(wire: Wire) -> None:
    publisher = FakePublisher(wire)
    camera = publisher.encoding()
    [packet] = camera.frame(packets=1)
    publisher.send(packet[:1] + b"\x22" + packet[2:])
    assert drops(wire, publisher) == {Drop.UNKNOWN_PAYLOAD_TYPE: 1}


def test_extension_ids_may_change(wire: Wire) -> None:
    publisher = FakePublisher(wire)
    wire.engine.set_extensions(publisher.transport, {})
    camera = publisher.encoding()
    publisher.send(*camera.frame())
    assert active(wire) == []
    wire.engine.set_extensions(publisher.transport, publisher.extension_ids)
    publisher.send(*camera.frame())
    assert active(wire) == [(camera.id, camera.ssrc)]


def test_first_source_keeps_an_ssrc_that_is_declared_twice(wire: Wire) -> None:
    publisher = FakePublisher(wire)
    camera = publisher.encoding(declared=True)
    parameters = SourceParameters(
        publisher.transport,
        camera.parameters.kind,
        "2",
        camera.parameters.payload_types,
        ssrc=camera.ssrc,
    )
    wire.engine.open_source(SourceId(wire.identifier()), parameters)
    camera.send()
    assert active(wire) == [(camera.id, camera.ssrc)]
