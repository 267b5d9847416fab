"""The end of the login that a connection stands on.

A login can be renewed while its connection stays, so when it seems to be over it is looked up.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from signaling.identity import Identity, LoginExpiry

PAUSES = (1.0, 2.0, 4.0, 8.0, 15.0)
"""Seconds after which to ask again where the answer cannot be had; after the last it is over."""

log = logging.getLogger(__name__)


class Expiry:
    """Calls `end` when the login has expired, unless it is cancelled before."""

    def __init__(self, find: LoginExpiry, identity: Identity, end: Callable[[], None]) -> None:
        self._find = find
        self._identity = identity
        self._end = end
        self._task = asyncio.create_task(self._wait(identity.expires_at))

    def cancel(self) -> None:
        self._task.cancel()

    async def _wait(self, expires_at: float | None) -> None:
        while expires_at is not None and (left := expires_at - time.time()) > 0:
            await asyncio.sleep(left)
            expires_at = await self._look_up()
        self._end()

    async def _look_up(self) -> float | None:
        """When it expires by now; None: it has ended, or that cannot be told."""
        for pause in PAUSES:
            try:
                return await self._find(self._identity)
            except Exception as error:
                log.warning("login %s cannot be looked up: %r", self._identity.session_id, error)
                await asyncio.sleep(pause)
        return None
