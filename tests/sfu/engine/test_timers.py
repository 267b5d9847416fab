"""Timers in virtual time."""

from __future__ import annotations

from sfu.engine.timers import Timers


def test_run_in_order_of_time() -> None:
    timers, ran = Timers(), list[str]()
    timers.set("late", 3.0, lambda _: ran.append("late"))
    timers.set("early", 1.0, lambda _: ran.append("early"))
    timers.run(0.5)
    assert ran == []
    assert timers.next_due() == 1.0
    timers.run(5.0)
    assert ran == ["early", "late"]
    assert timers.next_due() is None


def test_setting_again_replaces() -> None:
    timers, ran = Timers(), list[float]()
    timers.set("key", 1.0, lambda now: ran.append(1.0))
    timers.set("key", 2.0, ran.append)
    timers.run(1.5)
    assert ran == []
    timers.run(2.0)
    assert ran == [2.0]


def test_cancelled_does_not_run() -> None:
    timers, ran = Timers(), list[float]()
    timers.set("key", 1.0, ran.append)
    timers.cancel("key")
    timers.cancel("key")
    timers.run(9.0)
    assert ran == []
    assert "key" not in timers


def test_one_that_sets_itself_again_for_now_waits_for_the_next_call() -> None:
    timers, ran = Timers(), list[float]()

    def again(now: float) -> None:
        ran.append(now)
        timers.set("key", now, again)

    timers.set("key", 1.0, again)
    timers.run(1.0)
    assert ran == [1.0]
    timers.run(1.0)
    assert ran == [1.0, 1.0]


def test_what_was_replaced_is_not_kept() -> None:
    timers = Timers()
    for number in range(10_000):
        timers.set(number % 3, float(number), lambda _: None)
    assert len(timers) == 3
    assert len(timers._heap) < 100
