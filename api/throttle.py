"""Slows down the guessing of one account's password from one address."""

from __future__ import annotations

from collections import OrderedDict

ATTEMPTS = 10
WINDOW = 300.0
"""Seconds from the first attempt until the count starts again."""
REMEMBERED = 10_000
"""Keys kept; the oldest is forgotten first."""

Key = tuple[str | None, str]
"""Address and account."""


class Throttle:
    def __init__(self) -> None:
        self._attempts: OrderedDict[Key, tuple[float, int]] = OrderedDict()

    def wait(self, key: Key, now: float) -> float:
        """Seconds until the next attempt is allowed; 0 if it is now."""
        since, count = self._attempts.get(key, (now, 0))
        return max(0.0, since + WINDOW - now) if count >= ATTEMPTS else 0.0

    def attempt(self, key: Key, now: float) -> None:
        """Count it before its outcome is known: many may come at once."""
        since, count = self._attempts.pop(key, (now, 0))
        if now - since >= WINDOW:
            since, count = now, 0
        self._attempts[key] = (since, count + 1)
        if len(self._attempts) > REMEMBERED:
            self._attempts.popitem(last=False)

    def succeeded(self, key: Key) -> None:
        """It was no guess."""
        self._attempts.pop(key, None)
