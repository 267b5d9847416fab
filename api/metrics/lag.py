"""How late the event loop is: whoever holds it, holds everybody's requests."""

from __future__ import annotations

import asyncio
import time
from typing import Protocol

INTERVAL = 0.5
"""Seconds."""


class Observer(Protocol):
    def observe(self, amount: float) -> None: ...


async def watch_lag(lag: Observer) -> None:
    """For ever."""
    while True:
        began = time.monotonic()  # the loop's own clock stands still while it is held
        await asyncio.sleep(INTERVAL)
        lag.observe(max(0.0, time.monotonic() - began - INTERVAL))
