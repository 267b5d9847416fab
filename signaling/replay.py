"""The events a client may have missed. Bounded: who missed more starts afresh.

Bodies are kept, which many sessions share, not frames with a number of one session.
"""

from __future__ import annotations

from collections import deque

from signaling.limits import Limits


class Replay:
    """Encoded events with their numbers, 1, 2, 3 …; the oldest are forgotten first."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._bodies: deque[bytes] = deque()
        self._bytes = 0
        self.last = 0
        """Number of the newest event."""

    def append(self, body: bytes) -> None:
        """The event numbered `last` + 1."""
        self.last += 1
        self._bodies.append(body)
        self._bytes += len(body)
        while len(self._bodies) > self._limits.replay_messages or (
            self._bytes > self._limits.replay_bytes
        ):
            self._bytes -= len(self._bodies.popleft())

    def after(self, number: int) -> list[bytes] | None:
        """All events after `number`; None if some are forgotten, or it never was a number."""
        missed = self.last - number
        if not 0 <= missed <= len(self._bodies):
            return None
        return list(self._bodies)[len(self._bodies) - missed :]
