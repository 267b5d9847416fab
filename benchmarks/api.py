"""What the HTTP API costs and how long it takes, alone and beside a meeting."""

from __future__ import annotations

import contextlib
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from benchmarks.core import watch_core
from benchmarks.goal import Goal, Verdict
from benchmarks.http_clients import Answered, HttpClients
from benchmarks.join import cpu_during, join
from benchmarks.machine import Machine, describe_machine, split_cpus
from benchmarks.room import Load, Room
from benchmarks.server import Server, ServerError, run_server
from benchmarks.subscribers import SERVER
from benchmarks.townspeople import Kind, Town
from benchmarks.traffic import even
from benchmarks.worker import Worker

GOAL: Final = Goal(most=20)
"""Milliseconds within which 99 % of the reads are answered, beside a meeting."""
ALONE: Final = "alone"
BESIDE: Final = "beside a meeting"
READS: Final = "all reads"
SLOW_RATE: Final = 5.0
"""Requests a second of what is dear on purpose."""
_BASELINE: Final = 3.0
"""Seconds in which nobody asks anything."""
_WARM_UP: Final = 0.5

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Options:
    rate: float = 200.0
    """Requests a second where they are paced."""
    subscribers: int = 50
    """Of the meeting."""
    seconds: float = 3.0
    """For each kind of request, paced, and again as fast as can be."""
    awake: bool = False
    """Keep the server's core from idling: see `core.watch_core`."""


@dataclass(frozen=True, slots=True)
class Result:
    name: str
    reads: bool
    rate: float
    """Requests a second where they were paced."""
    p50: float
    p99: float
    """Milliseconds, when paced."""
    cpu_us: float
    """Of the server's process, without PostgreSQL and without what the meeting takes, per request,
    when paced."""
    most: float
    """Requests a second that are answered when each of 16 connections asks again at once."""
    cpu_us_at_most: float


@dataclass(frozen=True, slots=True)
class Meeting:
    """What reached its subscribers while requests were made."""

    packets_per_second: float
    lost: int


@dataclass(frozen=True, slots=True)
class Report:
    machine: Machine
    options: Options
    results: dict[str, list[Result]]
    """By what else the server did."""
    meeting: Meeting


def run(options: Options, progress: Progress) -> Report:
    server_cpus, other_cpus = split_cpus()
    machine = describe_machine(server_cpus, other_cpus)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tertulia-api-")))
        folder.chmod(0o755)  # PostgreSQL runs as another user where we are root
        stack.enter_context(watch_core(server_cpus[0], awake=options.awake))
        server = stack.enter_context(run_server("auto", folder / "data", server_cpus, other_cpus))
        progress("people sign up, write and talk")
        kinds = _with_all_reads(Town(server).kinds())
        clients = stack.enter_context(Worker(HttpClients, other_cpus))
        clients.call(HttpClients.connect, server.url)
        bench = _Bench(server, clients, options, progress)
        results = {ALONE: bench.measure(ALONE, kinds)}
        progress(f"a meeting of {options.subscribers}")
        with _meeting(server, other_cpus, options.subscribers) as room:
            before, began = room.counts(SERVER), time.monotonic()
            results[BESIDE] = bench.measure(BESIDE, kinds)
            heard = room.counts(SERVER) - before
            packets_per_second = heard.packets / (time.monotonic() - began)
        clients.call(HttpClients.leave)
    meeting = Meeting(packets_per_second, heard.expected - heard.packets)
    return Report(machine, options, results, meeting)


def as_table(report: Report) -> str:
    lines = []
    for name, results in report.results.items():
        lines.append(
            f"{name:<18}{'requests/s':>11}{'p50 ms':>9}{'p99 ms':>9}{'CPU µs':>9}"
            f"{'most/s':>9}{'CPU µs then':>13}"
        )
        lines += [
            f"{result.name:<18}{result.rate:>11g}{result.p50:>9.1f}{result.p99:>9.1f}"
            f"{result.cpu_us:>9.0f}{result.most:>9.0f}{result.cpu_us_at_most:>13.0f}"
            for result in results
        ]
        lines.append("")
    lines.append(
        f"The meeting's {report.options.subscribers} subscribers got "
        f"{report.meeting.packets_per_second:,.0f} packets/s, {report.meeting.lost} were lost."
    )
    return "\n".join([*lines, "", *map(str, verdicts(report))])


def verdicts(report: Report) -> list[Verdict]:
    return [
        Verdict.of(f"ms to the answer, p99, {result.name}, {BESIDE}", result.p99, GOAL)
        for result in report.results[BESIDE]
        if result.reads
    ]


def as_json(report: Report) -> str:
    return json.dumps(asdict(report), indent=2)


class _Bench:
    def __init__(
        self, server: Server, clients: Worker[HttpClients], options: Options, progress: Progress
    ) -> None:
        self._server = server
        self._clients = clients
        self._options = options
        self._progress = progress

    def measure(self, beside: str, kinds: Sequence[Kind]) -> list[Result]:
        idle = cpu_during(self._server, lambda: time.sleep(_BASELINE)) / _BASELINE
        results = []
        for kind in kinds:
            self._progress(f"{kind.name}, {beside}")
            results.append(self._result(kind, idle))
        return results

    def _result(self, kind: Kind, idle: float) -> Result:
        """`idle`: share of a core that the server takes when nobody asks."""
        rate = SLOW_RATE if kind.slow else self._options.rate
        self._paced(kind, rate, _WARM_UP)
        before = self._server.cpu()
        paced = self._paced(kind, rate, self._options.seconds)
        between = self._server.cpu()
        flood = self._clients.call(HttpClients.flood, kind.requests, self._options.seconds)
        after = self._server.cpu()
        latencies = sorted(_answered(kind, paced).latencies)
        return Result(
            name=kind.name,
            reads=kind.reads,
            rate=rate,
            p50=1000 * statistics.median(latencies),
            p99=1000 * latencies[int(len(latencies) * 0.99)],
            cpu_us=_cpu_us(between - before, idle, paced),
            most=len(_answered(kind, flood).latencies) / flood.seconds,
            cpu_us_at_most=_cpu_us(after - between, idle, flood),
        )

    def _paced(self, kind: Kind, rate: float, seconds: float) -> Answered:
        return self._clients.call(HttpClients.pace, kind.requests, rate, seconds)


def _with_all_reads(kinds: Sequence[Kind]) -> list[Kind]:
    """And all kinds of reads in turn, as a program or a page asks."""
    reads = [kind.requests for kind in kinds if kind.reads]
    most = max(map(len, reads))
    mixed = [requests[number % len(requests)] for number in range(most) for requests in reads]
    return [Kind(READS, mixed), *kinds]


def _answered(kind: Kind, answered: Answered) -> Answered:
    refused = {status: n for status, n in answered.statuses.items() if not 200 <= status < 300}
    if refused:
        raise ServerError(f"{kind.name} was answered by {refused}")
    return answered


def _cpu_us(used: float, idle: float, answered: Answered) -> float:
    return 1e6 * (used - idle * answered.seconds) / len(answered.latencies)


@contextlib.contextmanager
def _meeting(server: Server, cpus: Sequence[int], subscribers: int) -> Iterator[Room]:
    """One sends, everybody gets it until the block is left."""
    load = Load(subscribers, "gcm", even(5), joined=True)
    with contextlib.ExitStack() as stack:
        room = Room(stack, cpus, load)
        meeting = server.create_meeting()
        room.open(server.url, meeting)
        join(server, [room], [meeting])
        room.publish()
        yield room
        room.leave()
