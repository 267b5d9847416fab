"""How often anybody may do what.

Each operation has a class of cost. For each class an address has one token bucket, and an account
another; a school has one address, so addresses have more. What strangers do to sign in has a third
for everybody together, since it takes our processors' time whoever asks.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import TypeAlias

from api.addresses import subscriber
from api.operations import Cost
from api.problems import ProblemError
from signaling.bucket import Buckets, Rate
from signaling.identity import Identity

PER_ADDRESS: Mapping[Cost, Rate] = {
    Cost.READ: Rate(200.0, 1000.0),
    Cost.WRITE: Rate(50.0, 300.0),
    Cost.EXPENSIVE: Rate(2.0, 50.0),
    Cost.SIGN_IN: Rate(2.0, 200.0),
}
"""The last lets a school come in at the stroke of the bell."""
PER_ACCOUNT: Mapping[Cost, Rate] = {
    Cost.READ: Rate(50.0, 200.0),
    Cost.WRITE: Rate(10.0, 60.0),
    Cost.EXPENSIVE: Rate(0.2, 10.0),
    Cost.SIGN_IN: Rate(0.2, 10.0),
}
OVERALL: Mapping[Cost, Rate] = {Cost.SIGN_IN: Rate(20.0, 500.0)}

SCOPES = {"address": PER_ADDRESS, "account": PER_ACCOUNT, "all": OVERALL}

REFILL = 60.0
BUSY = 10.0
"""Seconds after which to try again where all connections are taken."""

Key: TypeAlias = "str | tuple[int | None, int | None] | None"
"""A subscriber's address, the ids of a user or a guest, or everybody."""
_Limits = dict[Cost, Buckets[Key]]


class Limiter:
    """`factor` multiplies all figures; None: nothing is limited."""

    def __init__(self, factor: float | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.refused: Counter[tuple[str, str]] = Counter(
            {(scope, cost): 0 for scope, limits in SCOPES.items() for cost in limits}
        )
        """How often, by scope and cost."""
        self._addresses = _limits(PER_ADDRESS, factor)
        self._accounts = _limits(PER_ACCOUNT, factor)
        self._overall = _limits(OVERALL, factor)

    def check_address(self, address: str, cost: Cost) -> None:
        """Count an operation that comes from there. Raises ProblemError 429."""
        self._count("address", self._addresses, subscriber(address), cost)
        self._count("all", self._overall, None, cost)

    def check_account(self, identity: Identity, cost: Cost) -> None:
        """Count an operation of a user or a guest. Raises ProblemError 429."""
        self._count("account", self._accounts, (identity.user_id, identity.guest_id), cost)

    def _count(self, scope: str, limits: _Limits, key: Key, cost: Cost) -> None:
        buckets = limits.get(cost)
        if buckets is not None and (wait := buckets.take(key, self._clock())):
            self.refused[scope, cost] += 1
            raise too_often(wait)


class Sockets:
    """Connections to `/ws` by address. As many as may be open may come at once, as after a restart
    of the server; then it takes a minute until as many may come again."""

    def __init__(
        self, most: int, factor: float | None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most = most
        self._clock = clock
        self._open: Counter[str] = Counter()
        self._openings: Buckets[str] | None = None
        self.refused = 0
        """How often."""
        if factor is not None:
            self._openings = Buckets(Rate(most / REFILL, most).times(factor))

    @property
    def open(self) -> int:
        """From all addresses together."""
        return self._open.total()

    @contextmanager
    def one(self, address: str) -> Iterator[None]:
        """While it is open. Raises ProblemError 429."""
        key = subscriber(address)
        if wait := self._wait(key):
            self.refused += 1
            raise too_often(wait)
        self._open[key] += 1
        try:
            yield
        finally:
            self._open[key] -= 1
            if not self._open[key]:
                del self._open[key]

    def _wait(self, key: str) -> float:
        """Seconds; 0 if there is room for another."""
        if self._open[key] >= self._most:
            return BUSY
        return self._openings.take(key, self._clock()) if self._openings is not None else 0.0


def too_often(wait: float) -> ProblemError:
    """429, to be tried again in `wait` seconds."""
    seconds = math.ceil(wait)
    return ProblemError(
        HTTPStatus.TOO_MANY_REQUESTS,
        f"Too many requests. Try again in {seconds} s.",
        headers={"Retry-After": str(seconds)},
    )


def _limits(rates: Mapping[Cost, Rate], factor: float | None) -> _Limits:
    if factor is None:
        return {}
    return {cost: Buckets(rate.times(factor)) for cost, rate in rates.items()}
