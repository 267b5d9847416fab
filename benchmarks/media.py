"""The synthetic streams: RTP packets with real headers around bytes nobody decodes.

Where there is room a payload ends in the time it was sent, which burst.c writes, and in `MARK`, so
that a receiver who decrypts one knows that what arrived is what was sent, and how old it is. VP8
descriptors (RFC 7741) and frame headers are real: a forwarder reads them.
"""

from __future__ import annotations

import itertools
import struct
import time
from collections.abc import Sequence
from typing import Final

from benchmarks import sdp
from benchmarks.library import MARK, MARKED_FROM, TRAILER

AUDIO_CLOCK: Final = 48_000
VIDEO_CLOCK: Final = 90_000
"""RTP clock ticks a second."""

_MID_PACKETS: Final = 25
"""Browsers name the m-line in about so many packets, until a report shows they are received."""
_KEYFRAME_HEADER: Final = bytes.fromhex("5000009d012a8002e001")
"""Frame tag with the inverse key frame flag 0, start code, 640 x 480 (RFC 6386, section 9.1)."""
_INTERFRAME_HEADER: Final = bytes.fromhex("310000")
_OPUS_20_MS: Final = b"\x08"
"""One frame of that length (RFC 6716, section 3.1)."""
_OPUS_TICKS: Final = AUDIO_CLOCK // 50
VOICE: Final = 0x80 | 30
"""Audio level: voice, 30 dB below full scale (RFC 6464)."""
_END: Final = bytes(TRAILER - len(MARK)) + MARK


def abs_send_time(now: float) -> bytes:
    """Seconds in 6.18 fixed point."""
    return (int(now * (1 << 18)) & 0xFF_FFFF).to_bytes(3, "big")


def _element(number: int, data: bytes) -> bytes:
    """One-byte header element (RFC 8285, section 4.2)."""
    return bytes([number << 4 | len(data) - 1]) + data


class RtpStream:
    """Numbers the packets of one SSRC."""

    def __init__(
        self, ssrc: int, payload_type: int, mid: str, clock_rate: int, step: int = 1
    ) -> None:
        """`step`: timestamps are multiples of it, as receivers expect of whole frames of sound."""
        self.ssrc = ssrc
        self.packets = 0
        self.octets = 0
        self.timestamp = 0
        self._payload_type = payload_type
        self._mid = mid.encode()
        self._clock_rate = clock_rate
        self._step = step
        self._began = time.monotonic()

    def advance(self) -> None:
        """The timestamp follows the clock, so that a pause is one for the receivers too."""
        now = int((time.monotonic() - self._began) * self._clock_rate)
        self.timestamp = max(self.timestamp + self._step, now - now % self._step)

    def packet(self, size: int, marker: bool, extensions: bytes = b"", head: bytes = b"") -> bytes:
        """Of `size` bytes if header and `head` leave room for it."""
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
        begin = header + extensions + head
        end = _END if size >= MARKED_FROM else b""
        packet = begin + bytes(max(1, size - len(begin) - len(end))) + end
        self.packets += 1
        self.octets += len(packet) - len(header) - len(extensions)
        return packet


class Audio:
    """Opus-sized packets with a voice's level, so that the server holds it for a speaker."""

    def __init__(self, ssrc: int, sizes: Sequence[int]) -> None:
        self.stream = RtpStream(ssrc, sdp.OPUS, sdp.MICROPHONE, AUDIO_CLOCK, _OPUS_TICKS)
        self._sizes = itertools.cycle(sizes)

    def packet(self, level: int = VOICE) -> bytes:
        self.stream.advance()
        extension = _element(sdp.AUDIO_LEVEL_ID, bytes([level]))
        size = next(self._sizes)
        return self.stream.packet(size, marker=False, extensions=extension, head=_OPUS_20_MS)


class Video:
    """VP8 frames."""

    def __init__(self, ssrc: int, frames: Sequence[Sequence[int]]) -> None:
        """`frames`: sizes of the packets of each."""
        self.stream = RtpStream(ssrc, sdp.VP8, sdp.CAMERA, VIDEO_CLOCK)
        self._frames = itertools.cycle(frames)
        self._frame = 0

    def frame(self, keyframe: bool) -> list[bytes]:
        self.stream.advance()
        self._frame += 1
        sizes = next(self._frames)
        last = len(sizes) - 1
        return [
            self.stream.packet(size, index == last, head=self._head(keyframe, index == 0))
            for index, size in enumerate(sizes)
        ]

    def _head(self, keyframe: bool, start: bool) -> bytes:
        """Descriptor, and where the frame starts its header."""
        descriptor = struct.pack(
            "!BBHBB",
            0x80 | start << 4,  # X, S
            0xE0,  # I, L, T
            0x8000 | self._frame & 0x7FFF,
            self._frame & 0xFF,
            0x20,  # layer 0, Y
        )
        if not start:
            return descriptor
        return descriptor + (_KEYFRAME_HEADER if keyframe else _INTERFRAME_HEADER)
