"""A bad network between one client and the server, the same each time for the same seed.

`Link` is one direction of it: pure, in virtual time. `ImpairedRelay` puts one each way between a
client, who sends to its `port`, and the server.
"""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import random
import socket
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Self

BIN = 0.1
"""Seconds that one `Interval` covers."""
SPELL = 0.1
"""Seconds for which the delay of a jittery link that keeps the order stays the same."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """What becomes of the datagrams of one direction: they wait for the bottleneck, some are lost
    behind it, the others take their time to arrive."""

    rate: float | None = None
    """Bits/s of UDP payload; None: as fast as anybody sends."""
    queue: int = 1 << 20
    """Bytes that may wait for the bottleneck; what finds no room is dropped."""
    loss: float = 0.0
    """Share that is lost at random, 0 to 1."""
    burst: float = 1.0
    """How many are lost in a row on average; 1: each by itself."""
    delay: float = 0.0
    """Seconds on the way, beside the wait."""
    jitter: float = 0.0
    """Seconds; between none and so much comes on top of `delay`."""
    reorder: bool = False
    """Jitter is drawn for each datagram and may change their order, instead of for each spell."""

    def __post_init__(self) -> None:
        if self.rate is not None and self.rate <= 0:
            raise ValueError("an outage is a loss of 1, not a rate of 0")
        if self.burst < 1 or not 0 <= self.loss <= 1:
            raise ValueError(f"no such loss: {self.loss} in bursts of {self.burst}")


@dataclass(frozen=True, slots=True)
class Step:
    """From `at` (seconds) on other conditions hold."""

    at: float
    conditions: Conditions


Schedule = Sequence[Step]
"""In order. The first one's conditions hold also before its time."""


def always(conditions: Conditions) -> Schedule:
    return (Step(0.0, conditions),)


def beginning(at: float, schedule: Schedule) -> Schedule:
    """The schedule with its time 0 at `at`."""
    return [Step(at + step.at, step.conditions) for step in schedule]


@dataclass(slots=True)
class Interval:
    """What came in during one `BIN`."""

    offered: int = 0
    """Bytes."""
    carried: int = 0
    """Bytes that arrive."""
    packets: int = 0
    lost: int = 0
    """Packets, at random."""
    dropped: int = 0
    """Packets that found no room in the queue."""
    least_wait: float = float("inf")
    """Seconds until the luckiest of them has passed the bottleneck; inf where none does."""
    longest_wait: float = 0.0

    def waited(self, seconds: float) -> None:
        self.least_wait = min(self.least_wait, seconds)
        self.longest_wait = max(self.longest_wait, seconds)


