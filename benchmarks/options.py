"""What a run of `forward` shall measure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from benchmarks.traffic import Traffic, chromium, even
from benchmarks.transport import Profile

Sizes = Literal["even", "chromium"]
MAX_RATE = "max"


@dataclass(frozen=True, slots=True)
class Options:
    engine: str = "auto"
    """Packet path: auto, native or reference."""
    subscribers: tuple[int, ...] = (1, 5, 20, 50)
    """Of each room."""
    seconds: float = 2.0
    """Of one window."""
    windows: int = 5
    sizes: Sizes = "even"
    frame_packets: int = 5
    """Video packets of one frame, sent back to back."""
    rate: float | Literal["max"] | None = None
    """Video packets a second; None: 30 frames a second; max: look for the highest."""
    engines: int = 1
    """Packet paths of the server, and rooms, one on each."""
    profiles: tuple[Profile, ...] = ("gcm",)
    busy_loop: bool = False
    """See busy_server.py."""
    floor: bool = False
    """Measure the bare loop in turn with the engine: see floor.c."""
    joined: bool = True
    """Receivers let the kernel join what arrives (UDP_GRO)."""
    awake: bool = False
    """Keep the server's core from idling: see `core.watch_core`."""

    @property
    def traffic(self) -> Traffic:
        traffic = chromium() if self.sizes == "chromium" else even(self.frame_packets)
        return traffic.at(self.rate) if isinstance(self.rate, int | float) else traffic
