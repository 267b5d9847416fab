from __future__ import annotations

START = 300_000
"""Bits/s until there is an estimate: the engine's begins with it too."""


class ByTransportCc:
    """The engine's estimate from transport-wide feedback."""

    def __init__(self) -> None:
        self._estimate = START

    def estimated(self, bitrate: int, now: float) -> None:
        self._estimate = bitrate

    def bitrate(self, now: float, sending: int) -> float | None:
        return self._estimate
