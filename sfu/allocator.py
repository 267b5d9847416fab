"""Allocator: what a receiver's way carries, shared out among the pictures it shows.

Sound comes first. Then pictures by priority: one of FOREMOST priority or more (a shown screen, a
pinned or speaking person) gets its best useful layer before anybody else gets any; those of equal
lower priority rise evenly, layer by layer. Useful is the smallest layer that fills its tile. What
does not even get its lowest layer is paused.

Down it goes at once, up only with room to spare and not soon after a fall; a rise that failed makes
the next one wait longer. So a constant way never sees a layer go to and fro.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import inf
from typing import NamedTuple

from sfu.engine.interface import SourceId

VOICE = 40_000
"""Bits/s kept for each voice that flows."""
FOREMOST = 70
"""Priority from which a picture is served before the others, and not evenly with its equals."""
FILLS = 0.8
"""Part of a tile's height that is enough to fill it."""
OVERHEAD = 1.05
"""Of what packets carry besides payload."""
SPARE = 1.15
"""To rise, so much of what is needed must be there."""
SETTLE = 3.0
"""Seconds after a fall in which nothing rises."""
FAILED = 10.0
"""Seconds after a rise within which a fall makes it a failure, and the least wait after one."""
LONGEST_WAIT = 60.0


class Target(NamedTuple):
    """What a slot shall carry: a source, and the highest layers inside it (None: all)."""

    source: SourceId
    max_spatial: int | None = None
    max_temporal: int | None = None


class Offer(NamedTuple):
    """One quality a picture can be had in."""

    target: Target
    bitrate: int
    """Bits/s of everything it takes."""
    height: int
    """Pixels."""
    rid: str | None = None
    """Encoding of the publisher."""
    active: bool = True
    """It is being sent now; else its publisher has to be asked."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A picture a receiver shows. `offers`: lowest quality first; at least one."""

    picture: str
    priority: int
    height: int
    """Of its tile, pixels; 0: as good as it gets."""
    offers: Sequence[Offer]

    @property
    def useful(self) -> int:
        """Index of the smallest offer that fills the tile."""
        if not self.height:
            return len(self.offers) - 1
        fill = (n for n, offer in enumerate(self.offers) if offer.height >= FILLS * self.height)
        lowest = next(fill, len(self.offers) - 1)
        best = self.offers[lowest].height
        return max(n for n, offer in enumerate(self.offers) if offer.height == best)


@dataclass(frozen=True, slots=True)
class Allocation:
    chosen: dict[str, Offer | None]
    """By picture; None: paused for lack of bandwidth."""
    sending: int
    """Bits/s of what is chosen, sound included."""
    useful: int
    """Bits/s that would be of use: more than `sending` where the way is the limit, else 0."""


class Allocator:
    """Of one receiver. Time in seconds."""

    def __init__(self) -> None:
        self._levels: dict[str, int] = {}
        """Index of the offer each picture has; -1 for paused."""
        self._wished: frozenset[tuple[str, int, int]] = frozenset()
        self._rise_at = -inf
        self._risen_at = -inf
        self._wait = SETTLE

    def allocate(
        self, now: float, bitrate: float | None, wishes: Sequence[Wish], voices: int
    ) -> Allocation:
        """`bitrate`: bits/s the way carries; None: there is no limit."""
        left = inf if bitrate is None else bitrate - VOICE * voices
        wished = frozenset((wish.picture, wish.priority, wish.useful) for wish in wishes)
        kept = self._kept(wishes)
        short = _total(wishes, kept) > left
        if short:
            self._fell(now)
        if wished != self._wished or left == inf:
            self._levels = _share(wishes, left)
        elif short:
            shared = _share(wishes, left)
            self._levels = {name: min(level, kept[name]) for name, level in shared.items()}
        else:
            self._levels = self._rise(now, wishes, left, kept)
        self._wished = wished
        return _allocation(wishes, self._levels, voices)

    def _kept(self, wishes: Sequence[Wish]) -> dict[str, int]:
        """What everybody has already, as far as it is still of use."""
        return {
            wish.picture: min(self._levels[wish.picture], wish.useful)
            for wish in wishes
            if wish.picture in self._levels
        }

    def _fell(self, now: float) -> None:
        """The way carries less than is sent. Soon after a rise that was a failure."""
        failed = now - self._risen_at < FAILED
        self._wait = min(max(2 * self._wait, FAILED), LONGEST_WAIT) if failed else SETTLE
        self._risen_at = -inf
        self._rise_at = now + self._wait

    def _rise(
        self, now: float, wishes: Sequence[Wish], left: float, kept: dict[str, int]
    ) -> dict[str, int]:
        """The same, or better by priority with room to spare."""
        roomy = _share(wishes, left / SPARE)
        ranked = sorted(wishes, key=lambda wish: -wish.priority)
        better = [roomy[wish.picture] for wish in ranked] > [kept[wish.picture] for wish in ranked]
        if now < self._rise_at or not better:
            return kept
        self._risen_at = now
        return roomy


def _total(wishes: Sequence[Wish], levels: dict[str, int]) -> float:
    """Bits/s of those that have a level."""
    return sum(_cost(wish, levels[wish.picture]) for wish in wishes if wish.picture in levels)


def _share(wishes: Sequence[Wish], left: float) -> dict[str, int]:
    """The level of each picture that `left` bits/s pay for; -1: none."""
    levels = {wish.picture: -1 for wish in wishes}
    for group in _groups(wishes):
        left = _serve(group, left, levels)
    return levels


def _groups(wishes: Sequence[Wish]) -> Iterable[list[Wish]]:
    """The foremost one by one, then all of one priority together."""
    ranked = sorted(wishes, key=lambda wish: -wish.priority)
    keys = enumerate(ranked)
    for _, group in groupby(
        keys, key=lambda item: (item[1].priority, item[0] if item[1].priority >= FOREMOST else 0)
    ):
        yield [wish for _, wish in group]


def _serve(group: Sequence[Wish], left: float, levels: dict[str, int]) -> float:
    """Raise a group evenly; what is left of the bitrate."""
    rising = list(group)
    while rising:
        still = []
        for wish in rising:
            level = levels[wish.picture]
            step = _cost(wish, level + 1) - _cost(wish, level)
            if step <= left:
                left -= step
                levels[wish.picture] = level + 1
                if level + 1 < wish.useful:
                    still.append(wish)
        rising = still
    return left


def _cost(wish: Wish, level: int) -> float:
    return wish.offers[level].bitrate * OVERHEAD if level >= 0 else 0.0


def _allocation(wishes: Sequence[Wish], levels: dict[str, int], voices: int) -> Allocation:
    sound = VOICE * voices
    sending = sound + sum(_cost(wish, levels[wish.picture]) for wish in wishes)
    useful = sound + sum(SPARE * _cost(wish, wish.useful) for wish in wishes)
    satisfied = all(levels[wish.picture] >= wish.useful for wish in wishes)
    chosen = {
        wish.picture: wish.offers[level] if (level := levels[wish.picture]) >= 0 else None
        for wish in wishes
    }
    return Allocation(chosen, round(sending), 0 if satisfied else round(useful))
