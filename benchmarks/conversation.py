"""Who of many people talks when: one after another, now and then two at once, and all the others
keep their microphones open and say nothing. The same for the same seed."""

from __future__ import annotations

import random
from bisect import bisect, bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

_SHORTEST, _LONGEST = 0.5, 8.0
"""Seconds of a turn."""
_PAUSE, _OVERLAP = 0.5, 1.5
"""Seconds between two turns, or for which the second begins before the first is over."""
_LOUD: Final = 25
_QUIET: Final = 75
"""-dBov, at most, of voices and of silent rooms."""
_SPREAD: Final = 15
_VOICE: Final = 0x80


@dataclass(frozen=True, slots=True)
class Turn:
    begin: float
    end: float
    person: int


def turns(seed: int, people: int) -> Iterator[Turn]:
    draw = random.Random(seed)  # noqa: S311 - repeatable on purpose
    time = 0.0
    while True:
        end = time + draw.uniform(_SHORTEST, _LONGEST)
        yield Turn(time, end, draw.randrange(people))
        time = max(time, end + draw.uniform(-_OVERLAP, _PAUSE))


class Conversation:
    def __init__(self, seed: int, people: int, turns_kept: int = 1000) -> None:
        """`turns_kept`: after so many nobody talks any more."""
        self._turns = list(islice(turns(seed, people), turns_kept))
        self._begins = [turn.begin for turn in self._turns]

    def talking(self, time: float) -> frozenset[int]:
        """Seconds since its beginning."""
        begun = self._turns[bisect_left(self._begins, time - _LONGEST) : bisect(self._begins, time)]
        return frozenset(turn.person for turn in begun if time < turn.end)


def level(person: int, time: float, talking: frozenset[int]) -> int:
    """The byte of RFC 6464: voice flag and -dBov."""
    wobble = (7 * person + int(50 * time)) % _SPREAD
    return _VOICE | _LOUD + wobble if person in talking else _QUIET + wobble
