"""Something done over and over."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

_MAKE_UP: Final = 0.02
"""Seconds. Who was kept from sending for longer does not send all of it at once."""


async def repeat(interval: Callable[[], float], action: Callable[[], None]) -> None:
    """On a schedule that does not drift: what is a little late is made up for."""
    loop = asyncio.get_running_loop()
    due = loop.time()
    while True:
        action()
        due = max(due + interval(), loop.time() - _MAKE_UP)
        await asyncio.sleep(due - loop.time())
