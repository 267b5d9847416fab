"""The subscribers of one meeting, in processes of their own."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from functools import partial
from typing import Final

from benchmarks.peer import MakeParticipant, Peer
from benchmarks.receivers import Ages, Counts
from benchmarks.subscribers import SERVER, Subscribers
from benchmarks.transport import POLL_INTERVAL, Profile
from benchmarks.worker import Worker

_FLOW_TIMEOUT: Final = 20.0


class NothingFlowsError(Exception):
    """Not every stream reached every subscriber."""


class Crowd:
    """Shared out to one process per generator core."""

    def __init__(
        self,
        stack: contextlib.ExitStack,
        cpus: Sequence[int],
        count: int,
        make: MakeParticipant = Peer,
        *,
        joined: bool = False,
    ) -> None:
        """`joined`: let the kernel join what arrives (UDP_GRO)."""
        processes = min(len(cpus), count)
        self._shares = [len(range(index, count, processes)) for index in range(processes)]
        actor = partial(Subscribers, make, joined=joined)
        self._workers = [
            stack.enter_context(Worker(actor, [cpus[index]])) for index in range(processes)
        ]

    def enter(self, url: str, meeting: str) -> None:
        for worker, share in zip(self._workers, self._shares, strict=True):
            worker.call(Subscribers.enter, url, meeting, share)

    def connect(self) -> None:
        for worker in self._workers:
            worker.call(Subscribers.connect)

    def open_bare(
        self, group: str, profile: Profile, keys: Sequence[bytes], ssrcs: Sequence[int]
    ) -> list[tuple[str, int]]:
        """Receivers without a meeting, one per key; their addresses."""
        addresses = [("", 0)] * len(keys)
        step = len(self._workers)
        for first, worker in enumerate(self._workers):
            share = keys[first::step]
            addresses[first::step] = worker.call(
                Subscribers.open_bare, group, profile, share, ssrcs
            )
        return addresses

    def connect_bare(self, group: str, address: tuple[str, int]) -> None:
        for worker in self._workers:
            worker.call(Subscribers.connect_bare, group, address)

    def counts(self, group: str = SERVER) -> Counts:
        return sum((worker.call(Subscribers.counts, group) for worker in self._workers), Counts())

    def sample(self, every: int, group: str = SERVER) -> None:
        for worker in self._workers:
            worker.call(Subscribers.sample, every, group)

    def ages(self, group: str = SERVER) -> Ages:
        return sum((worker.call(Subscribers.ages, group) for worker in self._workers), Ages())

    def cpu(self) -> list[float]:
        return [worker.call(Subscribers.cpu) for worker in self._workers]

    def poll(self, interval: float = POLL_INTERVAL) -> None:
        for worker in self._workers:
            worker.call(Subscribers.poll, interval)

    def leave(self) -> None:
        for worker in self._workers:
            worker.call(Subscribers.leave)

    def await_streams(self, streams: int) -> None:
        deadline = time.monotonic() + _FLOW_TIMEOUT
        while (flowing := self.counts().streams) < streams:
            if time.monotonic() > deadline:
                raise NothingFlowsError(
                    f"only {flowing} of {streams} streams reached the subscribers"
                )
            time.sleep(0.05)
