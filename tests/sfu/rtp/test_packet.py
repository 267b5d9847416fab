from __future__ import annotations

import aiortc.rtp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.rtp.packet import RtpError, build, parse
from tests.sfu.rtp.strategies import uint16, uint32

HEADER = bytes.fromhex("80e0 1234 89abcdef 01020304")


def with_first(first: int, rest: bytes = b"") -> bytes:
    return bytes([first]) + HEADER[1:] + rest


def test_reads_the_fixed_header() -> None:
    packet = parse(HEADER + b"payload")
    assert (packet.marker, packet.payload_type) == (True, 0x60)
    assert (packet.sequence, packet.timestamp) == (0x1234, 0x89ABCDEF)
    assert packet.ssrc == 0x01020304
    assert packet.payload == b"payload"
    assert (packet.csrcs, packet.extension_profile, packet.extension) == (b"", None, b"")


@pytest.mark.parametrize(
    ("data", "csrcs", "profile", "extension", "payload"),
    [
        (with_first(0x80), b"", None, b"", b""),
        (with_first(0x82, b"aaaabbbbcc"), b"aaaabbbb", None, b"", b"cc"),
        (with_first(0x90, b"\xbe\xde\0\0x"), b"", 0xBEDE, b"", b"x"),
        (with_first(0x90, b"\x10\0\0\x01wxyzp"), b"", 0x1000, b"wxyz", b"p"),
        (with_first(0x91, b"cccc\xbe\xde\0\x01wxyzp"), b"cccc", 0xBEDE, b"wxyz", b"p"),
        (with_first(0xA0, b"pp\0\0\x03"), b"", None, b"", b"pp"),
        (with_first(0xA0, b"\0\x02"), b"", None, b"", b""),
        (with_first(0xA0, b"\x01"), b"", None, b"", b""),
        (with_first(0xB1, b"cccc\xbe\xde\0\x01wxyzp\x01"), b"cccc", 0xBEDE, b"wxyz", b"p"),
    ],
)
def test_finds_what_follows_the_fixed_header(
    data: bytes, csrcs: bytes, profile: int | None, extension: bytes, payload: bytes
) -> None:
    packet = parse(data)
    assert packet.csrcs == csrcs
    assert packet.extension_profile == profile
    assert packet.extension == extension
    assert packet.payload == payload
    assert packet.data is data


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "shorter"),
        (HEADER[:11], "shorter"),
        (with_first(0x00), "version"),
        (with_first(0x40), "version"),
        (with_first(0xC0), "version"),
        (with_first(0x81, b"ccc"), "truncated header"),
        (with_first(0x90, b"\xbe\xde\0"), "truncated header extension"),
        (with_first(0x90, b"\xbe\xde\0\x01xyz"), "truncated header"),
        (with_first(0x90, b"\xbe\xde\xff\xffxyzz"), "truncated header"),
        (with_first(0xA0), "padding"),
        (with_first(0xA0, b"\0"), "padding"),
        (with_first(0xA0, b"p\x03"), "padding"),
        (with_first(0xA1, b"ccc\x01"), "padding"),
    ],
)
def test_refuses_what_is_malformed(data: bytes, reason: str) -> None:
    with pytest.raises(RtpError, match=reason):
        parse(data)


built = st.fixed_dictionaries(
    {
        "payload_type": st.integers(0, 127),
        "marker": st.booleans(),
        "sequence": uint16,
        "timestamp": uint32,
        "ssrc": uint32,
        "payload": st.binary(max_size=30),
        "csrcs": st.lists(st.binary(min_size=4, max_size=4), max_size=15).map(b"".join),
    }
)


@given(built, st.none() | st.lists(st.binary(min_size=4, max_size=4), max_size=5).map(b"".join))
def test_reads_what_it_has_built(fields: dict[str, object], block: bytes | None) -> None:
    extension = b""
    if block is not None:
        extension = b"\xbe\xde" + (len(block) // 4).to_bytes(2, "big") + block
    packet = parse(build(extension=extension, **fields))  # type: ignore[arg-type]
    assert {name: getattr(packet, name) for name in fields} == fields
    assert packet.extension_profile == (None if block is None else 0xBEDE)
    assert packet.extension == (block or b"")
    assert packet.padding == 0


@given(built)
def test_agrees_with_aiortc(fields: dict[str, object]) -> None:
    data = build(**fields)  # type: ignore[arg-type]
    other = aiortc.rtp.RtpPacket.parse(data)
    assert other.serialize() == data
    assert (other.sequence_number, other.timestamp) == (fields["sequence"], fields["timestamp"])
    assert (other.payload_type, bool(other.marker)) == (fields["payload_type"], fields["marker"])
    assert (other.ssrc, other.payload) == (fields["ssrc"], fields["payload"])
