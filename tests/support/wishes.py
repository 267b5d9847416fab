"""Wishes for pictures, and a receiver that an allocator serves in virtual time."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from sfu.allocator import OVERHEAD, Allocation, Allocator, Offer, Target, Wish
from sfu.engine.interface import SourceId

CAMERA = (150_000, 500_000, 1_700_000)
HEIGHTS = (180, 360, 720)
PINNED, USUAL = 90, 0


def offers(first: int, bitrates: Sequence[int]) -> list[Offer]:
    return [
        Offer(Target(SourceId(first + n)), bitrate, height)
        for n, (bitrate, height) in enumerate(zip(bitrates, HEIGHTS, strict=False))
    ]


def wish(
    name: str, priority: int = USUAL, height: int = 720, bitrates: Sequence[int] = CAMERA
) -> Wish:
    return Wish(name, priority, height, offers(100 * ord(name[0]), bitrates))


def heights(allocation: Allocation) -> dict[str, int]:
    """0: paused."""
    return {name: offer.height if offer else 0 for name, offer in allocation.chosen.items()}


def cost(offer: Offer | None) -> int:
    return ceil(offer.bitrate * OVERHEAD) if offer else 0


def thinned(name: str, *bitrates: int) -> Wish:
    """Of a stream that can be had at lower frame rates, and the next that nobody sends."""
    source, better = SourceId(1), SourceId(2)
    limits = (*range(len(bitrates) - 1), None)
    layers = [
        Offer(Target(source, max_temporal=limit), bitrate, HEIGHTS[0])
        for limit, bitrate in zip(limits, bitrates, strict=True)
    ]
    return Wish(name, USUAL, 720, [*layers, Offer(Target(better), 520_000, HEIGHTS[1])])


class Receiver:
    """Is looked at twice a second."""

    def __init__(self, *wishes: Wish, voices: int = 0) -> None:
        self.wishes = list(wishes)
        self.now = 0.0
        self.chosen: list[Offer | None] = []
        self.sending = 0
        self._voices = voices
        self._allocator = Allocator()

    def look(self, bitrate: float | None) -> dict[str, int]:
        allocation = self._allocator.allocate(self.now, bitrate, self.wishes, self._voices)
        self.chosen = list(allocation.chosen.values())
        self.sending = allocation.sending
        self.now += 0.5
        return heights(allocation)

    def after(self, seconds: float, bitrate: float) -> dict[str, int]:
        for _ in range(round(2 * seconds)):
            found = self.look(bitrate)
        return found
