"""Peers with valid keys and bad intentions, and others without keys."""

from __future__ import annotations

import random
import struct

import pytest

from sfu.engine.interface import (
    MAX_SSRCS_PER_TRANSPORT,
    Codec,
    Datagram,
    Drop,
    Extension,
    SourceActive,
)
from sfu.rtp import extensions, rtcp
from sfu.rtp.packet import build
from tests.support.wire import (
    PUBLISHED,
    PUBLISHED_EXTENSIONS,
    FakePublisher,
    FakeSubscriber,
    SrtpPeer,
    Wire,
)


def drops(wire: Wire, publisher: FakePublisher) -> dict[Drop, int]:
    return wire.engine.stats().transports[publisher.transport].drops


def test_flood_of_5000_ssrcs(wire: Wire) -> None:
    """Those with a mid of ours are bound, one after the other, but never more than 32."""
    publisher, other = FakePublisher(wire), FakePublisher(wire)
    camera = publisher.encoding()
    watched = other.encoding()
    slot = FakeSubscriber(wire).slot()
    wire.route(slot.id, watched.id)
    watched.send(keyframe=True)
    for ssrc in range(1, 5001):
        named = camera.header_extension() if ssrc % 2 else b""
        payload = camera.payload(0, keyframe=True)
        publisher.send(build(PUBLISHED[Codec.VP8].media, True, 1, 1, ssrc, payload, named))
    watched.send()
    assert len(slot.packets) == 6
    assert drops(wire, publisher) == {
        Drop.UNKNOWN_SSRC: 2500,
        Drop.TOO_MANY_SSRCS: 2500 - MAX_SSRCS_PER_TRANSPORT,
    }
    bound = [event for event in wire.seen(SourceActive) if event.source == camera.id]
    assert len(bound) == MAX_SSRCS_PER_TRANSPORT


def test_flood_of_rtcp_senders(wire: Wire) -> None:
    publisher = FakePublisher(wire)
    for ssrc in range(1, 1001):
        publisher.send_rtcp(rtcp.receiver_report(ssrc))
    assert drops(wire, publisher) == {Drop.TOO_MANY_SSRCS: 1000 - 64}
    publisher.send_rtcp(rtcp.remb(1, 1000, []))
    assert wire.engine.stats().transports[publisher.transport].remb == 1000


def test_replayed_media_goes_nowhere(wire: Wire) -> None:
    camera = FakePublisher(wire).encoding()
    slot = FakeSubscriber(wire).slot()
    wire.route(slot.id, camera.id)
    datagrams = [camera.publisher.datagram(packet) for packet in camera.frame(keyframe=True)]
    wire.deliver(*datagrams, *datagrams)
    assert len(slot.packets) == 3
    assert drops(wire, camera.publisher) == {Drop.SRTP_REPLAY: 3}


def test_replayed_feedback_goes_nowhere(wire: Wire) -> None:
    publisher = FakePublisher(wire)
    datagram = Datagram(publisher.path, publisher.srtp.protect_rtcp(rtcp.remb(1, 1000, [])))
    wire.deliver(datagram, datagram)
    assert drops(wire, publisher) == {Drop.SRTP_REPLAY: 1}


def test_forged_and_damaged_packets_go_nowhere(wire: Wire) -> None:
    camera = FakePublisher(wire).encoding()
    publisher = camera.publisher
    camera.send(keyframe=True)
    forger = SrtpPeer(seed=4711)
    [packet] = camera.frame(packets=1)
    good = publisher.datagram(packet).data
    damaged = good[:40] + bytes((good[40] ^ 1,)) + good[41:]
    wire.deliver(
        Datagram(publisher.path, forger.protect(packet)),
        Datagram(publisher.path, damaged),
        Datagram(publisher.path, good[:20]),
        Datagram(publisher.path, forger.protect_rtcp(rtcp.remb(1, 1000, []))),
    )
    assert sum(drops(wire, publisher).values()) == 4
    assert drops(wire, publisher)[Drop.SRTP_AUTHENTICATION] >= 3
    wire.deliver(Datagram(publisher.path, good))
    assert sum(drops(wire, publisher).values()) == 4  # the good one was not harmed


