"""Everything one synthetic receiver gets, and the feedback it owes: transport-wide, receiver
reports, requests for lost packets and for keyframes. Pure; packets come and go in the clear."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from aiortc.rtp import (
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    RtcpPacket,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSrPacket,
)

from benchmarks.playout import Playout
from benchmarks.sdp import TRANSPORT_CC_ID, SlotStream
from benchmarks.transport_feedback import TransportFeedback

FEEDBACK_INTERVAL: Final = 0.05
"""Seconds between transport-wide feedbacks; libwebrtc's are 50 to 250 ms apart."""
REPORT_INTERVAL: Final = 1.0
SSRC: Final = 1
"""Ours."""
NOTHING: Final = b"\0"
"""Continues a frame by nothing: padding with a sequence number of the media."""
_ONE_BYTE: Final = 0xBEDE


@dataclass(frozen=True, slots=True)
class Header:
    """Of an RTP packet."""

    marker: bool
    sequence: int
    ssrc: int
    padding: bool
    transport_sequence: int | None
    size: int
    """Bytes before the payload."""


def parse_header(packet: bytes) -> Header:
    first, second, sequence, _, ssrc = struct.unpack_from("!BBHII", packet)
    size = 12 + 4 * (first & 15)
    number = None
    if first & 0x10:
        profile, words = struct.unpack_from("!HH", packet, size)
        block = packet[size + 4 : size + 4 + 4 * words]
        number = _transport_sequence(profile, block)
        size += 4 + len(block)
    return Header(second >> 7 == 1, sequence, ssrc, first & 0x20 != 0, number, size)


def _transport_sequence(profile: int, block: bytes) -> int | None:
    position = 0
    while position + 2 < len(block):
        if block[position] == 0:
            position += 1
            continue
        if profile == _ONE_BYTE:
            number, length, begin = block[position] >> 4, (block[position] & 15) + 1, position + 1
        else:
            number, length, begin = block[position], block[position + 1], position + 2
        if number == TRANSPORT_CC_ID:
            return int.from_bytes(block[begin : begin + 2], "big")
        position = begin + length
    return None


@dataclass(slots=True)
class Second:
    """What came in one second, in bytes of UDP payload."""

    audio: int = 0
    video: int = 0
    resent: int = 0
    padding: int = 0


@dataclass(slots=True)
class _Reported:
    """What receiver reports need of a stream (RFC 3550, section 6.4.1)."""

    first: int | None = None
    highest: int = 0
    packets: int = 0
    expected_before: int = 0
    packets_before: int = 0
    sender_report: tuple[int, float] | None = None
    """Its middle 32 bits of time, and when it came."""

    def add(self, sequence: int) -> None:
        if self.first is None:
            self.first = self.highest = sequence
        step = ((sequence - self.highest + 0x8000) & 0xFFFF) - 0x8000
        self.highest += max(0, step)
        self.packets += 1

    def block(self, ssrc: int, now: float) -> RtcpReceiverInfo:
        expected = self.highest - (self.first or 0) + 1
        newly, came = expected - self.expected_before, self.packets - self.packets_before
        self.expected_before, self.packets_before = expected, self.packets
        lsr, at = self.sender_report or (0, now)
        return RtcpReceiverInfo(
            ssrc=ssrc,
            fraction_lost=int(256 * max(0, newly - came) / newly) & 0xFF if newly > 0 else 0,
            packets_lost=max(0, expected - self.packets),
            highest_sequence=self.highest & 0xFFFF_FFFF,
            jitter=0,
            lsr=lsr,
            dlsr=int((now - at) * 65536) if lsr else 0,
        )


class Reception:
    def __init__(self, slots: Sequence[SlotStream]) -> None:
        self.seconds: dict[int, Second] = {}
        """By the clock's whole seconds."""
        self.playouts: dict[int, Playout] = {}
        """By SSRC of the slot's media."""
        self.strangers = 0
        """Packets of no stream that was announced."""
        self._slots = slots
        self._feedback = TransportFeedback(SSRC)
        self._reported: dict[int, _Reported] = {}
        self._by_ssrc = {slot.ssrc: slot for slot in slots}
        self._by_rtx = {slot.rtx_ssrc: slot for slot in slots if slot.rtx_ssrc is not None}

    def receive(self, now: float, packet: bytes, size: int) -> None:
        """An RTP packet in the clear that took `size` bytes of the link."""
        header = parse_header(packet)
        if header.transport_sequence is not None:
            self._feedback.add(now, header.transport_sequence)
        second = self.seconds.setdefault(int(now), Second())
        payload = packet[header.size : len(packet) - (packet[-1] if header.padding else 0)]
        if slot := self._by_ssrc.get(header.ssrc):
            self._reported.setdefault(slot.ssrc, _Reported()).add(header.sequence)
            self._media(now, slot, header, payload, size, second)
        elif slot := self._by_rtx.get(header.ssrc):
            self._resent(now, slot, header, payload, size, second)
        else:
            self.strangers += 1

    def receive_reports(self, now: float, rtcp: bytes) -> None:
        for packet in RtcpPacket.parse(rtcp):
            if isinstance(packet, RtcpSrPacket) and packet.ssrc in self._reported:
                middle = packet.sender_info.ntp_timestamp >> 16 & 0xFFFF_FFFF
                self._reported[packet.ssrc].sender_report = (middle, now)

    def feedback(self, now: float) -> Iterator[bytes]:
        """Each one RTCP packet."""
        if self._slots and (packet := self._feedback.build(now, self._slots[0].ssrc)):
            yield packet
        for ssrc, playout in self.playouts.items():
            if lost := list(playout.ask(now)):
                yield bytes(
                    RtcpRtpfbPacket(fmt=RTCP_RTPFB_NACK, ssrc=SSRC, media_ssrc=ssrc, lost=lost)
                )
            if playout.wants_keyframe(now):
                yield bytes(RtcpPsfbPacket(fmt=RTCP_PSFB_PLI, ssrc=SSRC, media_ssrc=ssrc))

    def reports(self, now: float) -> bytes:
        blocks = [reported.block(ssrc, now) for ssrc, reported in self._reported.items()]
        return bytes(RtcpRrPacket(ssrc=SSRC, reports=blocks[:31]))

    def _media(
        self,
        now: float,
        slot: SlotStream,
        header: Header,
        payload: bytes,
        size: int,
        second: Second,
    ) -> None:
        if slot.kind == "audio":
            second.audio += size
            return
        second.video += size if payload else 0
        second.padding += 0 if payload else size
        playout = self.playouts.setdefault(slot.ssrc, Playout())
        playout.receive(now, header.sequence, header.marker, payload or NOTHING, resent=False)

    def _resent(
        self,
        now: float,
        slot: SlotStream,
        header: Header,
        payload: bytes,
        size: int,
        second: Second,
    ) -> None:
        playout = self.playouts.get(slot.ssrc)
        if len(payload) <= 2 or playout is None:
            second.padding += size
            return
        before = playout.tally.duplicates
        number = int.from_bytes(payload[:2], "big")
        playout.receive(now, number, header.marker, payload[2:], resent=True)
        if playout.tally.duplicates > before:
            second.padding += size
        else:
            second.resent += size
