"""A large meeting on one server process: how fast all are in it, and what it costs then."""

from __future__ import annotations

import contextlib
import socket
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks import clips, observations
from benchmarks.audience import Audience, Heard
from benchmarks.browsers import BrowserViewer, Watched
from benchmarks.cameras import Cameras
from benchmarks.clips import Clip
from benchmarks.conversation import Conversation
from benchmarks.goal import Goal, Verdict
from benchmarks.machine import split_cpus
from benchmarks.observations import Observations
from benchmarks.receivers import Counts
from benchmarks.server import Server, free_port, run_server
from benchmarks.traffic import AUDIO_PACKETS_PER_SECOND
from benchmarks.worker import Worker

CLIP_SECONDS: Final = 12.0
VIEWPORT: Final = {"width": 500, "height": 390}
"""Room for about as many pictures as everybody shows: more would need more slots."""
SMALL_ROOM: Final = 3
"""Participants of the meeting whose descriptions are compared."""
SPEAKERS: Final = 3
"""Voices forwarded at a time, as the server has it where nothing is set."""
_FLOW_TIMEOUT: Final = 30.0
_SAMPLED: Final = 2000
"""Packets a second that are decrypted, about."""

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Options:
    participants: int = 200
    """One of them is a real Chromium, if `browser`."""
    cameras: int = 20
    visible: int = 9
    seconds: float = 20.0
    engine: str = "native"
    browser: bool = True
    seed: int = 1

    @property
    def listeners(self) -> int:
        return self.participants - self.cameras - int(self.browser)


@dataclass(frozen=True, slots=True)
class Descriptions:
    """Bytes of a browser's offer and of the answer."""

    offer: int
    answer: int


@dataclass(slots=True)
class Report:
    participants: int
    cameras: int
    visible: int
    join_seconds: float
    """From the first's coming until the last gets every picture it shows."""
    join_cpu: float
    """Seconds of the server, meanwhile."""
    cpu: float
    """Share of a core that the server uses then."""
    rss_mib: float
    rss_empty_mib: float
    packets_per_second: float
    """That reach the synthetic listeners."""
    cpu_us_per_packet: float
    """Everything the server does over those packets: the publishers' and the browser's too."""
    lost: int
    """Gaps in the sequence numbers."""
    verified: int
    wrong: int
    """Of the packets that were decrypted."""
    overflown: int
    """That the load generator did not read in time."""
    pictures: tuple[int, int]
    """Video streams of a listener: fewest, most."""
    voices: tuple[float, float]
    """Audio streams at a time, on average: of the listener with the fewest, with the most."""
    lag_joining_ms: tuple[float, float]
    lag_ms: tuple[float, float]
    """How late the event loop is, 50th and 99th percentile: while all come in, and after."""
    small: Descriptions | None
    large: Descriptions | None
    """Of the real browser in a meeting of three, and in this one."""
    browser: dict[str, float]
    verdicts: list[Verdict]


def run(options: Options, progress: Progress) -> Report:
    with _Hall(options, progress) as hall:
        return hall.measure()