def test_media_of_one_transport_does_not_pass_for_anothers(wire: Wire) -> None:
    camera, victim = FakePublisher(wire).encoding(), FakePublisher(wire).encoding()
    [packet] = victim.frame(packets=1)
    wire.deliver(Datagram(victim.publisher.path, camera.publisher.srtp.protect(packet)))
    assert drops(wire, victim.publisher) == {Drop.SRTP_AUTHENTICATION: 1}


@pytest.mark.parametrize(
    "compound",
    [
        b"\x80\xc9\xff\xff" + bytes(4),
        b"\x80\xc9\x00\x01" + bytes(4) + b"\x00\xc9\x00\x01" + bytes(4),
        b"\xa0\xc9\x00\x01" + bytes(3) + b"\xff",
        b"\x9f\xc8\x00\x06" + bytes(24),
        b"\x81\xcd\x00\x02" + bytes(8) + b"\x81\xcd\x00\x09",
        b"\x8f\xce\x00\x04" + bytes(8) + b"REMB\xff\xff\xff\xff",
        b"\x81\xcd\x01\x00" + bytes(8) + b"\xff" * 1016,
    ],
)
def test_malformed_rtcp_is_dropped_by_name(wire: Wire, compound: bytes) -> None:
    publisher = FakePublisher(wire)
    publisher.send_rtcp(compound)
    assert drops(wire, publisher) == {Drop.RTCP_MALFORMED: 1}


def test_random_rtcp_with_valid_keys_breaks_nothing(wire: Wire) -> None:
    subscriber = FakeSubscriber(wire)
    camera = FakePublisher(wire).encoding()
    slot = subscriber.slot()
    wire.route(slot.id, camera.id)
    camera.send(keyframe=True)
    dice = random.Random(1)  # noqa: S311 - repeatable on purpose
    for _ in range(2000):
        kind, words = dice.randrange(192, 224), dice.randrange(1, 8)
        head = struct.pack("!BBHI", 0x80 | dice.randrange(64), kind, words, 1)
        body = dice.randbytes(4 * words - 4 + dice.choice((0, 0, 0, 3)))
        ssrc = struct.pack("!I", slot.parameters.ssrc)
        subscriber.send_rtcp(head + (ssrc + body)[: len(body)])
    camera.send()
    assert len(slot.packets) == 6


@pytest.mark.parametrize("codec", [Codec.VP8, Codec.VP9, Codec.H264, Codec.AV1])
def test_payload_that_is_not_of_its_codec_is_dropped(wire: Wire, codec: Codec) -> None:
    camera = FakePublisher(wire).encoding(codec)
    cut = {Codec.VP8: b"\x90\xe0", Codec.VP9: b"\xa8", Codec.H264: b"\x18\x00", Codec.AV1: b"\x00"}
    camera.publisher.send(camera.packet(cut[codec], True, camera.header_extension()))
    assert drops(wire, camera.publisher) == {Drop.RTP_MALFORMED: 1}


def test_malformed_header_is_dropped(wire: Wire) -> None:
    camera = FakePublisher(wire).encoding()
    camera.send(keyframe=True)
    publisher = camera.publisher
    [packet] = camera.frame(packets=1, extension=b"")
    wire.deliver(Datagram(publisher.path, b"\x90\x60" + bytes(8)))
    publisher.send(bytes((packet[0] | 0x20,)) + packet[1:-1] + b"\xff")
    broken = extensions.build([(1, b"x")])[:4] + b"\x4f\0\0\0"
    publisher.send(*camera.frame(packets=1, extension=broken))
    assert drops(wire, publisher) == {Drop.RTP_MALFORMED: 3}


def test_mid_that_is_no_text_names_nobody(wire: Wire) -> None:
    camera = FakePublisher(wire).encoding()
    block = extensions.build([(PUBLISHED_EXTENSIONS[Extension.MID], b"\xff\xfe")])
    camera.publisher.send(*camera.frame(packets=1, extension=block))
    assert drops(wire, camera.publisher) == {Drop.UNKNOWN_SSRC: 1}


def test_big_packet_is_forwarded(wire: Wire) -> None:
    camera = FakePublisher(wire).encoding()
    slot = FakeSubscriber(wire).slot()
    wire.route(slot.id, camera.id)
    block = camera.header_extension()
    size = 1350 - 12 - len(block)
    payload = camera.payload(0, keyframe=True).ljust(size, b"v")
    camera.publisher.send(camera.packet(payload, True, block))
    assert len(slot.packets[0].payload) == size
