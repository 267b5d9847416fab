"""The bad networks of `python -m benchmarks impaired`, and what is expected on each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from tests.support.impairment import BIN, Conditions, Interval, Schedule, Step, always

__all__ = ["BIN", "SCENARIOS", "Interval", "Scenario", "Schedule", "back"]

QUEUE: Final = 0.3
"""Seconds of its rate that a bottleneck queues before it drops."""
KBIT: Final = 1_000
MBIT: Final = 1_000_000
GOOD: Final = always(Conditions(delay=0.01))
"""No limit, 20 ms round trip."""


def back(schedule: Schedule) -> Schedule:
    """The other direction of the same link: as long and as lossy, but never full."""
    plain = Conditions()
    return tuple(
        Step(step.at, replace(step.conditions, rate=None, queue=plain.queue)) for step in schedule
    )


@dataclass(frozen=True, slots=True)
class Scenario:
    name: str
    meaning: str
    seconds: float
    """That are measured, after `settle`."""
    cameras: int = 1
    """Publishers."""
    down: Schedule = GOOD
    """From the server to the receivers that are looked at; the way back has the same delay and
    loss."""
    up: Schedule = GOOD
    """From the publishers to the server, and back alike."""
    settle: float = 15.0
    """Seconds from the receivers' coming until it is measured what they get."""
    bystanders: int = 0
    """Receivers on good links beside."""

    @property
    def rate(self) -> float | None:
        """Bits/s of the link to the receivers at first; None: no limit."""
        return self.down[0].conditions.rate


def _limited(rate: float) -> Conditions:
    return Conditions(rate=rate, queue=int(QUEUE * rate / 8), delay=0.025)


def _constant(name: str, rate: float, cameras: int) -> Scenario:
    return Scenario(
        name, f"constant {rate / MBIT:g} Mbit/s", 45.0, cameras, down=always(_limited(rate))
    )


def _lossy(share: float, *, up: bool) -> Scenario:
    lossy = always(Conditions(loss=share, delay=0.025))
    way = "publisher to server" if up else "server to receiver"
    return Scenario(
        f"loss-{share:.0%}-{'up' if up else 'down'}".replace("%", ""),
        f"{share:.0%} of packets lost from {way}, 50 ms round trip",
        60.0,
        down=GOOD if up else lossy,
        up=lossy if up else GOOD,
    )


STEP_DOWN: Final = 20.0
STEP_UP: Final = 40.0

SCENARIOS: Final = (
    _constant("300k", 300 * KBIT, 1),
    _constant("1m", 1 * MBIT, 1),
    _constant("5m", 5 * MBIT, 4),
    Scenario(
        "steps",
        "3, then 0.5, then 3 Mbit/s",
        70.0,
        2,
        down=(
            Step(0.0, _limited(3 * MBIT)),
            Step(STEP_DOWN, _limited(0.5 * MBIT)),
            Step(STEP_UP, _limited(3 * MBIT)),
        ),
    ),
    _lossy(0.05, up=False),
    _lossy(0.05, up=True),
    _lossy(0.10, up=False),
    _lossy(0.10, up=True),
    Scenario(
        "jitter",
        "delay that changes by up to 200 ms",
        45.0,
        down=always(Conditions(delay=0.025, jitter=0.2)),
    ),
    Scenario(
        "one-bad",
        "one receiver with 400 kbit/s and 10 % loss among 20 on good links",
        30.0,
        2,
        down=always(
            Conditions(rate=400 * KBIT, queue=int(QUEUE * 400 * KBIT / 8), loss=0.1, delay=0.05)
        ),
        bystanders=20,
    ),
)
