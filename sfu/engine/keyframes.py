"""When to ask a publisher for a keyframe.

Keyframes are the dearest thing to ask for: each is many times a delta frame, for every viewer. So
requests of all viewers of a source become one, and never more than one per INTERVAL.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable

from sfu.engine.timers import Timers

INTERVAL = 0.5
"""Seconds between two requests; an encoder's answer and a round trip fit into it."""


class KeyframeRequester:
    def __init__(
        self,
        key: Hashable,
        timers: Timers,
        send: Callable[[], bool],
        needed: Callable[[], bool],
    ) -> None:
        """`send` says whether it could; `needed` whether a route (still) waits for a keyframe:
        then the request is repeated until one has come."""
        self._key = ("keyframe", key)
        self._timers = timers
        self._send = send
        self._needed = needed
        self._asked = False
        self._sent_at: float | None = None

    def request(self, now: float) -> None:
        """A receiver lost its picture, or a route begins to wait."""
        self._asked = True
        if self._key not in self._timers:
            due = now if self._sent_at is None else max(now, self._sent_at + INTERVAL)
            if due > now:
                self._timers.set(self._key, due, self._run)
            else:
                self._run(now)

    def arrived(self) -> None:
        """A keyframe came: it answers whatever was asked before."""
        self._asked = False

    def close(self) -> None:
        self._timers.cancel(self._key)

    def _run(self, now: float) -> None:
        needed = self._needed()
        if not (self._asked or needed) or not self._send():
            return
        self._asked = False
        self._sent_at = now
        if needed:
            self._timers.set(self._key, now + INTERVAL, self._run)
