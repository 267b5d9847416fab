"""Whatever bytes come, a parser reads them or raises its own error; nothing else."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.rtp import av1, extensions, h264, levels, packet, rtcp, rtx, vp8, vp9
from sfu.rtp.packet import RtpError
from sfu.rtp.rtcp import ReportBlock, RtcpError
from tests.sfu.rtp.strategies import vp8_payloads, vp9_payloads
from tests.support.examples import examples

noise = st.binary(max_size=120)


def parse_packet(data: bytes) -> None:
    parsed = packet.parse(data)
    assert len(parsed.payload) == len(data) - parsed.payload_offset - parsed.padding
    if parsed.extension_profile is not None:
        extensions.parse(parsed.extension_profile, parsed.extension)
    original = rtx.unwrap(parsed, 96, 42)
    assert len(original.payload) == len(parsed.payload) - 2


def parse_one_byte_extensions(data: bytes) -> None:
    for identifier, value in extensions.parse(0xBEDE, data).items():
        assert 0 < identifier < 15
        assert 0 < len(value) <= 16


def parse_two_byte_extensions(data: bytes) -> None:
    for identifier, value in extensions.parse(0x1000, data).items():
        assert 0 < identifier < 256
        assert len(value) < 256


def parse_level(data: bytes) -> None:
    _, level = levels.parse(data)
    assert 0 <= level <= 127


def parse_vp8(data: bytes) -> None:
    descriptor = vp8.describe(data)
    assert 0 < descriptor.size < len(data)
    assert len(vp8.rewrite(data, descriptor, 0x7FFF, 0xFF)) == len(data)


def parse_vp9(data: bytes) -> None:
    descriptor = vp9.describe(data)
    assert 0 < descriptor.size < len(data)
    assert len(vp9.rewrite(data, descriptor, 0x7FFF, 0xFF)) == len(data)


def parse_h264(data: bytes) -> None:
    assert h264.is_keyframe(data) in (True, False)


def parse_av1(data: bytes) -> None:
    assert av1.is_keyframe(data) in (True, False)


def parse_rtcp(data: bytes) -> None:
    for item in rtcp.parse(data):
        if isinstance(item, rtcp.Nack):
            assert all(0 <= number <= 0xFFFF for number in item.lost)
        if isinstance(item, rtcp.Remb):
            assert 0 <= item.bitrate <= rtcp.MAX_BITRATE


PARSERS: list[Callable[[bytes], None]] = [
    parse_packet,
    parse_one_byte_extensions,
    parse_two_byte_extensions,
    parse_level,
    parse_vp8,
    parse_vp9,
    parse_h264,
    parse_av1,
    parse_rtcp,
]

BLOCK = ReportBlock(1, 2, 3, 4, 5, 6, 7)
VALID_RTP = [
    packet.build(96, True, 1, 2, 3, b"payload"),
    packet.build(96, True, 1, 2, 3, b"payload", extensions.build([(1, b"a"), (2, b"bc")])),
    packet.build(96, True, 1, 2, 3, b"payload", extensions.build([(1, b""), (20, b"bc")]), b"csrc"),
]
VALID_RTCP = [
    rtcp.sender_report(1, 2, 3, 4, 5, [BLOCK]) + rtcp.sdes(1, "cname"),
    rtcp.receiver_report(1, [BLOCK, BLOCK]) + rtcp.remb(1, 1_000_000, [2, 3]),
    rtcp.nack(1, 2, [3, 4, 40]) + rtcp.pli(1, 2) + rtcp.fir(1, 2, 3) + rtcp.bye([1, 2]),
]
VALID_H264 = [bytes.fromhex("78 0002 6742 0002 68ce 0003 6588ff"), bytes.fromhex("7c85ff")]
VALID_AV1 = [bytes.fromhex("00 02 08aa 03 30bbbb"), bytes.fromhex("20 02 28aa 30aa")]


@st.composite
def damaged(draw: st.DrawFn, valid: st.SearchStrategy[bytes]) -> bytes:
    """Valid bytes with some changed, cut off, or added."""
    data = bytearray(draw(valid))
    for _ in range(draw(st.integers(0, 4))):
        if data:
            data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 0xFF))
    return bytes(data[: draw(st.integers(0, len(data)))]) + draw(st.binary(max_size=4))


@pytest.mark.parametrize("parse", PARSERS, ids=lambda parse: parse.__name__)
@examples(300)
@given(data=noise)
def test_noise(parse: Callable[[bytes], None], data: bytes) -> None:
    with suppress(RtpError, RtcpError):
        parse(data)


@pytest.mark.parametrize(
    ("parse", "valid"),
    [
        (parse_packet, st.sampled_from(VALID_RTP)),
        (parse_vp8, vp8_payloads.map(bytes)),
        (parse_vp9, vp9_payloads.map(bytes)),
        (parse_h264, st.sampled_from(VALID_H264)),
        (parse_av1, st.sampled_from(VALID_AV1)),
        (parse_rtcp, st.sampled_from(VALID_RTCP)),
    ],
    ids=["packet", "vp8", "vp9", "h264", "av1", "rtcp"],
)
@examples(400)
@given(data=st.data())
def test_damaged_bytes(
    parse: Callable[[bytes], None], valid: st.SearchStrategy[bytes], data: st.DataObject
) -> None:
    with suppress(RtpError, RtcpError):
        parse(data.draw(damaged(valid)))


RTCP_KINDS = st.sampled_from([200, 201, 202, 203, 204, 205, 206, 207])


@examples(500)
@given(st.lists(st.tuples(RTCP_KINDS, st.integers(0, 63), st.binary(max_size=64)), max_size=4))
def test_rtcp_with_right_lengths_and_wrong_bodies(parts: list[tuple[int, int, bytes]]) -> None:
    """Noise hardly ever gets past the length field; this does."""
    data = b""
    for kind, count, body in parts:
        words = len(body) // 4
        data += bytes([0x80 | count, kind]) + words.to_bytes(2, "big") + body[: 4 * words]
    with suppress(RtcpError):
        parse_rtcp(data)


@pytest.mark.parametrize("parse", PARSERS, ids=lambda parse: parse.__name__)
def test_long_repetitions(parse: Callable[[bytes], None]) -> None:
    """The longest datagram of each single byte: loops end, and nothing grows."""
    for value in range(256):
        with suppress(RtpError, RtcpError):
            parse(bytes([value]) * 1500)