class Link:
    """One direction. Times are seconds of the schedule, and never go back."""

    def __init__(self, schedule: Schedule, seed: int) -> None:
        self.intervals: dict[int, Interval] = {}
        """By number: interval n begins at n times `BIN`. Those without traffic are missing."""
        self._schedule = schedule
        self._losses = random.Random(f"loss {seed}")  # noqa: S311 - repeatable on purpose
        self._jitters = random.Random(f"jitter {seed}")  # noqa: S311
        self._waiting: deque[tuple[float, int]] = deque()
        self._backlog = 0
        self._free_at = float("-inf")
        """When the bottleneck has sent all that waits."""
        self._losing = False
        self._spell: int | None = None
        self._spell_delay = 0.0
        self._last_arrival = float("-inf")

    def send(self, now: float, size: int) -> float | None:
        """When a datagram of `size` bytes arrives; None: it does not."""
        interval = self.intervals.setdefault(int(now // BIN), Interval())
        interval.packets += 1
        interval.offered += size
        conditions = self._conditions(now)
        left = self._pass_bottleneck(now, size, conditions.queue)
        if left is None:
            interval.dropped += 1
            return None
        interval.waited(max(0.0, left - now))
        if self._loses(conditions):
            interval.lost += 1
            return None
        interval.carried += size
        return self._arrival(left, conditions)

    def follow(self, schedule: Schedule) -> None:
        """Another schedule from now on. What waits already leaves as it would have."""
        self._schedule = schedule

    def backlog(self, now: float) -> int:
        """Bytes that wait for the bottleneck."""
        while self._waiting and self._waiting[0][0] <= now:
            self._backlog -= self._waiting.popleft()[1]
        return self._backlog

    def _conditions(self, now: float) -> Conditions:
        current = self._schedule[0].conditions
        for step in self._schedule:
            if step.at <= now:
                current = step.conditions
        return current

    def _pass_bottleneck(self, now: float, size: int, queue: int) -> float | None:
        """When it has passed."""
        backlog = self.backlog(now)
        if backlog and backlog + size > queue:
            return None
        self._free_at = self._sent_at(max(now, self._free_at), 8 * size)
        self._waiting.append((self._free_at, size))
        self._backlog += size
        return self._free_at

    def _sent_at(self, begin: float, bits: float) -> float:
        """When bits that begin to be sent then have left, whatever the rate does meanwhile."""
        while True:
            rate = self._conditions(begin).rate
            if rate is None:
                return begin
            change = next((step.at for step in self._schedule if step.at > begin), float("inf"))
            if begin + bits / rate <= change:
                return begin + bits / rate
            bits -= (change - begin) * rate
            begin = change

    def _loses(self, conditions: Conditions) -> bool:
        """Independently, or by Gilbert's model: a bad state loses everything, and ends with
        probability 1 / `burst`."""
        draw = self._losses.random()
        loss, burst = conditions.loss, conditions.burst
        if burst == 1 or loss in (0, 1):
            return draw < loss
        if self._losing:
            self._losing = draw >= 1 / burst
        else:
            self._losing = draw < loss / (1 - loss) / burst
        return self._losing

    def _arrival(self, left: float, conditions: Conditions) -> float:
        if conditions.reorder:
            return left + conditions.delay + self._jitters.uniform(0, conditions.jitter)
        if self._spell != (spell := int(left // SPELL)):
            self._spell, self._spell_delay = spell, self._jitters.random()
        arrival = left + conditions.delay + self._spell_delay * conditions.jitter
        self._last_arrival = max(self._last_arrival, arrival)
        return self._last_arrival


@dataclass(slots=True)
class Lags:
    """How late a relay was with what it passed on; its own fault, not the link's."""

    by_100_us: Counter[int] = field(default_factory=Counter)

    def add(self, seconds: float) -> None:
        self.by_100_us[max(0, int(seconds * 10_000))] += 1

    def percentile(self, share: float) -> float:
        """Seconds."""
        left = share * self.by_100_us.total()
        for lag, number in sorted(self.by_100_us.items()):
            left -= number
            if left <= 0:
                return lag / 10_000
        return 0.0


RECEIVE_BUFFER = 4 << 20
MAX_DATAGRAM = 2048
EARLY = 0.0005
"""Seconds. Timers are no finer than a ms, so what is due so soon need not wait for the next."""


class _Direction:
    """Sends on what its link lets through, when it does."""

    def __init__(self, link: Link, send: Callable[[bytes], None], lags: Lags) -> None:
        self.link = link
        self._loop = asyncio.get_running_loop()
        self._send = send
        self._lags = lags
        self._order = count()
        self._due: list[tuple[float, int, bytes]] = []
        self._timer: asyncio.TimerHandle | None = None

    def receive(self, now: float, data: bytes) -> None:
        """`flush` afterwards."""
        arrival = self.link.send(now, len(data))
        if arrival is not None:
            heapq.heappush(self._due, (arrival, next(self._order), data))

    def flush(self, now: float) -> None:
        """Send what is due, and come again for the rest."""
        while self._due and self._due[0][0] <= now + EARLY:
            due, _, data = heapq.heappop(self._due)
            self._send(data)
            self._lags.add(now - due)
        self.close()
        if self._due:
            delay = self._due[0][0] - now
            self._timer = self._loop.call_later(delay, self._timed_out)

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _timed_out(self) -> None:
        self.flush(time.monotonic())


class ImpairedRelay:
    """Between one client, who sends to `port` of 127.0.0.1, and the server.

    Needs a running event loop. Its times, also those of the schedules, are of `time.monotonic`; so
    a schedule that shall begin with something else is given to `follow` when that happens.
    """

    def __init__(self, server: tuple[str, int], up: Schedule, down: Schedule, seed: int) -> None:
        """`up`: towards the server."""
        self._loop = asyncio.get_running_loop()
        self._inside, self._outside = _socket(), _socket()
        self._inside.bind(("127.0.0.1", 0))
        self._outside.connect(server)
        self._client: tuple[str, int] | None = None
        self.port: int = self._inside.getsockname()[1]
        self.lags = Lags()
        self._up = _Direction(Link(up, 2 * seed), self._send_outside, self.lags)
        self._down = _Direction(Link(down, 2 * seed + 1), self._send_inside, self.lags)
        self._loop.add_reader(self._inside, self._read_inside)
        self._loop.add_reader(self._outside, self._read_outside)

    @property
    def up(self) -> Link:
        return self._up.link

    @property
    def down(self) -> Link:
        return self._down.link

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        for udp in (self._inside, self._outside):
            self._loop.remove_reader(udp)
            udp.close()
        self._up.close()
        self._down.close()

    def _read_inside(self) -> None:
        now = time.monotonic()
        with contextlib.suppress(BlockingIOError):
            while True:
                data, self._client = self._inside.recvfrom(MAX_DATAGRAM)
                self._up.receive(now, data)
        self._up.flush(now)

    def _read_outside(self) -> None:
        now = time.monotonic()
        # refused: the server has gone, and the kernel tells so
        with contextlib.suppress(BlockingIOError, ConnectionRefusedError):
            while True:
                self._down.receive(now, self._outside.recv(MAX_DATAGRAM))
        self._down.flush(now)

    def _send_outside(self, data: bytes) -> None:
        with contextlib.suppress(OSError):  # as on any network
            self._outside.send(data)

    def _send_inside(self, data: bytes) -> None:
        if self._client is not None:
            with contextlib.suppress(OSError):
                self._inside.sendto(data, self._client)


def _socket() -> socket.socket:
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.setblocking(False)
    udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
    return udp
