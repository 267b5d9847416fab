"""Where a figure was measured; without this it means nothing."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Machine:
    date: str
    commit: str
    """With `-dirty` where the checkout differs from it."""
    cpu: str
    cores: int
    server_cpus: list[int]
    generator_cpus: list[int]
    kernel: str
    python: str
    libraries: dict[str, str]
    load: float
    """Processes running on average in the minute before: others' work disturbs."""


def describe_machine(server_cpus: list[int], generator_cpus: list[int]) -> Machine:
    return Machine(
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        commit=_commit(),
        cpu=_cpu_model(),
        cores=os.cpu_count() or 1,
        server_cpus=server_cpus,
        generator_cpus=generator_cpus,
        kernel=platform.release(),
        python=platform.python_version(),
        libraries={name: version(name) for name in ("aiortc", "pylibsrtp", "aiohttp", "uvloop")},
        load=os.getloadavg()[0],
    )


def split_cpus() -> tuple[list[int], list[int]]:
    """One core for the server, the others for everybody else; the same one if it is the only."""
    first, *others = sorted(os.sched_getaffinity(0))
    return [first], others or [first]


def _cpu_model() -> str:
    found = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return found[1] if found else platform.machine()


def _commit() -> str:
    describe = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--abbrev=10"],  # noqa: S607
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return describe.stdout.strip() or "unknown"
