"""One rate, tried for a moment: was anything lost, and whose fault was it?"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Final

from benchmarks.room import Room
from benchmarks.search import MAX_LOSS, highest_rate

_FIRST: Final = 500.0
"""Video packets a second."""
_STEP: Final = 0.04
_SECONDS: Final = 1.0
_KEPT_UP: Final = 0.97
"""Share of the rate asked for, below which the publisher did not manage."""


@dataclass(frozen=True, slots=True)
class Trial:
    rate: float
    """Video packets a second the publisher was asked for."""
    kept_up: float
    """Share of them it sent."""
    loss: float
    """Share of packets that did not reach a subscriber's program."""
    overflown: int
    """Packets lost since a subscriber did not read in time."""

    @property
    def passed(self) -> bool:
        return self.loss < MAX_LOSS and self.kept_up > _KEPT_UP

    @property
    def generator_failed(self) -> bool:
        return self.kept_up <= _KEPT_UP or self.overflown > 0


@dataclass(frozen=True, slots=True)
class Highest:
    """What a search found."""

    rate: float
    """Video packets a second from the publisher."""
    packets_out: float
    """Packets a second that reached all subscribers, voice and picture."""
    trials: list[Trial]
    generator_limited: bool
    """The first rate that was too high was so for the load generator, not for the server."""


def try_rate(room: Room, group: str, rate: float) -> Trial:
    """Every packet sent is looked for: begins and ends with nothing on its way."""
    room.set_rate(rate)
    sent, counts = room.sent(group), room.counts(group)
    began = time.monotonic()
    room.resume(group)
    time.sleep(_SECONDS)
    room.pause()
    elapsed = time.monotonic() - began
    room.await_silence(group)
    got = room.counts(group) - counts
    packets = room.sent(group).packets - sent.packets
    return Trial(
        rate=rate,
        kept_up=packets / (elapsed * room.load.traffic.at(rate).packet_rate),
        loss=1 - got.packets / (packets * room.load.subscribers),
        overflown=got.overflown,
    )


def search(room: Room, group: str) -> Highest:
    """Leaves the room at the rate found."""
    trials: list[Trial] = []

    def passes(rate: float) -> bool:
        trials.append(try_rate(room, group, rate))
        return trials[-1].passed

    best = highest_rate(_FIRST, _STEP, passes) or _FIRST
    room.set_rate(best)
    lowest_failure = min((t for t in trials if not t.passed), key=lambda trial: trial.rate)
    load = replace(room.load, traffic=room.load.traffic.at(best))
    return Highest(best, load.packet_rate, trials, lowest_failure.generator_failed)
