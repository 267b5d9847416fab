"""What it costs the server to tell its metrics while many people are in meetings."""

from __future__ import annotations

import contextlib
import statistics
import tempfile
import time
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from benchmarks.goal import Goal, Verdict
from benchmarks.join import join
from benchmarks.machine import split_cpus
from benchmarks.room import Load, Room
from benchmarks.server import Server, ServerError, run_server
from benchmarks.traffic import even

ROOMS: Final = 5
IDLE_SECONDS: Final = 5.0
WARM: Final = 5
"""Scrapes that do not count."""


@dataclass(frozen=True, slots=True)
class Options:
    participants: int = 500
    scrapes: int = 100
    engine: str = "native"


@dataclass(frozen=True, slots=True)
class Report:
    participants: int
    series: int
    size: int
    """Bytes."""
    cpu_ms: float
    """Of the server, for one."""
    latencies_ms: list[float]

    @property
    def verdict(self) -> Verdict:
        return Verdict.of("processor time of a scrape, ms", self.cpu_ms, Goal(5))


def run(options: Options) -> Report:
    server_cpus, cpus = split_cpus()
    with contextlib.ExitStack() as stack:
        data = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "data"
        server = stack.enter_context(run_server(options.engine, data, server_cpus, cpus))
        load = Load(options.participants // ROOMS - 1, "gcm", even(5), joined=True)
        rooms = [Room(stack, cpus, load) for _ in range(ROOMS)]
        meetings = [server.create_meeting() for _ in rooms]
        for room, meeting in zip(rooms, meetings, strict=True):
            room.open(server.url, meeting)
        join(server, rooms, meetings)
        for room in rooms:
            room.publish()
            room.pause()
        report = _measure(server, options)
        for room in rooms:
            room.leave()
    return report


def _measure(server: Server, options: Options) -> Report:
    before, began = server.cpu(), time.monotonic()
    time.sleep(IDLE_SECONDS)
    idle = (server.cpu() - before) / (time.monotonic() - began)
    latencies: list[float] = []
    with contextlib.closing(HTTPConnection(urlsplit(server.url).netloc, timeout=10)) as client:
        for _ in range(WARM):
            _scrape(client)
        before, began = server.cpu(), time.monotonic()
        for _ in range(options.scrapes):
            asked = time.monotonic()
            body = _scrape(client)
            latencies.append(1000 * (time.monotonic() - asked))
        used = server.cpu() - before - idle * (time.monotonic() - began)
    lines = [line for line in body.decode().splitlines() if not line.startswith("#")]
    present = sum(
        float(line.split()[1]) for line in lines if line.startswith("tertulia_media_participants")
    )
    return Report(
        participants=int(present),
        series=len(lines),
        size=len(body),
        cpu_ms=1000 * used / options.scrapes,
        latencies_ms=latencies,
    )


def _scrape(client: HTTPConnection) -> bytes:
    client.request("GET", "/metrics")
    answer = client.getresponse()
    body = answer.read()
    if answer.status != HTTPStatus.OK:
        raise ServerError(f"/metrics was answered with {answer.status}")
    return body


def as_text(report: Report) -> str:
    slowest = max(report.latencies_ms)
    return "\n".join(
        [
            f"{report.participants} participants: {report.series} series in {report.size} bytes",
            f"answered after {statistics.median(report.latencies_ms):.1f} ms (median), "
            f"{slowest:.1f} ms (slowest of {len(report.latencies_ms)})",
            str(report.verdict),
        ]
    )
