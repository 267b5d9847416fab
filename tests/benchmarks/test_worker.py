"""A worker process: results, errors, and its end."""

from __future__ import annotations

import os

import pytest

from benchmarks.worker import Worker, WorkerError


class Actor:
    def __init__(self) -> None:
        self.calls = 0

    async def add(self, number: int) -> int:
        self.calls += number
        return self.calls

    async def fail(self) -> None:
        raise ValueError("on purpose")

    async def die(self) -> None:
        os._exit(3)

    async def cpus(self) -> list[int]:
        return sorted(os.sched_getaffinity(0))


@pytest.fixture
def cpu() -> int:
    return min(os.sched_getaffinity(0))


def test_calls_keep_the_actors_state(cpu: int) -> None:
    with Worker(Actor, [cpu]) as worker:
        assert worker.call(Actor.add, 2) == 2
        assert worker.call(Actor.add, 3) == 5
        assert worker.call(Actor.cpus) == [cpu]


def test_an_error_comes_back_and_the_worker_lives_on(cpu: int) -> None:
    with Worker(Actor, [cpu]) as worker:
        with pytest.raises(WorkerError, match="ValueError: on purpose"):
            worker.call(Actor.fail)
        assert worker.call(Actor.add, 1) == 1


def test_a_dead_worker_is_told(cpu: int) -> None:
    with Worker(Actor, [cpu]) as worker, pytest.raises(WorkerError, match="gone"):
        worker.call(Actor.die)
