"""How meetings look on bad networks: runs the scenarios, each with a server of its own."""

from __future__ import annotations

import contextlib
import dataclasses
import socket
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks import clips, observations
from benchmarks.browsers import BrowserViewer, Watched
from benchmarks.cameras import Cameras, Published
from benchmarks.clips import Clip
from benchmarks.links import Address, Carried, Links
from benchmarks.machine import split_cpus
from benchmarks.observations import Observations
from benchmarks.scenarios import GOOD, Scenario, Schedule, back
from benchmarks.server import free_port, run_server
from benchmarks.viewers import Seen, Viewers
from benchmarks.worker import Worker

CLIP_SECONDS: Final = 12.0
VIEWPORT: Final = {"width": 1600, "height": 960}
"""Of the real browser: a single picture is as high as the camera's."""
SEED: Final = 1


@dataclass(frozen=True, slots=True)
class Options:
    engine: str = "native"
    browser: bool = True
    """A real Chromium receives beside the synthetic one."""
    seconds: float | None = None
    """Measured, instead of what the scenario says."""
    settle: float | None = None
    seed: int = SEED


@dataclass(slots=True)
class Outcome:
    """Everything one scenario yielded; `analysis` makes sense of it."""

    scenario: Scenario
    clips: Sequence[Clip]
    begin: float
    """When the measured time and the schedule began (time.monotonic), and when it ended."""
    end: float
    seen: list[Seen]
    """The first is the receiver on the bad link, the others are bystanders."""
    carried: list[Carried]
    """Of the first and of the browser, if there is one."""
    uplinks: list[Carried]
    """Of the publishers, if they have bad links."""
    watched: Watched | None
    published: list[Published]
    observed: Observations
    relay_lag: tuple[float, float]
    """Of all relays, median and 99th percentile, seconds."""
    server_cpu: float
    """Share of a core."""
    alone: tuple[float, float] | None = None
    """Before the bad receiver came, where there are bystanders."""


Progress = Callable[[str], None]


def run(scenarios: Sequence[Scenario], options: Options, progress: Progress) -> Iterator[Outcome]:
    """One after another."""
    progress("encoding what the cameras show")
    recorded = clips.record_all(CLIP_SECONDS)
    for scenario in scenarios:
        chosen = _adapted(scenario, options)
        progress(f"{chosen.name}: {chosen.meaning}")
        with _Stage(options, chosen, recorded) as stage:
            yield stage.play()


def _adapted(scenario: Scenario, options: Options) -> Scenario:
    return dataclasses.replace(
        scenario,
        seconds=options.seconds or scenario.seconds,
        settle=scenario.settle if options.settle is None else options.settle,
    )


class _Stage(contextlib.ExitStack):
    """A server and everybody in the meeting; all gone on leaving."""

    def __init__(self, options: Options, scenario: Scenario, recorded: Sequence[Clip]) -> None:
        super().__init__()
        self._options = options
        self._scenario = scenario
        self._clips = recorded
        self._seeds = iter(range(options.seed * 1000, options.seed * 1000 + 1000))
        server_cpus, cpus = split_cpus()
        folder = Path(self.enter_context(tempfile.TemporaryDirectory()))
        self._observations = folder / "observations"
        self._media: Address = ("127.0.0.1", free_port(socket.SOCK_DGRAM))
        self._server = self.enter_context(
            run_server(
                options.engine,
                folder / "data",
                server_cpus,
                cpus,
                media_port=self._media[1],
                observations=self._observations,
            )
        )
        self._links = self.enter_context(Worker(Links, cpus))
        self._uplinks = self.enter_context(Worker(Links, cpus))
        self._cameras = self.enter_context(Worker(Cameras, cpus))
        self._viewer = self.enter_context(Worker(Viewers, cpus))
        self._bystanders = self.enter_context(Worker(Viewers, cpus))
        self._browser = self.enter_context(Worker(BrowserViewer, [*server_cpus, *cpus]))
        self._meeting = self._server.create_meeting()

    def play(self) -> Outcome:
        scenario = self._scenario
        tracks = self._publish()
        alone = self._let_bystanders_in(tracks) if scenario.bystanders else None
        url, meeting = self._server.url, self._meeting
        self._viewer.call(
            Viewers.join, url, meeting, [self._open(self._links, scenario.down)], tracks
        )
        if self._options.browser:
            down = GOOD if scenario.bystanders else scenario.down
            relay = self._open(self._links, down)
            self._browser.call(BrowserViewer.join, url, meeting, relay, VIEWPORT)
        time.sleep(scenario.settle)
        return self._measure(alone)

    def _publish(self) -> list[str]:
        """Ids of the cameras."""
        scenario = self._scenario
        bad = scenario.up is not GOOD
        relays = [
            self._open(self._uplinks, back(scenario.up), scenario.up) if bad else None
            for _ in range(scenario.cameras)
        ]
        return self._cameras.call(
            Cameras.join, self._server.url, self._meeting, relays, self._clips
        )

    def _let_bystanders_in(self, tracks: Sequence[str]) -> tuple[float, float]:
        """The time in which they were alone."""
        relays = [None] * self._scenario.bystanders
        self._bystanders.call(Viewers.join, self._server.url, self._meeting, relays, tracks)
        time.sleep(self._scenario.settle)
        begin = time.monotonic()
        time.sleep(self._scenario.seconds / 2)
        return begin, time.monotonic()

    def _open(self, links: Worker[Links], down: Schedule, up: Schedule | None = None) -> Address:
        way_back = back(down) if up is None else up
        return links.call(Links.open, self._media, way_back, down, next(self._seeds))

    def _measure(self, alone: tuple[float, float] | None) -> Outcome:
        scenario = self._scenario
        begin = self._links.call(Links.play, 0, back(scenario.down), scenario.down)
        if self._options.browser and not scenario.bystanders:
            self._links.call(Links.play, 1, back(scenario.down), scenario.down)
        cpu = self._server.cpu()
        time.sleep(scenario.seconds)
        end = time.monotonic()
        used = (self._server.cpu() - cpu) / (end - begin)
        browsers = int(self._options.browser)
        outcome = Outcome(
            scenario,
            self._clips,
            begin,
            end,
            [*self._viewer.call(Viewers.seen), *self._bystanders.call(Viewers.seen)],
            [self._links.call(Links.carried, number) for number in range(1 + browsers)],
            self._carried_up(),
            self._browser.call(BrowserViewer.watched) if browsers else None,
            self._cameras.call(Cameras.published),
            observations.read(self._observations),
            (self._links.call(Links.lag, 0.5), self._links.call(Links.lag, 0.99)),
            used,
            alone,
        )
        self._leave()
        return outcome

    def _carried_up(self) -> list[Carried]:
        if self._scenario.up is GOOD:
            return []
        cameras = range(self._scenario.cameras)
        return [self._uplinks.call(Links.carried, number) for number in cameras]

    def _leave(self) -> None:
        if self._options.browser:
            self._browser.call(BrowserViewer.leave)
        for worker in (self._viewer, self._bystanders):
            worker.call(Viewers.leave)
        self._cameras.call(Cameras.leave)
