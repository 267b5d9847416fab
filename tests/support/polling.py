"""Waiting for what other processes do, which no event tells."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

POLL = 0.1
TIMEOUT = 45.0
"""Seconds; generous, as it only ends tests that fail."""

T = TypeVar("T")


async def until(ask: Callable[[], Awaitable[T]], seconds: float = TIMEOUT) -> T:
    """Ask until the answer is truthy, and return it. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while True:
            if answer := await ask():
                return answer
            await asyncio.sleep(POLL)
