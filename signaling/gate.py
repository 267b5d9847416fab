"""Passwords of meetings: checked, and slow to guess."""

from __future__ import annotations

from collections.abc import Hashable

from signaling.bucket import Buckets, Rate
from signaling.errors import RequestError
from signaling.limits import Limits
from signaling.store import VerifyPassword

MINUTE = 60.0


class Gate:
    def __init__(self, verify: VerifyPassword, limits: Limits) -> None:
        self._verify = verify
        self._guesses: Buckets[Hashable] = Buckets(Rate(limits.guesses / MINUTE, limits.guesses))

    async def check(self, who: Hashable, hashed: str, password: str | None, now: float) -> None:
        """`who`: the meeting, and who tries to come in. Raises RequestError.

        Counted before it is known to be wrong, because many may come at once.
        """
        if password is None:
            raise RequestError("password_required", "This meeting has a password.", "password")
        if self._guesses.take(who, now):
            raise RequestError("too_many_requests", "Too many wrong passwords; wait a minute.")
        if not await self._verify(hashed, password):
            raise RequestError("wrong_password", "This is not the meeting's password.", "password")
        self._guesses.give_back(who)
