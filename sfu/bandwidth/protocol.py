from __future__ import annotations

from typing import Protocol


class Bandwidth(Protocol):
    """What is believed of one receiver's way. Bitrates in bits/s, times in seconds."""

    def estimated(self, bitrate: int, now: float) -> None:
        """The engine has an estimate."""

    def bitrate(self, now: float, sending: int) -> float | None:
        """What may be sent, where `sending` is sent now; None: there is no limit."""
