"""What the page costs whoever joins a meeting: time until somebody is seen, CPU, memory."""

from __future__ import annotations

import contextlib
import statistics
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks import clips
from benchmarks.cameras import Cameras
from benchmarks.clips import Clip
from benchmarks.goal import Goal, Verdict
from benchmarks.machine import split_cpus
from benchmarks.page_viewer import BARE, OURS, Memory, PageViewer, Shown
from benchmarks.server import Server, run_server
from benchmarks.worker import Worker

CLIP_SECONDS: Final = 8.0
FIRST_FRAME: Final = "first frame"
DESK: Final = {"width": 1366, "height": 800}
FEW: Final = 4
LINES: Final = 360
"""Of the pictures that are compared."""
MANY: Final = 9
TOGETHER: Final = 4
"""Visitors who come and go at a time."""
WARM: Final = 25
"""Rounds of visitors before memory is looked at: until then the browser compiles what is called
often, and fills its own lists of what was slow, which are bounded."""

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Options:
    joins: int = 15
    seconds: float = 15.0
    visits: int = 100
    """Of others who come and go while memory is watched."""


@dataclass(frozen=True, slots=True)
class Report:
    joins: list[dict[str, float]]
    """When what happened, in ms after the click."""
    ours: Shown
    bare: Shown
    """The same pictures in a page that does nothing else."""
    many: Shown
    before: Memory
    after: Memory
    visits: int

    def median(self, step: str) -> float:
        return statistics.median(marks[step] for marks in self.joins)

    @property
    def steps(self) -> list[str]:
        names = {name for marks in self.joins for name in marks}
        return sorted((n for n in names if all(n in m for m in self.joins)), key=self.median)

    @property
    def verdicts(self) -> list[Verdict]:
        heap = self.after.heap / self.before.heap
        return [
            Verdict.of(
                "click to the first picture, median, ms", self.median(FIRST_FRAME), Goal(700)
            ),
            Verdict.of("longest task while 9 videos play, ms", self.many.longest_task, Goal(50)),
            Verdict.of("commits of React meanwhile", self.many.commits, Goal(0)),
            Verdict.of(f"heap after {self.visits} visits / before", heap, Goal(1.05)),
        ]


def run(options: Options, progress: Progress) -> Report:
    with _Page(options, progress) as page:
        return page.measure()


class _Page(contextlib.ExitStack):
    """A server, a browser, and people who send."""

    def __init__(self, options: Options, progress: Progress) -> None:
        super().__init__()
        self._options = options
        self._progress = progress
        server_cpus, self._cpus = split_cpus()
        data = Path(self.enter_context(tempfile.TemporaryDirectory())) / "data"
        self._server: Server = self.enter_context(run_server("auto", data, server_cpus, self._cpus))
        progress("encoding what the cameras show")
        self._clips = clips.record_all(CLIP_SECONDS)
        self._browser = self.enter_context(Worker(PageViewer, self._cpus))
        self._browser.call(PageViewer.start)

    def measure(self) -> Report:
        joins = self._joins()
        ours, bare, many = self._ours(FEW), self._bare(), self._ours(MANY)
        before, after = self._visits()
        self._browser.call(PageViewer.stop)
        visits = self._options.visits
        return Report(joins, ours, bare, many, before, after, visits)

    def _joins(self) -> list[dict[str, float]]:
        joins = []
        with self._meeting(1) as meeting:
            for number in range(self._options.joins + 1):
                self._progress(f"join {number}")
                marks = self._join(meeting, sending=True)
                joins.append(marks)
                self._browser.call(PageViewer.leave)
        return joins[1:]  # at first, nothing is in any cache

    def _ours(self, count: int) -> Shown:
        self._progress(f"{count} videos")
        with self._meeting(count) as meeting:
            self._join(meeting, sending=False)
            shown = self._browser.call(PageViewer.show, OURS, count, self._options.seconds)
            self._browser.call(PageViewer.leave)
        return shown

    def _bare(self) -> Shown:
        self._progress("the same in a bare page")
        with self._meeting(FEW) as meeting:
            self._browser.call(PageViewer.join_bare, self._server.url, meeting, DESK, FEW, LINES)
            shown = self._browser.call(PageViewer.show, BARE, FEW, self._options.seconds)
            self._browser.call(PageViewer.leave)
        return shown

    def _visits(self) -> tuple[Memory, Memory]:
        with self._meeting(1) as meeting:
            self._join(meeting, sending=False)
            for _ in range(WARM):
                self._visit(meeting)
            before = self._browser.call(PageViewer.memory)
            for number in range(0, self._options.visits, TOGETHER):
                self._progress(f"visitors {number + 1} … {number + TOGETHER}")
                self._visit(meeting)
            after = self._browser.call(PageViewer.memory)
            self._browser.call(PageViewer.leave)
        return before, after

    def _visit(self, meeting: str) -> None:
        """Some come in with cameras, are seen, and leave."""
        with self._cameras(meeting, TOGETHER):
            self._browser.call(PageViewer.see, 1 + TOGETHER)
        self._browser.call(PageViewer.see, 1)

    def _join(self, meeting: str, *, sending: bool) -> dict[str, float]:
        return self._browser.call(PageViewer.join, self._server.url, meeting, DESK, sending=sending)

    @contextlib.contextmanager
    def _meeting(self, cameras: int) -> Iterator[str]:
        meeting = self._server.create_meeting()
        with self._cameras(meeting, cameras):
            yield meeting

    @contextlib.contextmanager
    def _cameras(self, meeting: str, count: int) -> Iterator[None]:
        with Worker(Cameras, self._cpus) as cameras:
            recorded: list[Clip] = list(self._clips)
            cameras.call(Cameras.join, self._server.url, meeting, [None] * count, recorded)
            yield
            cameras.call(Cameras.leave)


def as_text(report: Report) -> str:
    ours, bare, many = report.ours, report.bare, report.many
    before, after = report.before, report.after
    firsts = [marks[FIRST_FRAME] for marks in report.joins]
    return "\n".join(
        [
            "click on “Join” to …, ms, median",
            *(f"  {step:<18}{report.median(step):>8.0f}" for step in report.steps),
            f"  first frame of {len(firsts)} joins: {min(firsts):.0f} … {max(firsts):.0f}",
            f"{FEW} videos: {_shown(ours)}",
            f"the same in a bare page: {_shown(bare)}",
            f"  ours takes {ours.cpu / bare.cpu:.2f} times that",
            f"{MANY} videos: {_shown(many)}",
            f"  commits of React {many.commits}, longest task {many.longest_task:.0f} ms",
            f"{report.visits} visits: heap {before.heap / 1e6:.2f} to {after.heap / 1e6:.2f} MB, "
            f"nodes {before.nodes} to {after.nodes}, "
            f"listeners {before.listeners} to {after.listeners}",
            *map(str, report.verdicts),
        ]
    )


def _shown(shown: Shown) -> str:
    lines = ", ".join(map(str, shown.heights))
    return f"{shown.cpu:.2f} cores, {shown.frames:.0f} frames/s, lines {lines}"
