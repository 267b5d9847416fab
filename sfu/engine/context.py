"""What the parts of an engine share while `handle` runs: the time, the timers, what goes out."""

from __future__ import annotations

from collections import Counter

from sfu.engine.interface import Datagram, Drop, Event, EventsLost, Output, Path
from sfu.engine.timers import Timers
from sfu.engine.totals import Sums

MAX_EVENTS = 4096
"""Events one `handle` may return for packets of peers. Answers to commands are not counted: there
are as many as commands."""


class Context:
    def __init__(self, unix_at_zero: float) -> None:
        self.now = 0.0
        self.unix_at_zero = unix_at_zero
        """Unix time (seconds) at which `now` was 0: reports speak of NTP time."""
        self.timers = Timers()
        self.drops: Counter[Drop] = Counter()
        self.closed = Sums()
        """Of all that is closed."""
        self.datagrams: list[Datagram] = []
        self._events: list[Event] = []
        self._observed = 0
        self._events_lost = 0

    @property
    def unix(self) -> float:
        """Seconds."""
        return self.now + self.unix_at_zero

    def send(self, path: Path, data: bytes) -> None:
        self.datagrams.append(Datagram(path, data))

    def observe(self, event: Event) -> None:
        """An event that a peer's packet caused."""
        if self._observed < MAX_EVENTS:
            self._observed += 1
            self._events.append(event)
        else:
            self._events_lost += 1

    def answer(self, event: Event) -> None:
        """An event that a command caused: never lost."""
        self._events.append(event)

    def collect(self) -> Output:
        datagrams, events, lost = self.datagrams, self._events, self._events_lost
        self.datagrams, self._events, self._observed, self._events_lost = [], [], 0, 0
        if lost:
            events.append(EventsLost(lost))
        return Output(datagrams, events, self.timers.next_due())
