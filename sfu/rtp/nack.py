"""Which packets of a stream are missing and when to ask for them (RFC 4585, section 6.2.1)."""

from __future__ import annotations

from itertools import islice
from math import inf

from sfu.rtp.sequence import Unwrapper

REORDER_TOLERANCE = 0.010
"""Seconds a packet may be overtaken before it is asked for."""
MAX_TRIES = 10
MAX_AGE = 1.0
"""Seconds after which a missing packet is of no use to anybody."""
MAX_MISSING = 1000
"""A longer jump is a new beginning, not a loss: nothing is asked for."""
MAX_ASKED = 250
"""Numbers given out at once: each may need four bytes of one datagram."""
MIN_RETRY = 0.020
"""Seconds. On a local network a round trip says nothing about how long an answer takes."""


class _Gap:
    __slots__ = ("ask_at", "since", "tries")

    def __init__(self, now: float) -> None:
        self.since = now
        self.ask_at = now + REORDER_TOLERANCE
        self.tries = 0


class NackGenerator:
    """Feed it every packet of one stream, repaired ones too; ask it what is due."""

    __slots__ = ("_gaps", "_unwrapper", "next_due", "round_trip")

    def __init__(self, round_trip: float = 0.1) -> None:
        self._unwrapper = Unwrapper()
        self._gaps: dict[int, _Gap] = {}
        self.round_trip = round_trip
        """Seconds to the sender and back; a number is asked for again after that long."""
        self.next_due = inf
        """When `due` has something to do next (seconds)."""

    def __len__(self) -> int:
        return len(self._gaps)

    def received(self, sequence: int, now: float) -> bool:
        """Whether the packet had been missing."""
        highest = self._unwrapper.highest
        number = self._unwrapper.unwrap(sequence)
        if highest is None or number == highest + 1:
            return False
        if number > highest:
            self._miss(highest + 1, number, now)
            return False
        return self._gaps.pop(number, None) is not None

    def _miss(self, first: int, end: int, now: float) -> None:
        gaps = self._gaps
        if end - first > MAX_MISSING:
            gaps.clear()
            self.next_due = inf
            return
        for number in range(first, end):
            gaps[number] = _Gap(now)
        for number in list(islice(gaps, max(0, len(gaps) - MAX_MISSING))):
            del gaps[number]
        self.next_due = min(self.next_due, now + REORDER_TOLERANCE)

    def due(self, now: float) -> list[int]:
        """Sequence numbers to ask for now, oldest first, at most MAX_ASKED."""
        if now < self.next_due:
            return []
        retry_at = now + max(self.round_trip, MIN_RETRY)
        asked: list[int] = []
        given_up: list[int] = []
        next_due = inf
        for number, gap in self._gaps.items():
            if gap.ask_at <= now and len(asked) < MAX_ASKED:
                if gap.tries == MAX_TRIES or now - gap.since > MAX_AGE:
                    given_up.append(number)
                    continue
                gap.tries += 1
                gap.ask_at = retry_at
                asked.append(number & 0xFFFF)
            if gap.ask_at < next_due:
                next_due = gap.ask_at
        for number in given_up:
            del self._gaps[number]
        self.next_due = next_due
        return asked

    def clear_before(self, sequence: int) -> None:
        """A keyframe begins at `sequence`: nobody needs what was lost before it."""
        gaps = self._gaps
        if not gaps:
            return
        first = self._unwrapper.unwrap(sequence)
        for number in [number for number in gaps if number < first]:
            del gaps[number]
