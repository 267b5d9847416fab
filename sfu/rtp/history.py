"""Packets sent, kept for a while so that they can be sent again (RFC 4588; RFC 4585, 6.2.1)."""

from __future__ import annotations

from typing import Generic, TypeVar

T = TypeVar("T")

CAPACITY = 1024
"""Packets; a power of two. About a second of a 10 Mbit/s screen."""
MAX_AGE = 1.0
"""Seconds after which no receiver can use a packet any more."""
MAX_RESENDS = 10


class History(Generic[T]):
    """A ring over the sequence numbers of one sink. Costs nothing before the first `put`."""

    __slots__ = ("_mask", "_max_age", "_resent", "_ring")

    def __init__(self, capacity: int = CAPACITY, max_age: float = MAX_AGE) -> None:
        self._mask = capacity - 1
        self._max_age = max_age
        self._ring: list[tuple[int, float, T] | None] = []
        self._resent: dict[int, tuple[int, float]] = {}
        """Sequence number → how often it was sent again, and when last."""

    def put(self, sequence: int, now: float, packet: T) -> None:
        """`packet` was sent as `sequence`. What to keep is up to the caller."""
        ring = self._ring
        if not ring:
            ring.extend([None] * (self._mask + 1))
        index = sequence & self._mask
        if self._resent and (old := ring[index]):
            self._resent.pop(old[0], None)
        ring[index] = (sequence, now, packet)

    def get(self, sequence: int, now: float, round_trip: float) -> T | None:
        """The packet to send again now; None if it is gone, too old, sent again less than a
        round trip (seconds) ago, so that the answer may still be on its way, or too often."""
        entry = self._ring[sequence & self._mask] if self._ring else None
        if entry is None or entry[0] != sequence or now - entry[1] > self._max_age:
            return None
        times, last = self._resent.get(sequence, (0, entry[1]))
        if times == MAX_RESENDS or (times and now - last < round_trip):
            return None
        self._resent[sequence] = (times + 1, now)
        return entry[2]

    def clear(self) -> None:
        self._ring.clear()
        self._resent.clear()
