"""The synthetic streams: RTP packets with real headers around bytes nobody decodes.

A payload ends in `MARK`, so that a receiver who decrypts one knows that what arrived is what was
sent. VP8 descriptors (RFC 7741) and frame headers are real: a forwarder reads them.
"""

from __future__ import annotations

import struct
import time
from typing import Final

from benchmarks import sdp

PACKET_SIZE: Final = 1200
"""Bytes of a video RTP packet before encryption."""
AUDIO_PAYLOAD: Final = 100
"""Bytes of Opus in 20 ms at 40 kbit/s."""
VIDEO_PACKETS_PER_SECOND: Final = 1_500_000 / 8 / PACKET_SIZE
AUDIO_PACKETS_PER_SECOND: Final = 50.0
MARK: Final = b"tertulia benchmark"

_MID_PACKETS: Final = 25
"""Browsers name the m-line in about so many packets, until a report shows they are received."""
_KEYFRAME_HEADER: Final = bytes.fromhex("5000009d012a8002e001")
"""Frame tag with the inverse key frame flag 0, start code, 640 x 480 (RFC 6386, section 9.1)."""
_INTERFRAME_HEADER: Final = bytes.fromhex("310000")
_AUDIO_LEVEL: Final = 0x80 | 30
"""Voice, 30 dB below full scale (RFC 6464)."""


def abs_send_time(now: float) -> bytes:
    """Seconds in 6.18 fixed point."""
    return (int(now * (1 << 18)) & 0xFF_FFFF).to_bytes(3, "big")


def _element(number: int, data: bytes) -> bytes:
    """One-byte header element (RFC 8285, section 4.2)."""
    return bytes([number << 4 | len(data) - 1]) + data


class RtpStream:
    """Numbers the packets of one SSRC."""

    def __init__(self, ssrc: int, payload_type: int, mid: str) -> None:
        self.ssrc = ssrc
        self.packets = 0
        self.octets = 0
        self.timestamp = 0
        self._payload_type = payload_type
        self._mid = mid.encode()

    def packet(self, payload: bytes, marker: bool, extensions: bytes = b"") -> bytes:
        extensions += _element(sdp.ABS_SEND_TIME_ID, abs_send_time(time.time()))
        if self.packets < _MID_PACKETS:
            extensions += _element(sdp.MID_ID, self._mid)
        extensions += bytes(-len(extensions) % 4)
        header = struct.pack(
            "!BBHIIHH",
            0x90,
            marker << 7 | self._payload_type,
            self.packets & 0xFFFF,
            self.timestamp & 0xFFFF_FFFF,
            self.ssrc,
            0xBEDE,
            len(extensions) // 4,
        )
        self.packets += 1
        self.octets += len(payload)
        return header + extensions + payload


class Audio:
    """Opus-sized packets with a voice's level, so that the server holds it for a speaker."""

    def __init__(self, ssrc: int) -> None:
        self.stream = RtpStream(ssrc, sdp.OPUS, sdp.MICROPHONE)
        self._payload = bytes(AUDIO_PAYLOAD - len(MARK)) + MARK

    def packet(self) -> bytes:
        self.stream.timestamp += round(48_000 / AUDIO_PACKETS_PER_SECOND)
        level = _element(sdp.AUDIO_LEVEL_ID, bytes([_AUDIO_LEVEL]))
        return self.stream.packet(self._payload, marker=False, extensions=level)


class Video:
    """VP8 frames of `burst` packets each."""

    def __init__(self, ssrc: int, burst: int) -> None:
        self.stream = RtpStream(ssrc, sdp.VP8, sdp.CAMERA)
        self.burst = burst
        self._frame = 0
        self._ticks = round(90_000 / VIDEO_PACKETS_PER_SECOND * burst)

    def frame(self, keyframe: bool) -> list[bytes]:
        self.stream.timestamp += self._ticks
        self._frame += 1
        last = self.burst - 1
        return [
            self.stream.packet(self._payload(keyframe, start=index == 0), marker=index == last)
            for index in range(self.burst)
        ]

    def _payload(self, keyframe: bool, start: bool) -> bytes:
        descriptor = struct.pack(
            "!BBHBB",
            0x80 | start << 4,  # X, S
            0xE0,  # I, L, T
            0x8000 | self._frame & 0x7FFF,
            self._frame & 0xFF,
            0x20,  # layer 0, Y
        )
        head = (_KEYFRAME_HEADER if keyframe else _INTERFRAME_HEADER) if start else b""
        room = PACKET_SIZE - 24 - len(descriptor) - len(head) - len(MARK)
        return descriptor + head + bytes(room) + MARK
