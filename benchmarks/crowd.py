"""The subscribers of one meeting, in processes of their own."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from functools import partial
from typing import Final

from benchmarks.peer import MakeParticipant, Peer
from benchmarks.subscribers import Counts, Subscribers
from benchmarks.transport import POLL_INTERVAL
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
    ) -> None:
        processes = min(len(cpus), count)
        self._shares = [len(range(index, count, processes)) for index in range(processes)]
        self._workers = [
            stack.enter_context(Worker(partial(Subscribers, make), [cpus[index]]))
            for index in range(processes)
        ]

    def enter(self, url: str, meeting: str) -> None:
        for worker, share in zip(self._workers, self._shares, strict=True):
            worker.call(Subscribers.enter, url, meeting, share)

    def connect(self) -> None:
        for worker in self._workers:
            worker.call(Subscribers.connect)

    def counts(self) -> Counts:
        return sum((worker.call(Subscribers.counts) for worker in self._workers), Counts())

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
