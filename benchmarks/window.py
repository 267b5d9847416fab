"""A stretch of time in which packets flow, and what it cost."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from benchmarks.core import Core
from benchmarks.receivers import Counts
from benchmarks.room import Room

_SETTLE: Final = 0.3
"""Seconds between the first packet and the beginning of a window."""
_SAMPLES: Final = 5000
"""Packets a second that are decrypted, about."""
SATURATED: Final = 95.0
"""Percent of a generator's core from which on its figures say nothing of the server."""


@dataclass(frozen=True, slots=True)
class Window:
    seconds: float
    packets: int
    """That reached the subscribers."""
    cpu_us_per_packet: float
    """CPU of the process that forwards over packets that arrived."""
    packets_in: float
    """RTP packets a second from the publishers."""
    packets_out: float
    """RTP packets a second at the subscribers."""
    lost: int
    """Gaps in the sequence numbers subscribers saw."""
    core_percent: float
    """Of the server's core, used by the process."""
    others_percent: float
    """Of the server's core, used by anybody else: they empty its caches, which makes every packet
    dearer. Near 0 on a machine that does nothing else."""
    generator_percent: float
    """Of the busiest core the load generator runs on, by anybody."""
    overflown: int
    """Packets that arrived, but found no room since their receiver was not read in time."""

    @property
    def saturated(self) -> bool:
        """The generator was the bottleneck, not the server."""
        return self.overflown > 0 or self.generator_percent > SATURATED


@dataclass(frozen=True, slots=True)
class Phase:
    """Whom some rooms' publishers send to, and who is charged for it."""

    group: str
    rooms: Sequence[Room]
    cpu: Callable[[], float]
    """Seconds the process that forwards has used."""

    def run(self, seconds: float, cores: Cores) -> Window:
        for room in self.rooms:
            room.resume(self.group)
        time.sleep(_SETTLE)
        self._sample(_every(sum(room.load.packet_rate for room in self.rooms)))
        before = self._moment(cores)
        time.sleep(seconds)
        after = self._moment(cores)
        self._sample(0)
        for room in self.rooms:
            room.pause()
        for room in self.rooms:
            room.await_silence(self.group)
        return _difference(before, after)

    def _sample(self, every: int) -> None:
        for room in self.rooms:
            room.crowd.sample(every, self.group)

    def _moment(self, cores: Cores) -> Moment:
        return Moment(
            time=time.monotonic(),
            cpu=self.cpu(),
            core=cores.server.busy_seconds(),
            generators=[core.busy_seconds() for core in cores.generators],
            sent=sum(room.sent(self.group).packets for room in self.rooms),
            counts=sum((room.counts(self.group) for room in self.rooms), Counts()),
        )


@dataclass(frozen=True, slots=True)
class Cores:
    server: Core
    generators: Sequence[Core]


@dataclass(frozen=True, slots=True)
class Moment:
    time: float
    cpu: float
    core: float
    """Seconds the server's core was busy with anything."""
    generators: Sequence[float]
    sent: int
    counts: Counts


def _every(packet_rate: float) -> int:
    """Odd, so that the samples walk through the packets of a frame and through both streams."""
    return int(packet_rate / _SAMPLES) | 1


def _difference(before: Moment, after: Moment) -> Window:
    elapsed = after.time - before.time
    cpu = after.cpu - before.cpu
    busy = after.core - before.core
    got = after.counts - before.counts
    generators = (now - then for now, then in zip(after.generators, before.generators, strict=True))
    return Window(
        seconds=elapsed,
        packets=got.packets,
        cpu_us_per_packet=1e6 * cpu / max(1, got.packets),
        packets_in=(after.sent - before.sent) / elapsed,
        packets_out=got.packets / elapsed,
        lost=got.expected - got.packets,
        core_percent=100 * cpu / elapsed,
        others_percent=max(0.0, 100 * (busy - cpu) / elapsed),
        generator_percent=100 * max(generators) / elapsed,
        overflown=got.overflown,
    )
