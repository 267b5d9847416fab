"""RTCP as far as an SFU speaks it (RFC 3550, section 6; RFC 4585; RFC 5104; goog-remb).

A thin face of `aiortc.rtp`, whose classes stand for reports and BYE. Around it, because of what was
found there:

- We walk the compound packet and let aiortc see single packets only, so that a kind we do not know
  (SDES, XR, transport-wide feedback, which it takes for a NACK) is skipped, not misread.
- Nothing but RtcpError leaves `parse`.
- Lost packets are numbered, read and written modulo 2^16.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, TypeVar

from aiortc.rtp import (
    RTCP_BYE,
    RTCP_PSFB,
    RTCP_PSFB_APP,
    RTCP_PSFB_FIR,
    RTCP_PSFB_PLI,
    RTCP_RR,
    RTCP_RTPFB,
    RTCP_RTPFB_NACK,
    RTCP_SR,
    RtcpByePacket,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSdesPacket,
    RtcpSenderInfo,
    RtcpSourceInfo,
    RtcpSrPacket,
    pack_remb_fci,
    pack_rtcp_packet,
    unpack_remb_fci,
)

MAX_COMPOUND = 1500
"""Bytes."""
MAX_LOST = 1000
"""Sequence numbers one NACK may name; libwebrtc's own list is not longer."""
MAX_REPORTS = 31
"""Report blocks, or BYE sources, of one packet: its count has five bits."""
MAX_BITRATE = (1 << 63) - 1
"""Bits/s a REMB may name; its exponent could say far more."""

_HEADER = struct.Struct("!BBH")
_SSRC = struct.Struct("!I")
_NACK_ITEM = struct.Struct("!HH")
_FIR_ITEM = struct.Struct("!IB3x")
_SDES_CNAME = 1


class RtcpError(Exception):
    """A peer sent bytes that are no RTCP. Never a bug of ours."""


SenderReport = RtcpSrPacket
ReceiverReport = RtcpRrPacket
ReportBlock = RtcpReceiverInfo
"""`jitter` in RTP clock ticks, `lsr` and `dlsr` in 1/65536 s, `fraction_lost` in 1/256."""
Bye = RtcpByePacket


class Nack(NamedTuple):
    """Generic NACK (RFC 4585, section 6.2.1)."""

    sender_ssrc: int
    media_ssrc: int
    lost: tuple[int, ...]


class Pli(NamedTuple):
    """Picture loss indication (RFC 4585, section 6.3.1)."""

    sender_ssrc: int
    media_ssrc: int


class Fir(NamedTuple):
    """Full intra request (RFC 5104, section 4.3.1)."""

    sender_ssrc: int
    requests: tuple[tuple[int, int], ...]
    """Media SSRC and command number; a repeated number repeats a request, it makes no new one."""


class Remb(NamedTuple):
    """Receiver estimated maximum bitrate (draft-alvestrand-rmcat-remb-03); bits/s."""

    sender_ssrc: int
    bitrate: int
    ssrcs: tuple[int, ...]


Packet = SenderReport | ReceiverReport | Bye | Nack | Pli | Fir | Remb


def is_rtcp(data: bytes) -> bool:
    """RTCP among RTP on one port (RFC 5761, section 4)."""
    return len(data) > 1 and 192 <= data[1] <= 223


def parse(data: bytes) -> list[Packet]:
    """The packets of a compound (or reduced-size, RFC 5506) packet, without those we do not know.

    Raises RtcpError if any part is malformed.
    """
    if not 0 < len(data) <= MAX_COMPOUND:
        raise RtcpError("impossible length")
    try:
        return [
            packet
            for kind, count, body in _split(data)
            if kind in _PARSERS and (packet := _PARSERS[kind](body, count)) is not None
        ]
    except (ValueError, IndexError, struct.error) as error:
        raise RtcpError(str(error)) from error


