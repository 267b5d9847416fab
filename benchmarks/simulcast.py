"""A camera in simulcast as RTP: packets, answers to feedback, and what they were.

Pure: given the time, it says what is to be sent. A layer goes back to its clip's keyframe when one
is asked for. Lost packets are sent again as RTX (RFC 4588).
"""

from __future__ import annotations

import struct
from collections import OrderedDict
from collections.abc import Collection, Iterator, Sequence
from typing import Final

from aiortc.rtp import (
    RTCP_PSFB_FIR,
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    RtcpPacket,
    RtcpPsfbPacket,
    RtcpRtpfbPacket,
)

from benchmarks import sdp
from benchmarks.clips import SYNC, TEMPORAL, Clip, split
from benchmarks.media import VIDEO_CLOCK, abs_send_time

HISTORY: Final = 1024
"""Packets kept of each layer to be sent again."""
NAMED_PACKETS: Final = 25
"""Of each SSRC, that tell its mid and rid."""


class Sequence16:
    """Numbers of the transport, shared by all its streams."""

    def __init__(self) -> None:
        self._next = 0

    def take(self) -> bytes:
        number = self._next
        self._next = (number + 1) & 0xFFFF
        return number.to_bytes(2, "big")


def header(
    payload_type: int,
    marker: bool,
    sequence: int,
    timestamp: int,
    ssrc: int,
    elements: Sequence[tuple[int, bytes]],
) -> bytes:
    """Of RTP, with header extensions in the one-byte form (RFC 8285)."""
    block = b"".join(bytes([number << 4 | len(data) - 1]) + data for number, data in elements)
    block += bytes(-len(block) % 4)
    return (
        struct.pack(
            "!BBHIIHH",
            0x90,
            marker << 7 | payload_type,
            sequence & 0xFFFF,
            timestamp,
            ssrc,
            0xBEDE,
            len(block) // 4,
        )
        + block
    )


def rtp_time(now: float) -> int:
    return int(now * VIDEO_CLOCK) & 0xFFFF_FFFF


class Layer:
    """One encoding. `now` is in seconds since 1970."""

    def __init__(self, ssrc: int, clip: Clip, numbers: Sequence16) -> None:
        self.ssrc = ssrc
        self.rid = clip.encoding.rid
        self.active = True
        self.packets = 0
        self.octets = 0
        self.timestamp = 0
        self.keyframes = 0
        self.resent = 0
        self._clip = clip
        self._numbers = numbers
        self._position = 0
        self._picture_id = 0
        self._tl0picidx = 0
        self._resent_named = 0
        self._history: OrderedDict[int, tuple[int, bool, bytes]] = OrderedDict()

    @property
    def rtx_ssrc(self) -> int:
        return self.ssrc + 1

    def restart(self) -> None:
        """From the keyframe on."""
        self._position = 0

    def frame(self, now: float) -> list[bytes]:
        """The next one."""
        position = self._position
        self._position = (position + 1) % len(self._clip.frames)
        self.keyframes += position == 0
        temporal = TEMPORAL[position % len(TEMPORAL)]
        self._picture_id = (self._picture_id + 1) & 0x7FFF
        self._tl0picidx = (self._tl0picidx + (temporal == 0)) & 0xFF
        self.timestamp = rtp_time(now)
        parts = split(self._clip.frames[position])
        return [
            self._packet(
                self._descriptor(index == 0, temporal, SYNC[position % len(SYNC)]) + part,
                index == len(parts) - 1,
                now,
            )
            for index, part in enumerate(parts)
        ]

    def resend(self, sequences: Collection[int], now: float) -> Iterator[bytes]:
        """As far as they are remembered."""
        for sequence in sequences:
            if (kept := self._history.get(sequence)) is None:
                continue
            timestamp, marker, payload = kept
            elements = self._elements(sdp.REPAIRED_RID_ID, self._resent_named, now)
            self._resent_named += 1
            head = header(sdp.VP8_RTX, marker, self.resent, timestamp, self.rtx_ssrc, elements)
            self.resent += 1
            yield head + sequence.to_bytes(2, "big") + payload

    def _packet(self, payload: bytes, marker: bool, now: float) -> bytes:
        sequence = self.packets & 0xFFFF
        elements = self._elements(sdp.RID_ID, self.packets, now)
        head = header(sdp.VP8, marker, sequence, self.timestamp, self.ssrc, elements)
        self._history[sequence] = (self.timestamp, marker, payload)
        if len(self._history) > HISTORY:
            self._history.popitem(last=False)
        self.packets += 1
        self.octets += len(payload)
        return head + payload

    def _elements(self, rid: int, packets: int, now: float) -> list[tuple[int, bytes]]:
        elements = [
            (sdp.TRANSPORT_CC_ID, self._numbers.take()),
            (sdp.ABS_SEND_TIME_ID, abs_send_time(now)),
        ]
        if packets < NAMED_PACKETS:
            elements += [(sdp.MID_ID, sdp.CAMERA.encode()), (rid, self.rid.encode())]
        return elements

    def _descriptor(self, start: bool, temporal: int, sync: bool) -> bytes:
        """RFC 7741, section 4.2."""
        return struct.pack(
            "!BBHBB",
            0x80 | start << 4,  # X, S
            0xE0,  # I, L, T
            0x8000 | self._picture_id,
            self._tl0picidx,
            temporal << 6 | sync << 5,
        )


class Camera:
    """All layers. Those that nobody takes are not sent, as the server asks."""

    def __init__(self, first_ssrc: int, clips: Sequence[Clip]) -> None:
        numbers = Sequence16()
        self.layers = [
            Layer(first_ssrc + 2 * index, clip, numbers) for index, clip in enumerate(clips)
        ]
        self.keyframe_requests = 0

    def frames(self, now: float) -> Iterator[list[bytes]]:
        """One of each active layer."""
        for layer in self.layers:
            if layer.active:
                yield layer.frame(now)

    def activate(self, rids: Collection[str]) -> None:
        """Send these alone. Who comes back begins with a keyframe."""
        for layer in self.layers:
            if layer.rid in rids and not layer.active:
                layer.restart()
            layer.active = layer.rid in rids

    def receive(self, rtcp: bytes, now: float) -> Iterator[bytes]:
        """Feedback, and what is sent again for it."""
        for packet in RtcpPacket.parse(rtcp):
            if isinstance(packet, RtcpPsfbPacket) and packet.fmt == RTCP_PSFB_PLI:
                self._restart(packet.media_ssrc)
            elif isinstance(packet, RtcpPsfbPacket) and packet.fmt == RTCP_PSFB_FIR:
                for entry in range(0, len(packet.fci), 8):
                    self._restart(int.from_bytes(packet.fci[entry : entry + 4], "big"))
            elif isinstance(packet, RtcpRtpfbPacket) and packet.fmt == RTCP_RTPFB_NACK:
                for layer in self.layers:
                    if layer.ssrc == packet.media_ssrc:
                        yield from layer.resend(packet.lost, now)

    def _restart(self, ssrc: int) -> None:
        for layer in self.layers:
            if layer.ssrc == ssrc:
                self.keyframe_requests += 1
                layer.restart()
