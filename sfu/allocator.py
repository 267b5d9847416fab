"""Allocator: what a receiver's way carries, shared out among the pictures it shows.

Sound comes first. Then pictures by priority: one of FOREMOST priority or more (a shown screen, a
pinned or speaking person) gets its best useful layer before anybody else gets any; those of equal
lower priority rise evenly, layer by layer. Useful is the smallest layer that fills its tile. What
does not even get its lowest layer is paused.

Down it goes at once, up only with room to spare and not soon after a fall; a rise that failed makes
the next one wait longer, and no picture goes up, down and up again within ten seconds. So a
constant way never sees a layer go to and fro.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from math import ceil, inf
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

    __slots__ = ("costs", "offers", "places", "wish")

    def __init__(self, wish: Wish) -> None:
        places: list[int] = []
        for place in range(wish.useful, -1, -1):
            if not places or wish.offers[place].bitrate < wish.offers[places[-1]].bitrate:
                places.append(place)
        places.reverse()
        self.wish = wish
        self.places = places
        self.offers = [wish.offers[place] for place in places]
        self.costs = [ceil(offer.bitrate * OVERHEAD) for offer in self.offers]

    def step(self, level: int) -> int:
        """Bits/s more for `level` than for the one below; -1 is nothing."""
        return self.costs[level] - (self.costs[level - 1] if level else 0)

    def offer(self, level: int) -> Offer | None:
        return self.offers[level] if level >= 0 else None

    def cost(self, level: int) -> int:
        return self.costs[level] if level >= 0 else 0

    def level_of(self, offer: Offer | None) -> int:
        """Where an earlier choice is now; one that has left the ladder becomes what is above."""
        if offer is None:
            return -1
        return min(bisect_left(self.places, self._place_of(offer)), len(self.places) - 1)

    def _place_of(self, earlier: Offer) -> int:
        """Among all offers. Those of another line (its publisher has come back) are as high."""
        for place, offer in enumerate(self.wish.offers):
            if offer.target == earlier.target:
                return place
        heights = (
            place for place, it in enumerate(self.wish.offers) if it.height >= earlier.height
        )
        return next(heights, len(self.wish.offers) - 1)


Levels = dict[str, int]
"""Rung of each picture on its ladder; -1: paused."""


@dataclass(slots=True)
class _Shown:
    """A picture as it was left."""

    offer: Offer | None = None
    risen_at: float = -inf
    rests_until: float = -inf
    """Having fallen after it had risen, it does not rise again before."""


class Allocator:
    """Of one receiver. Time in seconds."""

    def __init__(self) -> None:
        self._shown: dict[str, _Shown] = {}
        self._wished: frozenset[tuple[str, int, int]] = frozenset()
        self._sent = 0
        """Bits/s of pictures."""
        self._rise_at = -inf
        self._risen_at = -inf
        self._wait = SETTLE

    def allocate(
        self, now: float, bitrate: float | None, wishes: Sequence[Wish], voices: int
    ) -> Allocation:
        """`bitrate`: bits/s the way carries; None: there is no limit."""
        left = inf if bitrate is None else bitrate - VOICE * voices
        ladders = [_Ladder(wish) for wish in sorted(wishes, key=lambda wish: -wish.priority)]
        kept = self._kept(ladders)
        levels = self._levels(now, ladders, left, kept)
        self._remember(now, ladders, kept, levels)
        return _allocation(ladders, levels, voices)

    def _kept(self, ladders: Sequence[_Ladder]) -> Levels:
        """What everybody has already."""
        return {
            ladder.wish.picture: ladder.level_of(self._shown[ladder.wish.picture].offer)
            for ladder in ladders
            if ladder.wish.picture in self._shown
        }

    def _remember(
        self, now: float, ladders: Sequence[_Ladder], kept: Levels, levels: Levels
    ) -> None:
        before, self._shown = self._shown, {}
        for ladder in ladders:
            name = ladder.wish.picture
            shown = self._shown[name] = before.get(name) or _Shown()
            shown.offer = ladder.offer(levels[name])
            if levels[name] > kept.get(name, inf):
                shown.risen_at = now
            elif levels[name] < kept.get(name, -1):
                shown.rests_until = shown.risen_at + FAILED
        self._wished = _signature(ladders)
        self._sent = _total(ladders, levels)

    def _levels(self, now: float, ladders: Sequence[_Ladder], left: float, kept: Levels) -> Levels:
        if left == inf:
            return {ladder.wish.picture: len(ladder.offers) - 1 for ladder in ladders}
        sent = _total(ladders, kept)
        if sent > left:
            self._fell(now)
        elif now >= self._rise_at:
            return self._rise(now, ladders, left, kept)
        if _signature(ladders) == self._wished:
            return _share(ladders, left, kept)
        # What is shown may take no more than before, but share it anew; nobody need be paused.
        shown = [ladder for ladder in ladders if ladder.wish.picture in kept]
        anew = _share(shown, min(left, max(sent, self._sent)))
        highest = {name: max(anew[name], min(level, 0)) for name, level in kept.items()}
        return _share(ladders, left, highest)

    def _fell(self, now: float) -> None:
        """The way carries less than is sent. Soon after a rise that was a failure."""
        if now - self._risen_at < FAILED:
            self._wait = min(max(2 * self._wait, FAILED), LONGEST_WAIT)
        elif now >= self._rise_at:
            self._wait = SETTLE
        self._risen_at = -inf
        self._rise_at = max(self._rise_at, now + self._wait)

    def _rise(self, now: float, ladders: Sequence[_Ladder], left: float, kept: Levels) -> Levels:
        """What is shown already rises with room to spare. Where nothing else is wanted than before,
        it must be better for the first rank that it is not equal for, and those that rest keep what
        they have."""
        changed = _signature(ladders) != self._wished
        resting = {
            name: level
            for name, level in kept.items()
            if now < self._shown[name].rests_until and not changed
        }
        roomy = _share(ladders, left / SPARE, resting)
        highest = {name: max(level, roomy[name]) for name, level in kept.items()}
        levels = _share(ladders, left, highest)
        if not changed and _merits(ladders, levels) <= _merits(ladders, kept):
            return kept
        if any(levels[name] > level for name, level in kept.items()):
            self._risen_at = now
            self._rise_at = now + SPACING
        return levels


def _signature(ladders: Sequence[_Ladder]) -> frozenset[tuple[str, int, int]]:
    """What is wanted, apart from what it takes."""
    return frozenset(
        (ladder.wish.picture, ladder.wish.priority, ladder.wish.height) for ladder in ladders
    )


def _total(ladders: Sequence[_Ladder], levels: Levels) -> int:
    """Bits/s of those that have a level."""
    return sum(
        ladder.cost(levels[ladder.wish.picture])
        for ladder in ladders
        if ladder.wish.picture in levels
    )


def _merits(ladders: Sequence[_Ladder], levels: Levels) -> list[list[int]]:
    """To compare by: of each rank, who has least."""
    return [
        sorted(levels[ladder.wish.picture] for _, ladder in group)
        for _, group in groupby(enumerate(ladders), key=_rank)
    ]


def _share(ladders: Sequence[_Ladder], left: float, highest: Levels | None = None) -> Levels:
    """What `left` bits/s pay for; by priority, the foremost one by one. Nobody rises above
    `highest`."""
    levels = {ladder.wish.picture: -1 for ladder in ladders}
    for _, group in groupby(enumerate(ladders), key=_rank):
        left = _serve([ladder for _, ladder in group], left, levels, highest or {})
    return levels


def _rank(place: tuple[int, _Ladder]) -> tuple[int, int]:
    number, ladder = place
    return ladder.wish.priority, number if ladder.wish.priority >= FOREMOST else 0


def _serve(group: Sequence[_Ladder], left: float, levels: Levels, highest: Levels) -> float:
    """Raise a group evenly; what is left of the bitrate."""
    rising = list(group)
    while rising:
        still = []
        for ladder in rising:
            name = ladder.wish.picture
            level = levels[name] + 1
            top = highest.get(name, len(ladder.costs) - 1)
            if level <= top and ladder.step(level) <= left:
                left -= ladder.step(level)
                levels[name] = level
                still.append(ladder)
        rising = still
    return left


def _allocation(ladders: Sequence[_Ladder], levels: Levels, voices: int) -> Allocation:
    chosen = {ladder.wish.picture: ladder.offer(levels[ladder.wish.picture]) for ladder in ladders}
    sound = VOICE * voices
    useful = sound + sum(SPARE * ladder.costs[-1] for ladder in ladders)
    satisfied = all(levels[ladder.wish.picture] == len(ladder.costs) - 1 for ladder in ladders)
    return Allocation(chosen, sound + _total(ladders, levels), 0 if satisfied else round(useful))