def _split(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Packet type, count (or feedback format) and body of each packet."""
    position = 0
    while position < len(data):
        first, kind, words = _HEADER.unpack_from(data, position)
        if first >> 6 != 2:
            raise RtcpError("not version 2")
        start = position + 4
        position = start + 4 * words
        if position > len(data):
            raise RtcpError("truncated packet")
        padding = data[position - 1] if first & 0x20 else 0
        if first & 0x20 and not 0 < padding <= 4 * words:
            raise RtcpError("impossible padding")
        yield kind, first & 0x1F, data[start : position - padding]


def _parse_sender_report(body: bytes, count: int) -> SenderReport:
    return RtcpSrPacket.parse(_without_profile_extension(body, 24, count), count)


def _parse_receiver_report(body: bytes, count: int) -> ReceiverReport:
    return RtcpRrPacket.parse(_without_profile_extension(body, 4, count), count)


def _without_profile_extension(body: bytes, head: int, count: int) -> bytes:
    return body[: head + 24 * count]


def _parse_transport_feedback(body: bytes, fmt: int) -> Nack | None:
    if fmt != RTCP_RTPFB_NACK:
        return None
    feedback = RtcpRtpfbPacket.parse(body, fmt)
    if len(feedback.lost) > MAX_LOST:
        raise RtcpError("a NACK for too many packets")
    lost = tuple(number & 0xFFFF for number in feedback.lost)
    return Nack(feedback.ssrc, feedback.media_ssrc, lost)


def _parse_payload_feedback(body: bytes, fmt: int) -> Pli | Fir | Remb | None:
    feedback = RtcpPsfbPacket.parse(body, fmt)
    if fmt == RTCP_PSFB_PLI:
        return Pli(feedback.ssrc, feedback.media_ssrc)
    if fmt == RTCP_PSFB_FIR:
        return Fir(feedback.ssrc, tuple(_FIR_ITEM.iter_unpack(feedback.fci)))
    if fmt == RTCP_PSFB_APP and feedback.fci.startswith(b"REMB"):
        bitrate, ssrcs = unpack_remb_fci(feedback.fci)
        if bitrate > MAX_BITRATE:
            raise RtcpError("impossible bitrate")
        return Remb(feedback.ssrc, bitrate, tuple(ssrcs))
    return None


_PARSERS: dict[int, Callable[[bytes, int], Packet | None]] = {
    RTCP_SR: _parse_sender_report,
    RTCP_RR: _parse_receiver_report,
    RTCP_BYE: RtcpByePacket.parse,
    RTCP_RTPFB: _parse_transport_feedback,
    RTCP_PSFB: _parse_payload_feedback,
}


T = TypeVar("T")


def _bounded(items: Sequence[T]) -> list[T]:
    if len(items) > MAX_REPORTS:
        raise ValueError(f"at most {MAX_REPORTS} in one packet")
    return list(items)


def sender_report(
    ssrc: int,
    ntp: int,
    timestamp: int,
    packets: int,
    octets: int,
    reports: Sequence[ReportBlock] = (),
) -> bytes:
    """`ntp`: 64-bit NTP time at which `timestamp` (RTP) holds. Counters are cut to 32 bits."""
    info = RtcpSenderInfo(ntp, timestamp, packets & 0xFFFF_FFFF, octets & 0xFFFF_FFFF)
    return bytes(RtcpSrPacket(ssrc, info, _bounded(reports)))


def receiver_report(ssrc: int, reports: Sequence[ReportBlock] = ()) -> bytes:
    """At most MAX_REPORTS blocks."""
    return bytes(RtcpRrPacket(ssrc, _bounded(reports)))


def sdes(ssrc: int, cname: str) -> bytes:
    """CNAME of one source, which every compound packet has to name (RFC 3550, section 6.5.1)."""
    return bytes(RtcpSdesPacket([RtcpSourceInfo(ssrc, [(_SDES_CNAME, cname.encode())])]))


def bye(ssrcs: Sequence[int]) -> bytes:
    """At most MAX_REPORTS sources."""
    return bytes(RtcpByePacket(_bounded(ssrcs)))


def nack(sender_ssrc: int, media_ssrc: int, lost: Sequence[int]) -> bytes:
    """`lost` in sending order, so that neighbours share an item; four bytes per item at most."""
    items: list[tuple[int, int]] = []
    for number in lost:
        distance = number - items[-1][0] - 1 & 0xFFFF if items else 16
        if distance < 16:
            first, following = items[-1]
            items[-1] = first, following | 1 << distance
        else:
            items.append((number, 0))
    body = _SSRC.pack(sender_ssrc) + _SSRC.pack(media_ssrc)
    body += b"".join(_NACK_ITEM.pack(*item) for item in items)
    return pack_rtcp_packet(RTCP_RTPFB, RTCP_RTPFB_NACK, body)


def pli(sender_ssrc: int, media_ssrc: int) -> bytes:
    return bytes(RtcpPsfbPacket(RTCP_PSFB_PLI, sender_ssrc, media_ssrc))


def fir(sender_ssrc: int, media_ssrc: int, number: int) -> bytes:
    """`number` rises by one, modulo 256, with each new request."""
    item = _FIR_ITEM.pack(media_ssrc, number & 0xFF)
    return bytes(RtcpPsfbPacket(RTCP_PSFB_FIR, sender_ssrc, 0, item))


def remb(sender_ssrc: int, bitrate: int, ssrcs: Sequence[int]) -> bytes:
    """`bitrate` (bits/s) is cut to 18 significant bits."""
    fci = pack_remb_fci(bitrate, list(ssrcs))
    return bytes(RtcpPsfbPacket(RTCP_PSFB_APP, sender_ssrc, 0, fci))
