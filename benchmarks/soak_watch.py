"""What of a server must not grow while it runs, and what it said."""

from __future__ import annotations

import re
import urllib.request
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.server import Server

_SAMPLE: Final = re.compile(r"^(\w+)(?:\{.*\})? (\S+)$", re.MULTILINE)
_LINE: Final = re.compile(r"^\S+ \S*\s*(WARNING|ERROR|CRITICAL)\b", re.MULTILINE)
_TRACE: Final = "Traceback (most recent call last)"
_GAUGES: Final = ("tertulia_media_participants", "tertulia_ws_connections")


@dataclass(frozen=True, slots=True)
class Sample:
    """The server at a moment."""

    minute: float
    rss_kib: int
    descriptors: int
    threads: int
    tasks: int
    participants: int
    clients: int
    warnings: int
    errors: int

    def __str__(self) -> str:
        return (
            f"{self.minute:7.1f} {self.rss_kib / 1024:8.1f} {self.descriptors:11d} "
            f"{self.threads:7d} {self.tasks:5d} {self.participants:12d} {self.clients:7d} "
            f"{self.warnings:8d} {self.errors:6d}"
        )


HEADER: Final = "  minute  RSS/MiB descriptors threads tasks participants clients warnings errors"


def sample(server: Server, log: Path, tasks: Path, minute: float) -> Sample:
    gauges = _gauges(server)
    levels = Counter(level for level, _ in complaints(log))
    process = Path(f"/proc/{server.pid}")
    return Sample(
        minute=minute,
        rss_kib=server.rss(),
        descriptors=sum(1 for _ in (process / "fd").iterdir()),
        threads=sum(1 for _ in (process / "task").iterdir()),
        tasks=int(tasks.read_text() or 0),
        participants=gauges[_GAUGES[0]],
        clients=gauges[_GAUGES[1]],
        warnings=levels["WARNING"],
        errors=levels.total() - levels["WARNING"],
    )


def complaints(log: Path) -> Iterator[tuple[str, str]]:
    """Level and line of everything that the server was not pleased with."""
    for line in log.read_text(errors="replace").splitlines():
        if found := _LINE.match(line):
            yield found[1], line
        elif line.startswith(_TRACE):
            yield "ERROR", line


def _gauges(server: Server) -> Counter[str]:
    """Sums over all labels."""
    with urllib.request.urlopen(f"{server.url}/metrics", timeout=15) as answer:  # noqa: S310
        text = answer.read().decode()
    sums: Counter[str] = Counter()
    for name, value in _SAMPLE.findall(text):
        if name in _GAUGES:
            sums[name] += int(float(value))
    return sums
