"""Token buckets: how often something may happen. Times are seconds of any clock that goes on."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)

REMEMBERED = 10_000
"""Keys of one `Buckets`."""


@dataclass(frozen=True, slots=True)
class Rate:
    """So many per second for long, and `burst` at once."""

    per_second: float
    burst: float

    def times(self, factor: float) -> Rate:
        """Never less than one at once: nothing would ever pass."""
        return Rate(self.per_second * factor, max(1.0, self.burst * factor))


class TokenBucket:
    """Fills with `rate` tokens per second up to `burst`. Starts full."""

    __slots__ = ("_burst", "_filled", "_rate", "_tokens")

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

    def give_back(self, tokens: float = 1.0) -> None:
        """What was taken for nothing."""
        self._tokens = min(self._burst, self._tokens + tokens)

    def wait(self, tokens: float = 1.0) -> float:
        """Seconds from the last `take` until there are enough, if nobody takes meanwhile."""
        if tokens > self._burst:
            return math.inf
        return max(0.0, (tokens - self._tokens) / self._rate)


class Buckets(Generic[K]):
    """One bucket per key. Of too many keys, the one not used for longest is forgotten."""

    def __init__(self, rate: Rate, most: int = REMEMBERED) -> None:
        self._rate = rate
        self._most = most
        self._buckets: OrderedDict[K, TokenBucket] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, key: K, now: float) -> float:
        """0.0 if it may happen now, and is counted; otherwise the seconds until it may."""
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._new(key, now)
        self._buckets.move_to_end(key)
        return 0.0 if bucket.take(now) else bucket.wait()

    def give_back(self, key: K) -> None:
        """It has not happened."""
        if bucket := self._buckets.get(key):
            bucket.give_back()

    def _new(self, key: K, now: float) -> TokenBucket:
        bucket = self._buckets[key] = TokenBucket(self._rate.per_second, self._rate.burst, now)
        if len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
        return bucket
