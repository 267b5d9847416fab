"""Slows down the guessing of passwords: per address and account, per address, per account.

A guesser may have one account in mind or many, and one address or thousands. Against one address,
counts per address suffice. Whoever spreads over many is noticed by the account's own count. That
must not lock the owner out for as long as somebody keeps guessing, so an account in trouble is not
closed: each address then has `FEW` attempts instead of `ATTEMPTS`, except those from which the
password was right before. So the owner can always try, wherever he is, and a guesser needs a new
address for every other guess (and all sign-ins together have a rate limit, api/limits.py).

Counts are kept in bounded memory, for emails without an account, too: they tell nothing. Addresses
of IPv6 count by /64, which is what one subscriber has.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

K = TypeVar("K")

ATTEMPTS = 10
"""On an account, from an address."""
FEW = 2
"""The same where the account is in trouble."""
FROM_ADDRESS = 100
"""Attempts from an address, on any account; a whole school may share one."""
TROUBLE = 50
"""Attempts on an account, from anywhere, that mean trouble."""
WINDOW = 300.0
"""Seconds from the first attempt until a count starts again. Attempts that were right do not
count."""
REMEMBERED = 20_000
"""Keys of each kind that are kept; those not used for longest are forgotten first."""

Pair = tuple[str, str]
"""Address and account."""


class Throttle:
    """Addresses are those of subscribers; `now` is in seconds, of any clock that never goes back.

    `wait`, `attempt` and then `succeeded` or `failed`: an attempt is counted before its outcome is
    known, because many may come at once.
    """

    def __init__(self) -> None:
        self._pairs = _Counts[Pair]()
        self._addresses = _Counts[str]()
        self._accounts = _Counts[str]()
        self._good: OrderedDict[Pair, None] = OrderedDict()
        self.failures = 0
        """Attempts that were wrong, since the start."""

    def wait(self, address: str, account: str, now: float) -> float:
        """Seconds until the next attempt is allowed; 0 if it is now."""
        pair = (address, account)
        troubled = self._accounts.wait(account, TROUBLE, now) > 0 and pair not in self._good
        return max(
            self._pairs.wait(pair, FEW if troubled else ATTEMPTS, now),
            self._addresses.wait(address, FROM_ADDRESS, now),
        )

    def attempt(self, address: str, account: str, now: float) -> None:
        self._pairs.add((address, account), now)
        self._addresses.add(address, now)
        self._accounts.add(account, now)

    def failed(self) -> None:
        self.failures += 1

    def succeeded(self, address: str, account: str) -> None:
        """It was no guess, and neither were those before it from this address."""
        self._accounts.take(account, self._pairs.clear((address, account)))
        self._addresses.take(address, 1)
        self._good[address, account] = None
        self._good.move_to_end((address, account))
        if len(self._good) > REMEMBERED:
            self._good.popitem(last=False)


class _Counts(Generic[K]):
    def __init__(self) -> None:
        self._counts: OrderedDict[K, tuple[float, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._counts)

    def wait(self, key: K, limit: int, now: float) -> float:
        """Seconds until there is another attempt."""
        since, count = self._counts.get(key, (now, 0))
        return max(0.0, since + WINDOW - now) if count >= limit else 0.0

    def add(self, key: K, now: float) -> None:
        since, count = self._counts.pop(key, (now, 0))
        if now - since >= WINDOW:
            since, count = now, 0
        self._counts[key] = (since, count + 1)
        if len(self._counts) > REMEMBERED:
            self._counts.popitem(last=False)

    def take(self, key: K, number: int) -> None:
        """Uncount so many."""
        if key in self._counts:
            since, count = self._counts[key]
            self._counts[key] = (since, max(0, count - number))

    def clear(self, key: K) -> int:
        """How many there were."""
        return self._counts.pop(key, (0.0, 0))[1]
