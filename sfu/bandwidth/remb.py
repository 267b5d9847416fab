from __future__ import annotations

START = 300_000
"""Bits/s until the receiver has told something."""
PATIENCE = 5.0
"""Seconds after which a receiver that tells nothing counts as one that never will."""
ROOM = 1.3
"""A receiver that says so much more than it gets has seen no limit yet."""
STEP = 4
"""The next simulcast layer takes about so much more than the one below."""


class ByRemb:
    """The receiver's own estimate (draft-alvestrand-rmcat-remb-03).

    It never says much more than one and a half times what it gets, so it cannot tell of room for
    the next layer. Where it says clearly more than is sent, a step up is tried; the allocator takes
    it back, and waits longer each time, if that was too much.
    """

    def __init__(self, now: float) -> None:
        self._began = now
        self._estimate: int | None = None

    def estimated(self, bitrate: int) -> None:
        self._estimate = bitrate

    def bitrate(self, now: float, sending: int) -> float | None:
        if self._estimate is None:
            return START if now - self._began < PATIENCE else None
        if sending and self._estimate >= ROOM * sending:
            return self._estimate * STEP
        return self._estimate
