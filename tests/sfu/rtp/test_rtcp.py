from __future__ import annotations

import struct
from collections.abc import Callable

import pytest
from aiortc.rtp import RtcpPacket, RtcpRtpfbPacket, RtcpSdesPacket
from hypothesis import given
from hypothesis import strategies as st

from sfu.rtp import rtcp
from sfu.rtp.rtcp import (
    Bye,
    Fir,
    Nack,
    Pli,
    ReceiverReport,
    Remb,
    ReportBlock,
    RtcpError,
    SenderReport,
    is_rtcp,
    parse,
)
from tests.sfu.rtp.strategies import uint8, uint16, uint32, uint64

blocks = st.builds(
    ReportBlock,
    ssrc=uint32,
    fraction_lost=uint8,
    packets_lost=st.integers(-(1 << 23), (1 << 23) - 1),
    highest_sequence=uint32,
    jitter=uint32,
    lsr=uint32,
    dlsr=uint32,
)
reports = st.lists(blocks, max_size=31)


def wire(kind: int, count: int, body: bytes, padding: bool = False) -> bytes:
    return struct.pack("!BBH", 0x80 | padding << 5 | count, kind, len(body) // 4) + body


@given(uint32, uint64, uint32, uint64, uint64, reports)
def test_sender_report(
    ssrc: int, ntp: int, timestamp: int, packets: int, octets: int, reports: list[ReportBlock]
) -> None:
    (report,) = parse(rtcp.sender_report(ssrc, ntp, timestamp, packets, octets, reports))
    assert isinstance(report, SenderReport)
    assert (report.ssrc, report.reports) == (ssrc, reports)
    info = report.sender_info
    assert (info.ntp_timestamp, info.rtp_timestamp) == (ntp, timestamp)
    assert (info.packet_count, info.octet_count) == (packets % (1 << 32), octets % (1 << 32))


@given(uint32, reports)
def test_receiver_report(ssrc: int, reports: list[ReportBlock]) -> None:
    assert parse(rtcp.receiver_report(ssrc, reports)) == [ReceiverReport(ssrc, reports)]


@given(st.lists(uint32, max_size=31))
def test_bye(ssrcs: list[int]) -> None:
    assert parse(rtcp.bye(ssrcs)) == [Bye(ssrcs)]


def test_bye_with_a_reason() -> None:
    assert parse(wire(203, 1, b"\0\0\0\x07" + b"\x03bye")) == [Bye([7])]


@given(uint32, uint32)
def test_pli(sender: int, media: int) -> None:
    assert parse(rtcp.pli(sender, media)) == [Pli(sender, media)]


@given(uint32, uint32, st.integers(0, 1000))
def test_fir(sender: int, media: int, number: int) -> None:
    assert parse(rtcp.fir(sender, media, number)) == [Fir(sender, ((media, number % 256),))]


@given(uint32, st.integers(0, 1 << 50), st.lists(uint32, max_size=20))
def test_remb(sender: int, bitrate: int, ssrcs: list[int]) -> None:
    (remb,) = parse(rtcp.remb(sender, bitrate, ssrcs))
    assert isinstance(remb, Remb)
    assert (remb.sender_ssrc, remb.ssrcs) == (sender, tuple(ssrcs))
    assert bitrate * (1 - 2**-17) <= remb.bitrate <= bitrate


@given(uint16, st.sets(st.integers(0, 200), min_size=1))
def test_nack_names_exactly_what_is_lost(start: int, offsets: set[int]) -> None:
    lost = tuple(start + offset & 0xFFFF for offset in sorted(offsets))
    assert parse(rtcp.nack(1, 2, lost)) == [Nack(1, 2, lost)]


@pytest.mark.parametrize(
    ("lost", "items"),
    [
        ([], ""),
        ([10], "000a0000"),
        ([10, 11, 26], "000a8001"),
        ([10, 27], "000a0000 001b0000"),
        ([0xFFFF, 0, 15], "ffff8001"),
        ([0xFFFF, 16], "ffff0000 00100000"),
        ([10, 10], "000a0000 000a0000"),
    ],
)
def test_neighbours_share_a_nack_item(lost: list[int], items: str) -> None:
    data = rtcp.nack(1, 2, lost)
    assert data[12:] == bytes.fromhex(items)
    assert len(data) == 4 * (int.from_bytes(data[2:4], "big") + 1)


@given(uint32, st.text(min_size=1, max_size=40))
def test_sdes_names_the_source(ssrc: int, cname: str) -> None:
    data = rtcp.sdes(ssrc, cname)
    (packet,) = RtcpPacket.parse(data)
    assert isinstance(packet, RtcpSdesPacket)
    (chunk,) = packet.chunks
    assert (chunk.ssrc, chunk.items) == (ssrc, [(1, cname.encode())])
    assert len(data) % 4 == 0


def test_a_compound_packet_is_read_in_order() -> None:
    data = rtcp.receiver_report(1) + rtcp.sdes(1, "name") + rtcp.nack(1, 2, [7]) + rtcp.pli(1, 2)
    assert parse(data) == [ReceiverReport(1, []), Nack(1, 2, (7,)), Pli(1, 2)]


@pytest.mark.parametrize(
    "unknown",
    [
        wire(202, 1, b"\0\0\0\x01\x01\xff\0\0"),
        wire(207, 0, bytes(8)),
        wire(255, 31, b""),
        wire(206, 2, bytes(8)),
        wire(206, 15, bytes(8) + b"ABCD" + bytes(4)),
        # Transport-wide feedback: base 7, 1 packet, then status and delta.
        wire(205, 15, bytes(8) + bytes.fromhex("0007 0001 00000000 2001 0400")),
    ],
    ids=["sdes", "xr", "unassigned", "sli", "application", "transport-wide"],
)
def test_what_we_do_not_know_is_skipped(unknown: bytes) -> None:
    assert parse(unknown) == []
    assert parse(rtcp.pli(1, 2) + unknown + rtcp.pli(3, 4)) == [Pli(1, 2), Pli(3, 4)]


def test_aiortc_would_take_transport_wide_feedback_for_a_nack() -> None:
    """The reason for walking the compound packet ourselves; goes when aiortc changes."""
    feedback = wire(205, 15, bytes(8) + bytes.fromhex("0007 0001 00000000 2001 0400"))
    (packet,) = RtcpPacket.parse(feedback)
    assert isinstance(packet, RtcpRtpfbPacket)
    assert packet.lost


def test_a_profile_extension_of_a_report_is_ignored() -> None:
    assert parse(wire(201, 0, b"\0\0\0\x01extended")) == [ReceiverReport(1, [])]
    assert isinstance(parse(wire(200, 0, bytes(24) + b"more"))[0], SenderReport)


def test_padding_is_ignored() -> None:
    assert parse(wire(203, 1, b"\0\0\0\x07\0\0\0\x04", padding=True)) == [Bye([7])]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x80\xc8\0",
        b"\x40\xc9\0\0",
        b"\x80\xc9\0\x01\0\0\0",
        wire(201, 1, bytes(24)),
        wire(200, 0, bytes(20)),
        wire(200, 31, bytes(400)),
        wire(203, 2, bytes(4)),
        wire(205, 1, bytes(4)),
        wire(206, 1, bytes(4)),
        wire(206, 4, bytes(12)),
        wire(206, 15, bytes(8) + b"REMB"),
        wire(206, 15, bytes(8) + b"REMB\x02\0\0\0" + bytes(4)),
        wire(206, 15, bytes(8) + b"REMB\0\xff\xff\xff"),
        wire(203, 0, b"", padding=True),
        wire(203, 0, bytes(4), padding=True),
        wire(203, 0, b"\0\0\0\x05", padding=True),
        wire(205, 1, bytes(8) + b"\0\0\xff\xff" * 59),
        rtcp.pli(1, 2) + b"\0",
        rtcp.pli(1, 2) * 126,
    ],
)
def test_refuses_what_is_malformed(data: bytes) -> None:
    with pytest.raises(RtcpError):
        parse(data)


