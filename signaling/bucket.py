"""Token bucket: how often something may happen."""

from __future__ import annotations


class TokenBucket:
    """Fills with `rate` tokens per second up to `burst`. Starts full."""

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._rate = rate
        self._burst = burst
        self._tokens = burst
        self._filled = now

    def take(self, now: float, tokens: float = 1.0) -> bool:
        """False, and nothing taken, if there are not enough."""
        self._tokens = min(self._burst, self._tokens + (now - self._filled) * self._rate)
        self._filled = now
        if tokens > self._tokens:
            return False
        self._tokens -= tokens
        return True
