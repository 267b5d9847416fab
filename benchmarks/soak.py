"""A server that is used and abused for long: what of it grows, and what it complains of."""

from __future__ import annotations

import contextlib
import socket
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks.arguments import progress
from benchmarks.machine import split_cpus
from benchmarks.server import free_port, run_server
from benchmarks.soak_people import FAILED, Town
from benchmarks.soak_watch import HEADER, Sample, complaints, sample
from benchmarks.worker import Worker

SETTLE: Final = 75.0
"""Seconds after which the server has let go of whoever vanished."""
_WARM: Final = 60.0
"""Seconds of use before the first look: what is made once, on first use, has been made."""
_RSS_KIB: Final = 16 * 1024
_COUNT: Final = 4
"""What the end may have above the beginning: memory, and descriptors, tasks, threads."""


@dataclass(frozen=True, slots=True)
class Options:
    minutes: float
    people: int = 12
    meetings: int = 3
    engine: str = "native"
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Report:
    idle: Sample
    """After the first minute of use, when everybody had left."""
    end: Sample
    """The same at the end."""
    done: Counter[str]
    complaints: list[str]

    @property
    def failures(self) -> int:
        """Of what should have worked."""
        return sum(count for what, count in self.done.items() if what.startswith(FAILED))

    @property
    def flat(self) -> bool:
        grown = (
            self.end.descriptors - self.idle.descriptors,
            self.end.tasks - self.idle.tasks,
            self.end.threads - self.idle.threads,
        )
        return self.end.rss_kib - self.idle.rss_kib <= _RSS_KIB and max(grown) <= _COUNT


def run(options: Options) -> Report:
    server_cpus, cpus = split_cpus()
    port = free_port(socket.SOCK_DGRAM)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        data, tasks = folder / "data", folder / "tasks"
        log = data.with_suffix(".log")
        server = stack.enter_context(
            run_server(options.engine, data, server_cpus, cpus, media_port=port, tasks=tasks)
        )
        meetings = [server.create_meeting() for _ in range(options.meetings)]
        look = partial(sample, server, log, tasks)
        done: Counter[str] = Counter()
        progress(HEADER)

        def use(seconds: float, seed: int, told: bool) -> Sample:
            with Worker(partial(Town, seed), cpus) as town:
                address = ("127.0.0.1", port)
                town.call(Town.begin, server.url, meetings, address, options.people)
                end = time.monotonic() + seconds
                while (left := end - time.monotonic()) > 0:
                    time.sleep(min(60.0, left))
                    if told:
                        progress(str(look((time.monotonic() - began) / 60)))
                done.update(town.call(Town.done))
                town.call(Town.end)
            time.sleep(SETTLE)
            now = look((time.monotonic() - began) / 60)
            progress(str(now))
            return now

        began = time.monotonic()
        idle = use(_WARM, options.seed, told=False)
        end = use(60 * options.minutes, options.seed + 1, told=True)
        return Report(idle, end, done, [line for _, line in complaints(log)])


def as_text(report: Report) -> str:
    kinds = Counter(report.complaints)
    return "\n".join(
        [
            HEADER,
            f"{report.idle}  begin, everybody gone",
            f"{report.end}  end, everybody gone",
            *(f"{count:8d} {what}" for what, count in sorted(report.done.items())),
            f"The server logged {len(report.complaints)} warnings and errors"
            + (":" if kinds else "."),
            *list(kinds)[:50],
            "Nothing has grown." if report.flat else "SOMETHING HAS GROWN.",
        ]
    )
