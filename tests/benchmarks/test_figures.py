"""The figures that have a goal."""

from __future__ import annotations

import argparse

import pytest

from benchmarks import figures, forward_command
from benchmarks.engine_memory import EngineMemory
from benchmarks.figures import CPU, TIMES, Figures, Run, as_table, rows_of, runs
from benchmarks.goal import Goal
from benchmarks.options import Options
from benchmarks.room import FLOOR
from benchmarks.subscribers import SERVER
from tests.benchmarks.test_report import result, windows


@pytest.mark.parametrize(
    ("goal", "value", "met"),
    [
        (Goal(most=1.5), 1.5, True),
        (Goal(most=1.5), 1.51, False),
        (Goal(least=750_000), 750_000, True),
        (Goal(least=750_000), 749_999, False),
    ],
)
def test_goals(goal: Goal, value: float, met: bool) -> None:
    assert goal.met(value) is met


@pytest.mark.parametrize("run", runs(), ids=lambda run: run.title)
def test_the_command_of_a_run_asks_for_its_options(run: Run) -> None:
    parser = argparse.ArgumentParser()
    forward_command.add_to(parser.add_subparsers())
    program, command = run.command.split("benchmarks ")
    assert program == "python -m "
    assert forward_command.options(parser.parse_args(command.split())) == run.options


@pytest.mark.parametrize("run", runs(), ids=lambda run: run.title)
def test_every_goal_is_of_a_number_of_subscribers_that_is_measured(run: Run) -> None:
    assert {count for count, _ in run.goals} <= set(run.options.subscribers)


def test_a_run_gives_rows_with_their_goals() -> None:
    of = result(subscribers=50)
    run = Run("frames", Options(), figures._cost, {(50, CPU): Goal(most=10), (5, TIMES): Goal(3)})
    assert [(row.what, row.value, row.goal) for row in rows_of(run, [of])] == [
        (f"frames, N=50: {CPU}", 9.0, Goal(most=10)),
        (f"frames, N=50: {TIMES}", 3.0, None),
    ]
    of.windows[SERVER] = windows(12.0)
    of.windows[FLOOR] = windows(6.0)
    assert [row.value for row in rows_of(run, [of])] == [12.0, 2.0]


def test_the_table_tells_what_was_missed() -> None:
    memory = EngineMemory("native", 20, 200, per_publisher=1100, per_subscriber=26.5)
    *_, subscriber, publisher = as_table(Figures([], memory)).splitlines()
    assert subscriber.split()[-4:] == ["26.50", "≤", "32", "met"]
    assert publisher.split()[-4:] == ["1,100", "≤", "1,024", "MISSED"]
