"""What is no business of ours is dropped under its name, and nothing raises."""

from __future__ import annotations

import struct

import pytest

from sfu.engine.demux import Protocol, StunError, classify, stun_ufrag
from sfu.engine.interface import (
    Datagram,
    Drop,
    DtlsReceived,
    EventsLost,
    Path,
    StunReceived,
)
from tests.support.wire import FakePublisher, Wire

STRANGER = Path("192.0.2.7", 5000, "10.1.0.1")


def stun(*attributes: tuple[int, bytes], cookie: int = 0x2112A442) -> bytes:
    body = b""
    for kind, value in attributes:
        body += struct.pack("!HH", kind, len(value)) + value.ljust((len(value) + 3) & ~3, b"\0")
    return struct.pack("!HHI12s", 1, len(body), cookie, b"transaction!") + body


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", Drop.EMPTY),
        (b"\x80" * 1501, Drop.OVERSIZED),
        (b"\x40\x00\x00\x00", Drop.UNKNOWN_PROTOCOL),
        (b"\xc8\x00\x00\x00", Drop.UNKNOWN_PROTOCOL),
        (b"\x80", Drop.UNKNOWN_PROTOCOL),
        (b"\x00\x01\x00\x00", Drop.STUN_MALFORMED),
        (stun(cookie=7), Drop.STUN_MALFORMED),
        (stun((6, b"ufrag1:x"))[:-4], Drop.STUN_MALFORMED),
        (stun((6, b"\xff\xfe:x")), Drop.STUN_MALFORMED),
        (stun((6, b"u" * 600)), Drop.STUN_MALFORMED),
        (stun((6, b"nobody:x")), Drop.STUN_UNKNOWN_UFRAG),
        (stun(), Drop.STUN_UNKNOWN_UFRAG),
        (b"\x16\xfe\xfd", Drop.UNVALIDATED_PATH),
        (b"\x80\x60" + bytes(20), Drop.UNVALIDATED_PATH),
        (b"\x80\xc8" + bytes(20), Drop.UNVALIDATED_PATH),
    ],
)
def test_stranger_is_dropped_by_name(wire: Wire, data: bytes, reason: Drop) -> None:
    FakePublisher(wire)
    wire.deliver(Datagram(STRANGER, data))
    assert wire.engine.stats().drops == {reason: 1}
    assert wire.events == []


def test_drop_from_a_known_path_is_counted_for_its_transport(wire: Wire) -> None:
    peer, other = FakePublisher(wire), FakePublisher(wire)
    wire.deliver(Datagram(peer.path, b""))
    stats = wire.engine.stats()
    assert stats.transports[peer.transport].drops == {Drop.EMPTY: 1}
    assert stats.transports[other.transport].drops == {}
    assert stats.drops == {Drop.EMPTY: 1}


def test_media_before_keys_is_dropped(wire: Wire) -> None:
    peer = FakePublisher(wire)
    path = Path("192.0.2.9", 1, "")
    wire.engine.open_transport(wire.transport_id(), [], {})
    bare = wire.transport_id()
    wire.engine.open_transport(bare, [], {})
    wire.engine.validate_path(bare, path)
    wire.deliver(Datagram(path, b"\x80\x60" + bytes(20)), Datagram(path, b"\x80\xc8" + bytes(20)))
    assert wire.engine.stats().transports[bare].drops == {Drop.NO_KEYS: 2}
    assert wire.engine.stats().transports[peer.transport].drops == {}


def test_stun_comes_up_by_our_ufrag_from_anywhere(wire: Wire) -> None:
    peer = FakePublisher(wire)
    request = stun((0x8022, b"software"), (6, f"{peer.ufrag}:theirs".encode()))
    wire.deliver(Datagram(STRANGER, request))
    assert wire.events == [StunReceived(peer.transport, STRANGER, request)]


def test_old_and_new_ufrag_work_until_the_old_one_is_taken_away(wire: Wire) -> None:
    peer = FakePublisher(wire)
    wire.engine.set_ufrags(peer.transport, [peer.ufrag, "fresh"])
    for name in (peer.ufrag, "fresh"):
        wire.deliver(Datagram(STRANGER, stun((6, f"{name}:x".encode()))))
    assert len(wire.seen(StunReceived)) == 2
    wire.engine.set_ufrags(peer.transport, ["fresh"])
    wire.deliver(Datagram(STRANGER, stun((6, f"{peer.ufrag}:x".encode()))))
    assert len(wire.seen(StunReceived)) == 2


def test_answer_comes_up_only_where_we_asked(wire: Wire) -> None:
    peer = FakePublisher(wire)
    wire.engine.expect_stun(peer.transport, STRANGER)
    wire.deliver(Datagram(STRANGER, stun()), Datagram(Path("192.0.2.8", 1, ""), stun()))
    assert wire.events == [StunReceived(peer.transport, STRANGER, stun())]


def test_dtls_comes_up_from_a_validated_path(wire: Wire) -> None:
    peer = FakePublisher(wire)
    wire.deliver(Datagram(peer.path, b"\x16\xfe\xfd"))
    assert wire.events == [DtlsReceived(peer.transport, peer.path, b"\x16\xfe\xfd")]


def test_events_are_bounded_and_the_loss_is_told(wire: Wire) -> None:
    peer = FakePublisher(wire)
    flood = [Datagram(peer.path, b"\x16\xfe\xfd")] * 5000
    events = wire.deliver(*flood)
    lost = events[-1]
    assert isinstance(lost, EventsLost)
    assert lost.count + len(events) - 1 == 5000


@pytest.mark.parametrize(
    ("first", "protocol"),
    [
        (0, Protocol.STUN),
        (3, Protocol.STUN),
        (4, None),
        (19, None),
        (20, Protocol.DTLS),
        (63, Protocol.DTLS),
        (64, None),
        (127, None),
        (128, Protocol.RTP),
        (191, Protocol.RTP),
        (192, None),
        (255, None),
    ],
)
def test_first_byte_decides(first: int, protocol: Protocol | None) -> None:
    assert classify(bytes((first, 96, 0, 0))) is protocol


@pytest.mark.parametrize("kind", [192, 200, 206, 223])
def test_second_byte_tells_rtcp(kind: int) -> None:
    assert classify(bytes((0x80, kind))) is Protocol.RTCP


def test_username_is_read_up_to_its_colon() -> None:
    assert stun_ufrag(stun((6, b"ours:theirs:more"))) == "ours"
    assert stun_ufrag(stun((6, b"ours"))) == "ours"
    assert stun_ufrag(stun((8, b"x" * 20))) is None


def test_attribute_header_must_fit() -> None:
    message = struct.pack("!HHI12s", 1, 4, 0x2112A442, b"transaction!") + b"\0\x06\0\x01"
    with pytest.raises(StunError):
        stun_ufrag(message)
