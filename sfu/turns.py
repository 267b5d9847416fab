"""Turns: work for many, spread over turns of the event loop, so that none of them is long."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from itertools import islice

Work = Callable[[], object]


def call_soon(work: Work) -> None:
    """In the next turn of the running loop."""
    asyncio.get_running_loop().call_soon(work)


class Turns:
    """Does `limit` pieces of work per turn: the first ones at once, the others in order in the
    turns after. `later` is to call what it is given in the next turn."""

    def __init__(self, limit: int, later: Callable[[Work], object] = call_soon) -> None:
        self._limit = limit
        self._later = later
        self._waiting: dict[Hashable, Work] = {}
        self._done = 0
        """In this turn."""

    def do(self, key: Hashable, work: Work) -> None:
        """What still waits under the same key is replaced."""
        if self._waiting or self._done >= self._limit:
            self._waiting[key] = work
            return
        if self._done == 0:
            self._later(self._next)
        self._done += 1
        work()

    def clear(self) -> None:
        """Forget what waits."""
        self._waiting.clear()

    def _next(self) -> None:
        keys = list(islice(self._waiting, self._limit))
        self._done = len(keys)
        if keys:
            self._later(self._next)
        for key in keys:
            if work := self._waiting.pop(key, None):
                work()
