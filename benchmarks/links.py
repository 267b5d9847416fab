"""The impaired links of all receivers and publishers, in a process of their own."""

from __future__ import annotations

import time
from dataclasses import dataclass

from tests.support.impairment import ImpairedRelay, Interval, Lags, Schedule, beginning

Address = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Carried:
    """What went through one relay, by number of the interval (see `impairment.BIN`); times are of
    `time.monotonic`."""

    up: dict[int, Interval]
    down: dict[int, Interval]


class Links:
    """An actor of `worker.Worker`."""

    def __init__(self) -> None:
        self._relays: list[ImpairedRelay] = []

    async def open(self, server: Address, up: Schedule, down: Schedule, seed: int) -> Address:
        """Where the client shall send. Its number is how many there were before."""
        relay = ImpairedRelay(server, up, down, seed)
        self._relays.append(relay)
        return "127.0.0.1", relay.port

    async def play(self, number: int, up: Schedule, down: Schedule) -> float:
        """The schedules begin now; when that is."""
        now = time.monotonic()
        relay = self._relays[number]
        relay.up.follow(beginning(now, up))
        relay.down.follow(beginning(now, down))
        return now

    async def carried(self, number: int) -> Carried:
        relay = self._relays[number]
        return Carried(relay.up.intervals, relay.down.intervals)

    async def lag(self, share: float) -> float:
        """Seconds by which packets left the relays too late, at that percentile."""
        total = Lags()
        for relay in self._relays:
            total.by_100_us.update(relay.lags.by_100_us)
        return total.percentile(share)

    async def cpu(self) -> float:
        """Seconds this process has used."""
        return time.process_time()
