"""What the publisher sends: sizes of packets, frames, and their pace."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

PACKET_SIZE: Final = 1200
"""Bytes of a video RTP packet before encryption."""
AUDIO_SIZE: Final = 120
"""Of 20 ms of Opus at 40 kbit/s."""
FRAMES_PER_SECOND: Final = 30.0
AUDIO_PACKETS_PER_SECOND: Final = 50.0
RECORDING: Final = Path(__file__).with_name("chromium.json")
"""Made by tests/browser/record_packets.py."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """Sizes are bytes of RTP packets before encryption; both lists are sent round and round."""

    frames: tuple[tuple[int, ...], ...]
    """Sizes of the packets of each frame."""
    audio: tuple[int, ...]
    video_rate: float
    """Packets a second."""

    @property
    def packets_per_frame(self) -> float:
        return sum(map(len, self.frames)) / len(self.frames)

    @property
    def frame_rate(self) -> float:
        return self.video_rate / self.packets_per_frame

    @property
    def packet_rate(self) -> float:
        """Packets a second, voice and picture."""
        return self.video_rate + AUDIO_PACKETS_PER_SECOND

    @property
    def bitrate(self) -> float:
        """Bits/s of picture and voice, before encryption."""
        frame = sum(map(sum, self.frames)) / len(self.frames)
        audio = sum(self.audio) / len(self.audio)
        return 8 * (frame * self.frame_rate + audio * AUDIO_PACKETS_PER_SECOND)

    def at(self, video_rate: float) -> Traffic:
        return replace(self, video_rate=video_rate)


def even(frame_packets: int) -> Traffic:
    """30 frames a second of so many packets, all of one size."""
    frame = (PACKET_SIZE,) * frame_packets
    return Traffic((frame,), (AUDIO_SIZE,), FRAMES_PER_SECOND * frame_packets)


@cache
def chromium() -> Traffic:
    """What a real browser sent."""
    recording: dict[str, Any] = json.loads(RECORDING.read_text())
    frames = tuple(map(tuple, recording["video"]["frames"]))
    packets = sum(map(len, frames))
    return Traffic(frames, tuple(recording["audio"]["sizes"]), packets / recording["seconds"])