@pytest.mark.parametrize("data", [rtcp.fir(1, 2, 3), rtcp.remb(1, 1000, [2])])
def test_the_media_source_stands_in_the_items_only(data: bytes) -> None:
    assert data[8:12] == bytes(4)


@pytest.mark.parametrize("value", [1, 300_000, 6_000_000, rtcp.MAX_BITRATE >> 45 << 45])
def test_remb_keeps_eighteen_bits(value: int) -> None:
    (remb,) = parse(rtcp.remb(1, value, []))
    assert isinstance(remb, Remb)
    assert remb.bitrate == value >> max(0, value.bit_length() - 18) << max(
        0, value.bit_length() - 18
    )


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (rtcp.pli(1, 2), True),
        (rtcp.receiver_report(1), True),
        (b"\x80\xc0", True),
        (b"\x80\xdf", True),
        (b"\x80\xbf", False),
        (b"\x80\xe0", False),
        (b"\x80\x60", False),
        (b"\x80", False),
        (b"", False),
    ],
)
def test_tells_rtcp_from_rtp(data: bytes, expected: bool) -> None:
    assert is_rtcp(data) is expected


@pytest.mark.parametrize(
    "build", [lambda: rtcp.receiver_report(1, _blocks(32)), lambda: rtcp.bye(range(32))]
)
def test_more_than_the_count_can_say_is_our_mistake(build: Callable[[], bytes]) -> None:
    with pytest.raises(ValueError, match="at most"):
        build()


def _blocks(count: int) -> list[ReportBlock]:
    return [ReportBlock(ssrc, 0, 0, 0, 0, 0, 0) for ssrc in range(count)]
