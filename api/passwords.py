"""Password hashing (argon2id), off the event loop and bounded.

Hashing is expensive on purpose, so it is a way to flood us: only `WORKERS` hashes are computed at a
time, and only `QUEUE` may wait.
"""

from __future__ import annotations

import asyncio
import secrets
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from api.problems import ProblemError

T = TypeVar("T")

WORKERS = 2
QUEUE = 64


class Passwords:
    """Close it when done."""

    def __init__(self) -> None:
        # OWASP's recommendation for argon2id: 19 MiB, two passes, one lane.
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
        self._nobodys = self._hasher.hash(secrets.token_hex())
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="argon2")
        self._room = threading.BoundedSemaphore(WORKERS + QUEUE)

    async def hash(self, password: str) -> str:
        return await self._run(lambda: self._hasher.hash(password))

    async def verify(self, hashed: str | None, password: str) -> bool:
        """Takes as long for nobody's hash (None), so that it does not tell who has an account."""
        if hashed is None:
            hashed = self._nobodys
        return await self._run(lambda: self._matches(hashed, password))

    def is_outdated(self, hashed: str) -> bool:
        """Made with other parameters than today's."""
        return self._hasher.check_needs_rehash(hashed)

    def _matches(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, work: Callable[[], T]) -> T:
        if not self._room.acquire(blocking=False):
            raise ProblemError(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "Too many people are signing in. Try again in a moment.",
                headers={"Retry-After": "5"},
            )
        future = self._pool.submit(work)
        # Only then: a hash that is being computed goes on when nobody waits for it any more.
        future.add_done_callback(lambda _: self._room.release())
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)
