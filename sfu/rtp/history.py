"""Packets kept for a while so that they can be sent again (RFC 4588; RFC 4585, section 6.2.1)."""

from __future__ import annotations

from typing import Generic, TypeVar

T = TypeVar("T")

CAPACITY = 1024
"""Packets; a power of two. About a second of a 10 Mbit/s screen."""
MAX_AGE = 1.0
"""Seconds after which no receiver can use a packet any more."""
MAX_RESENDS = 10


class History(Generic[T]):
    """A ring over unwrapped sequence numbers. Costs nothing before the first `put`."""

    __slots__ = ("_mask", "_max_age", "_ring")

    def __init__(self, capacity: int = CAPACITY, max_age: float = MAX_AGE) -> None:
        self._mask = capacity - 1
        self._max_age = max_age
        self._ring: list[tuple[int, float, T] | None] = []

    def put(self, sequence: int, now: float, packet: T) -> None:
        if not self._ring:
            self._ring = [None] * (self._mask + 1)
        self._ring[sequence & self._mask] = (sequence, now, packet)

    def get(self, sequence: int, now: float) -> T | None:
        """None if it was never there, is gone, or too old (seconds)."""
        entry = self._ring[sequence & self._mask] if self._ring else None
        if entry is None or entry[0] != sequence or now - entry[1] > self._max_age:
            return None
        return entry[2]

    def after(self, sequence: int, now: float) -> list[T]:
        """What is newer than `sequence` and not too old, in order."""
        found = [
            (entry[0], entry[2])
            for entry in self._ring
            if entry is not None and entry[0] > sequence and now - entry[1] <= self._max_age
        ]
        found.sort(key=lambda entry: entry[0])
        return [packet for _, packet in found]

    def clear(self) -> None:
        self._ring = []


class ResendLimit:
    """How often one receiver may have a packet again, however often it asks.

    `take` is to be called for packets that can be had only: what it remembers is bounded by them.
    """

    __slots__ = ("_resent",)

    def __init__(self) -> None:
        self._resent: dict[int, tuple[int, float]] = {}
        """Unwrapped sequence number → how often it was sent again, and when last."""

    def take(self, sequence: int, now: float, round_trip: float) -> bool:
        """False if it was sent again less than a round trip (seconds) ago, so that it may still be
        on its way, or too often."""
        times, last = self._resent.get(sequence, (0, now))
        if times == MAX_RESENDS or (times and now - last < round_trip):
            return False
        if not times and len(self._resent) >= CAPACITY:
            del self._resent[next(iter(self._resent))]
        self._resent[sequence] = (times + 1, now)
        return True
