"""People whose faces and voices a test can tell apart: one colour and one tone each."""

from __future__ import annotations

import math
import struct
import wave
from dataclasses import dataclass
from pathlib import Path

WIDTH, HEIGHT, FRAME_RATE = 960, 540, 10
"""Of the fake cameras. From 960x540 on browsers send all three simulcast layers."""
SAMPLE_RATE = 48_000
BAR = 48
"""Pixels; width of the bar that wanders through the picture so that every frame differs."""


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    yuv: tuple[int, int, int]
    """Colour of the face, BT.601."""
    tone: int
    """Hz; the voice says it twice a second."""

    @property
    def rgb(self) -> tuple[int, int, int]:
        luma, blue, red = (1.164 * (self.yuv[0] - 16), self.yuv[1] - 128, self.yuv[2] - 128)
        channels = (
            luma + 1.596 * red,
            luma - 0.392 * blue - 0.813 * red,
            luma + 2.017 * blue,
        )
        return tuple(min(255, max(0, round(value))) for value in channels)  # type: ignore[return-value]

    def write_camera(self, directory: Path) -> Path:
        """A second of moving picture as YUV4MPEG2."""
        file = directory / f"{self.name}.y4m"
        _, blue, red = self.yuv
        quarter = WIDTH * HEIGHT // 4
        chroma = bytes([blue]) * quarter + bytes([red]) * quarter
        with file.open("wb") as output:
            header = f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{FRAME_RATE}:1 Ip A1:1 C420jpeg\n"
            output.write(header.encode())
            for number in range(FRAME_RATE):
                output.write(b"FRAME\n" + self.luma(number) + chroma)
        return file

    def luma(self, number: int) -> bytes:
        """Of one frame."""
        luma = self.yuv[0]
        left = number * (WIDTH - BAR) // FRAME_RATE
        row = bytes([luma]) * left + bytes([235 - luma // 2]) * BAR
        return (row + bytes([luma]) * (WIDTH - len(row))) * HEIGHT

    def write_microphone(self, directory: Path) -> Path:
        """Half a second of WAV: tone, then silence, as noise suppression takes away what lasts."""
        file = directory / f"{self.name}.wav"
        samples = [
            int(12_000 * math.sin(2 * math.pi * self.tone * number / SAMPLE_RATE))
            for number in range(SAMPLE_RATE // 4)
        ]
        silence = [0] * len(samples)
        with wave.open(str(file), "wb") as output:
            output.setnchannels(1)
            output.setsampwidth(2)
            output.setframerate(SAMPLE_RATE)
            output.writeframes(struct.pack(f"<{2 * len(samples)}h", *samples, *silence))
        return file


ADA = Person("Ada", (110, 100, 200), 500)
BEN = Person("Ben", (110, 80, 80), 900)
CLEO = Person("Cleo", (110, 200, 100), 1500)
EVERYBODY = (ADA, BEN, CLEO)
