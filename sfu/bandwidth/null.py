from __future__ import annotations


class Unlimited:
    """For receivers that tell nothing: all they ask for is sent."""

    def estimated(self, bitrate: int, now: float) -> None:
        pass

    def bitrate(self, now: float, sending: int) -> float | None:
        return None
