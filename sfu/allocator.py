"""Allocator: what a receiver's way carries, shared out among the pictures it shows.

Sound comes first. Then pictures by priority: one of FOREMOST priority or more (a shown screen, a
pinned or speaking person) gets its best useful layer before anybody else gets any; those of equal
lower priority rise evenly, layer by layer. Useful is the smallest layer that fills its tile. What
does not even get its lowest layer is paused.

Down it goes at once, up only with room to spare and not soon after a fall; a rise that failed makes
the next one wait longer. So a constant way never sees a layer go to and fro.
"""

from __future__ import annotations

from collections.abc import Sequence
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
OVERHEAD = 1.04
"""Of what packets carry besides payload."""
SPARE = 1.05
"""To rise, so much of what is needed must be there."""
SETTLE = 3.0
"""Seconds after a fall in which nothing rises."""
SPACING = 1.0
"""Seconds between rises."""
FAILED = 10.0
"""Seconds after a rise within which a fall makes it a failure, and the least wait after one."""
LONGEST_WAIT = 30.0


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
    encoding: str = ""
    """Of the publisher: its rid; empty for a lone one."""
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


class _Ladder:
    """The offers of a wish that are worth having: each takes more than the one before. A better one
    that takes less (a still screen) leaves out those below."""

    __slots__ = ("costs", "offers", "wish")

    def __init__(self, wish: Wish) -> None:
        offers: list[Offer] = []
        for offer in reversed(wish.offers[: wish.useful + 1]):
            if not offers or offer.bitrate < offers[-1].bitrate:
                offers.append(offer)
        offers.reverse()
        self.wish = wish
        self.offers = offers
        self.costs = [offer.bitrate * OVERHEAD for offer in offers]

    def step(self, level: int) -> float:
        """Bits/s more for `level` than for the one below; -1 is nothing."""
        return self.costs[level] - (self.costs[level - 1] if level else 0.0)

    def cost(self, level: int) -> float:
        return self.costs[level] if level >= 0 else 0.0

    def level_of(self, offer: Offer | None) -> int:
        """Where an earlier choice is now; one that has left the ladder becomes what is above."""
        if offer is None:
            return -1
        for level, mine in enumerate(self.offers):
            if mine.target == offer.target or mine.height > offer.height:
                return level
        return len(self.offers) - 1


Levels = dict[str, int]
"""Rung of each picture on its ladder; -1: paused."""


class Allocator:
    """Of one receiver. Time in seconds."""

    def __init__(self) -> None:
        self._chosen: dict[str, Offer | None] = {}
        self._wished: frozenset[tuple[str, int, int]] = frozenset()
        self._rise_at = -inf
        self._risen_at = -inf
        self._wait = SETTLE

    def allocate(
        self, now: float, bitrate: float | None, wishes: Sequence[Wish], voices: int
    ) -> Allocation:
        """`bitrate`: bits/s the way carries; None: there is no limit."""
        left = inf if bitrate is None else bitrate - VOICE * voices
        ladders = [_Ladder(wish) for wish in sorted(wishes, key=lambda wish: -wish.priority)]
        levels = self._levels(now, ladders, left)
        self._chosen = {
            ladder.wish.picture: ladder.offers[level] if level >= 0 else None
            for ladder in ladders
            for level in (levels[ladder.wish.picture],)
        }
        self._wished = _signature(ladders)
        return _allocation(ladders, levels, self._chosen, voices)

    def _levels(self, now: float, ladders: Sequence[_Ladder], left: float) -> Levels:
        if left == inf:
            return {ladder.wish.picture: len(ladder.offers) - 1 for ladder in ladders}
        shared = _share(ladders, left)
        kept = self._kept(ladders)
        if _total(ladders, kept) > left:
            self._fell(now)
        elif now >= self._rise_at:
            return self._rise(now, ladders, left, shared, kept)
        if _signature(ladders) == self._wished:
            shared = shared if _total(ladders, kept) > left else kept
        return {name: min(level, kept.get(name, level)) for name, level in shared.items()}

    def _kept(self, ladders: Sequence[_Ladder]) -> Levels:
        """What everybody has already."""
        return {
            ladder.wish.picture: ladder.level_of(self._chosen[ladder.wish.picture])
            for ladder in ladders
            if ladder.wish.picture in self._chosen
        }

    def _fell(self, now: float) -> None:
        """The way carries less than is sent. Soon after a rise that was a failure."""
        if now - self._risen_at < FAILED:
            self._wait = min(max(2 * self._wait, FAILED), LONGEST_WAIT)
        elif now >= self._rise_at:
            self._wait = SETTLE
        self._risen_at = -inf
        self._rise_at = max(self._rise_at, now + self._wait)

    def _rise(
        self,
        now: float,
        ladders: Sequence[_Ladder],
        left: float,
        shared: Levels,
        kept: Levels,
    ) -> Levels:
        """What is shown already rises with room to spare. Where nothing else is wanted than before,
        it must be better for the first by priority that it is not equal for."""
        roomy = _share(ladders, left / SPARE)
        levels = {
            name: min(level, max(roomy[name], kept.get(name, level)))
            for name, level in shared.items()
        }
        names = [ladder.wish.picture for ladder in ladders if ladder.wish.picture in kept]
        better = [levels[name] for name in names] > [kept[name] for name in names]
        if not better and _signature(ladders) == self._wished:
            return kept
        if any(levels[name] > kept[name] for name in names):
            self._risen_at = now
            self._rise_at = now + SPACING
        return levels


def _signature(ladders: Sequence[_Ladder]) -> frozenset[tuple[str, int, int]]:
    """What is wanted, apart from what it takes."""
    return frozenset(
        (ladder.wish.picture, ladder.wish.priority, ladder.wish.height) for ladder in ladders
    )


def _total(ladders: Sequence[_Ladder], levels: Levels) -> float:
    """Bits/s of those that have a level."""
    return sum(
        ladder.cost(levels[ladder.wish.picture])
        for ladder in ladders
        if ladder.wish.picture in levels
    )


def _share(ladders: Sequence[_Ladder], left: float) -> Levels:
    """What `left` bits/s pay for; by priority, the foremost one by one."""
    levels = {ladder.wish.picture: -1 for ladder in ladders}
    for _, group in groupby(enumerate(ladders), key=_rank):
        left = _serve([ladder for _, ladder in group], left, levels)
    return levels


def _rank(place: tuple[int, _Ladder]) -> tuple[int, int]:
    number, ladder = place
    return ladder.wish.priority, number if ladder.wish.priority >= FOREMOST else 0


def _serve(group: Sequence[_Ladder], left: float, levels: Levels) -> float:
    """Raise a group evenly; what is left of the bitrate."""
    rising = list(group)
    while rising:
        still = []
        for ladder in rising:
            name = ladder.wish.picture
            level = levels[name] + 1
            if level < len(ladder.costs) and ladder.step(level) <= left:
                left -= ladder.step(level)
                levels[name] = level
                still.append(ladder)
        rising = still
    return left


def _allocation(
    ladders: Sequence[_Ladder], levels: Levels, chosen: dict[str, Offer | None], voices: int
) -> Allocation:
    sound = VOICE * voices
    useful = sound + sum(SPARE * ladder.costs[-1] for ladder in ladders)
    satisfied = all(levels[ladder.wish.picture] == len(ladder.costs) - 1 for ladder in ladders)
    sending = sound + _total(ladders, levels)
    return Allocation(chosen, round(sending), 0 if satisfied else round(useful))
