"""What is made of what a page was measured to take."""

from __future__ import annotations

from benchmarks.page import Report, as_text
from benchmarks.page_viewer import Memory, Shown

QUIET = Shown(cpu=0.4, heights=(360,) * 4, frames=120, commits=0, longest_task=0)


def report(many: Shown = QUIET, after: int = 1_000_000) -> Report:
    joins = [
        {"offer": 100.0, "first frame": 600.0},
        {"offer": 300.0, "first frame": 650.0, "late": 700.0},
        {"offer": 200.0, "first frame": 900.0},
    ]
    bare = Shown(cpu=0.2, heights=(360,) * 4, frames=120, commits=0, longest_task=0)
    return Report(
        joins, QUIET, bare, many, Memory(1_000_000, 500, 200), Memory(after, 500, 200), 100
    )


def test_steps_that_every_join_took_are_told_in_their_order() -> None:
    assert report().steps == ["offer", "first frame"]
    assert (report().median("offer"), report().median("first frame")) == (200, 650)
    assert "ours takes 2.00 times that" in as_text(report())


def test_what_is_worse_than_its_goal_is_said() -> None:
    assert all(verdict.met for verdict in report().verdicts)
    busy = Shown(cpu=0.4, heights=(180,) * 9, frames=270, commits=3, longest_task=80)
    assert [verdict.met for verdict in report(busy, after=1_100_000).verdicts] == [
        True,
        False,
        False,
        False,
    ]
