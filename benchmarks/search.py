"""The highest rate that still passes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

MAX_LOSS: Final = 0.001
"""Share of the packets: what a trial may lose."""


def highest_rate(first: float, step: float, passes: Callable[[float], bool]) -> float | None:
    """Doubles from `first` until a rate does not pass, then halves the interval between the best
    and the worst until it is within `step` (0.05 is 5 %) of the best. None if `first` fails."""
    if not passes(first):
        return None
    best, worst = first, 2 * first
    while passes(worst):
        best, worst = worst, 2 * worst
    while worst > best * (1 + step):
        middle = (best + worst) / 2
        if passes(middle):
            best = middle
        else:
            worst = middle
    return best
