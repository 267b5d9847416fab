"""Waiting for what has to happen, without guessing how long it takes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

TIMEOUT = 30.0
"""Seconds any test waits for something that has to happen."""


class Waiting:
    """Something that changes: call `notify` after each change."""

    def __init__(self) -> None:
        self._happened = asyncio.Event()

    def notify(self) -> None:
        self._happened.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until a change makes `condition` true. One waiter at a time."""
        async with asyncio.timeout(TIMEOUT):
            while not condition():
                self._happened.clear()
                await self._happened.wait()
