from __future__ import annotations

import asyncio
from functools import partial

import pytest

from sfu.turns import Turns, Work


class Loop:
    def __init__(self) -> None:
        self.soon: list[Work] = []

    def call_soon(self, work: Work) -> None:
        self.soon.append(work)

    def turn(self) -> None:
        soon, self.soon = self.soon, []
        for work in soon:
            work()


@pytest.fixture
def loop() -> Loop:
    return Loop()


@pytest.fixture
def turns(loop: Loop) -> Turns:
    return Turns(2, loop.call_soon)


def test_so_many_in_a_turn_and_in_order(loop: Loop, turns: Turns) -> None:
    done: list[int] = []
    for number in range(5):
        turns.do(number, partial(done.append, number))
    counts = [len(done)]
    while loop.soon:
        loop.turn()
        counts.append(len(done))
    assert done == [0, 1, 2, 3, 4]
    assert counts == [2, 4, 5, 5]


def test_what_comes_later_does_not_overtake(loop: Loop, turns: Turns) -> None:
    done: list[int] = []
    for number in range(3):
        turns.do(number, partial(done.append, number))
    loop.turn()
    for number in (3, 4):
        turns.do(number, partial(done.append, number))
    assert done == [0, 1, 2, 3]
    loop.turn()
    assert done == [0, 1, 2, 3, 4]


def test_newer_work_replaces_what_waits(loop: Loop, turns: Turns) -> None:
    done: list[str] = []
    for key, name in (("a", "a1"), ("b", "b1"), ("c", "c1"), ("d", "d1"), ("c", "c2")):
        turns.do(key, partial(done.append, name))
    while loop.soon:
        loop.turn()
    assert done == ["a1", "b1", "c2", "d1"]


def test_what_is_cleared_is_not_done(loop: Loop, turns: Turns) -> None:
    done: list[int] = []
    for number in range(4):
        turns.do(number, partial(done.append, number))
    turns.clear()
    while loop.soon:
        loop.turn()
    assert done == [0, 1]


def test_work_may_bring_work(loop: Loop, turns: Turns) -> None:
    done: list[int] = []

    def count() -> None:
        done.append(len(done))
        if len(done) < 7:
            turns.do(len(done), count)

    turns.do(0, count)
    while loop.soon:
        loop.turn()
        assert len(done) <= 7
    assert done == list(range(7))


def test_a_failure_stops_nobody_else(loop: Loop, turns: Turns) -> None:
    done: list[int] = []

    def fail() -> None:
        raise ZeroDivisionError

    for number in range(6):
        turns.do(number, fail if number == 2 else partial(done.append, number))
    with pytest.raises(ZeroDivisionError):
        loop.turn()
    while loop.soon:
        loop.turn()
    assert done == [0, 1, 3, 4, 5]


async def test_on_a_running_loop() -> None:
    done: list[int] = []
    turns = Turns(1)
    for number in range(3):
        turns.do(number, partial(done.append, number))
    for _ in range(5):
        await asyncio.sleep(0)
    assert done == [0, 1, 2]