class _Hall(contextlib.ExitStack):
    """A server and everybody who is to come."""

    def __init__(self, options: Options, progress: Progress) -> None:
        super().__init__()
        self._options = options
        self._progress = progress
        server_cpus, self._cpus = split_cpus()
        folder = Path(self.enter_context(tempfile.TemporaryDirectory()))
        self._observations = folder / "observations"
        self._server: Server = self.enter_context(
            run_server(
                options.engine,
                folder / "data",
                server_cpus,
                self._cpus,
                media_port=free_port(socket.SOCK_DGRAM),
                observations=self._observations,
            )
        )

    def measure(self) -> Report:
        options = self._options
        self._progress("encoding what the cameras show")
        recorded = clips.record_all(CLIP_SECONDS)
        small = self._small_room(recorded) if options.browser else None
        empty = self._server.rss()
        self._progress(f"{options.participants} come in")
        meeting = self._server.create_meeting()
        cameras = self.enter_context(Worker(Cameras, self._cpus))
        audience = self.enter_context(Worker(Audience, self._cpus))
        browser = self.enter_context(Worker(BrowserViewer, self._cpus))
        began, cpu = time.monotonic(), self._server.cpu()
        self._let_in(meeting, recorded, cameras, audience, browser)
        self._await_pictures(audience)
        joined, join_cpu = time.monotonic(), self._server.cpu() - cpu
        self._progress(f"all are in after {joined - began:.1f} s")
        steady = self._hold(audience)
        watched = browser.call(BrowserViewer.watched) if options.browser else None
        observed = observations.read(self._observations)
        report = Report(
            participants=options.participants,
            cameras=options.cameras,
            visible=options.visible,
            join_seconds=joined - began,
            join_cpu=join_cpu,
            cpu=steady.cpu / steady.seconds,
            rss_mib=self._server.rss() / 1024,
            rss_empty_mib=empty / 1024,
            packets_per_second=steady.counts.packets / steady.seconds,
            cpu_us_per_packet=1e6 * steady.cpu / max(1, steady.counts.packets),
            lost=steady.counts.expected - steady.counts.packets,
            verified=steady.counts.verified,
            wrong=steady.counts.wrong,
            overflown=steady.counts.overflown,
            pictures=steady.pictures,
            voices=steady.voices,
            lag_joining_ms=_lags(observed, began, joined),
            lag_ms=_lags(observed, steady.begin, steady.begin + steady.seconds),
            small=small,
            large=_descriptions(watched) if watched else None,
            browser=_browser_figures(watched, steady) if watched else {},
            verdicts=[],
        )
        report.verdicts = _verdicts(report)
        if options.browser:
            browser.call(BrowserViewer.leave)
        audience.call(Audience.leave)
        cameras.call(Cameras.leave)
        return report

    def _small_room(self, recorded: Sequence[Clip]) -> Descriptions:
        self._progress(f"a meeting of {SMALL_ROOM}")
        meeting = self._server.create_meeting()
        with (
            Worker(Cameras, self._cpus) as cameras,
            Worker(BrowserViewer, self._cpus) as browser,
        ):
            relays = [None] * (SMALL_ROOM - 1)
            cameras.call(Cameras.join, self._server.url, meeting, relays, recorded)
            browser.call(
                BrowserViewer.join, self._server.url, meeting, None, VIEWPORT, sending=True
            )
            watched = browser.call(BrowserViewer.watched)
            browser.call(BrowserViewer.leave)
            cameras.call(Cameras.leave)
        return _descriptions(watched)

    def _let_in(
        self,
        meeting: str,
        recorded: Sequence[Clip],
        cameras: Worker[Cameras],
        audience: Worker[Audience],
        browser: Worker[BrowserViewer],
    ) -> None:
        options, url = self._options, self._server.url
        conversation = Conversation(options.seed, options.cameras + options.listeners)
        began = time.monotonic()
        tracks = cameras.call(Cameras.join, url, meeting, [None] * options.cameras, recorded)
        cameras.call(Cameras.view, tracks, options.visible, options.seed)
        cameras.call(Cameras.converse, conversation, 0, began)
        count, visible, seed = options.listeners, options.visible, options.seed
        audience.call(Audience.join, url, meeting, count, tracks, visible, seed)
        audience.call(Audience.converse, conversation, options.cameras, began)
        if options.browser:
            browser.call(BrowserViewer.join, url, meeting, None, VIEWPORT, sending=True)

    def _await_pictures(self, audience: Worker[Audience]) -> None:
        """Until every listener has got every picture it shows, or long enough."""
        wanted = min(self._options.visible, self._options.cameras)
        deadline = time.monotonic() + _FLOW_TIMEOUT
        while time.monotonic() < deadline:
            if all(one.pictures >= wanted for one in audience.call(Audience.heard)):
                return
            time.sleep(0.1)

    def _hold(self, audience: Worker[Audience]) -> _Steady:
        seconds = self._options.seconds
        rate = audience.call(Audience.counts).packets
        time.sleep(1.0)
        rate = audience.call(Audience.counts).packets - rate
        audience.call(Audience.sample, rate // _SAMPLED | 1)
        before, counts = audience.call(Audience.heard), audience.call(Audience.counts)
        begin, cpu = time.monotonic(), self._server.cpu()
        time.sleep(seconds)
        cpu = self._server.cpu() - cpu
        lasted = time.monotonic() - begin
        after = audience.call(Audience.heard)
        counts = audience.call(Audience.counts) - counts
        return _Steady(begin, lasted, cpu, counts, before, after)


@dataclass(frozen=True, slots=True)
class _Steady:
    begin: float
    seconds: float
    cpu: float
    counts: Counts
    before: Sequence[Heard]
    after: Sequence[Heard]

    @property
    def pictures(self) -> tuple[int, int]:
        numbers = [one.pictures for one in self.after]
        return min(numbers), max(numbers)

    @property
    def voices(self) -> tuple[float, float]:
        pairs = zip(self.before, self.after, strict=True)
        packets = [after.audio - before.audio for before, after in pairs]
        one = AUDIO_PACKETS_PER_SECOND * self.seconds
        return min(packets) / one, max(packets) / one


def _lags(observed: Observations, begin: float, end: float) -> tuple[float, float]:
    return 1000 * observed.lag(0.5, begin, end), 1000 * observed.lag(0.99, begin, end)


def _descriptions(watched: Watched) -> Descriptions:
    return Descriptions(watched.offer_bytes, watched.answer_bytes)


def _browser_figures(watched: Watched, steady: _Steady) -> dict[str, float]:
    samples = [(watched.clock + s["time"] / 1000, s["streams"]) for s in watched.samples]
    inside = [streams for at, streams in samples if at >= steady.begin]
    if not inside:
        return {}
    video = [stream for stream in inside[-1] if stream["kind"] == "video"]
    before = {stream["mid"]: stream for stream in inside[0]}
    frames = [s["framesDecoded"] - before.get(s["mid"], s)["framesDecoded"] for s in video]
    first = next((at for at, streams in samples if any(s["framesDecoded"] for s in streams)), None)
    return {
        "pictures that move": sum(count > 0 for count in frames),
        "frames decoded a second": sum(frames) / steady.seconds,
        "freezes": sum(s["freezeCount"] for s in video),
        "first frame after, s": -1.0 if first is None else first - watched.joined,
    }


def _verdicts(report: Report) -> list[Verdict]:
    wanted = min(report.visible, report.cameras)
    verdicts = [
        Verdict.of("all are in, s", report.join_seconds, Goal(most=60.0)),
        Verdict.of(
            "pictures of the listener with the fewest", report.pictures[0], Goal(wanted, wanted)
        ),
        Verdict.of(
            "voices at a time of the one with the most", report.voices[1], Goal(SPEAKERS * 1.01)
        ),
        Verdict.of(
            "event loop late by p99 while all come in, ms", report.lag_joining_ms[1], Goal(50.0)
        ),
        Verdict.of("event loop late by p99 after, ms", report.lag_ms[1], Goal(50.0)),
        Verdict.of("samples that did not decrypt", report.wrong, Goal(0.0)),
    ]
    if report.small and report.large:
        for name in ("offer", "answer"):
            ratio = getattr(report.large, name) / getattr(report.small, name)
            verdicts.append(Verdict.of(f"{name}'s size / in a meeting of 3", ratio, Goal(1.01)))
    return verdicts


def as_text(report: Report) -> str:
    joining, after = report.lag_joining_ms, report.lag_ms
    lines = [
        f"{report.participants} participants, {report.cameras} cameras, {report.visible} shown "
        "by each",
        f"all in after {report.join_seconds:.1f} s and {report.join_cpu:.1f} s of the server's CPU",
        f"then {report.cpu:.0%} of a core, {report.cpu_us_per_packet:.2f} µs for each of "
        f"{report.packets_per_second:,.0f} packets a second to the listeners",
        f"RSS {report.rss_mib:.0f} MiB, {report.rss_empty_mib:.0f} before",
        f"event loop late by p50 {joining[0]:.1f} p99 {joining[1]:.1f} ms while all came in, "
        f"p50 {after[0]:.1f} p99 {after[1]:.1f} ms after",
        f"lost {report.lost}, overflown {report.overflown}; decrypted {report.verified}, "
        f"wrong {report.wrong}",
        f"a listener's pictures {report.pictures[0]} … {report.pictures[1]}, voices "
        f"{report.voices[0]:.2f} … {report.voices[1]:.2f}",
    ]
    if report.small and report.large:
        lines.append(
            f"browser's offer and answer: {report.large.offer} and {report.large.answer} bytes, in "
            f"a meeting of {SMALL_ROOM} {report.small.offer} and {report.small.answer}"
        )
    lines += [f"browser: {name} {value:.4g}" for name, value in report.browser.items()]
    return "\n".join([*lines, *map(str, report.verdicts)])
