"""A process that is measured: pinned, watched from outside, and gone when we are."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from benchmarks.core import process_seconds

STOP_TIMEOUT: Final = 15.0
_PR_SET_PDEATHSIG: Final = 1
_LOG_TAIL: Final = 4000
"""Characters of a log that tell why something failed."""


class Process:
    """What a running process has used."""

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def cpu(self) -> float:
        """Seconds of CPU since its start: all its threads, user and system, but not its children,
        so not the PostgreSQL of our server."""
        return process_seconds(self.pid)

    def rss(self) -> int:
        """KiB of memory it holds."""
        rollup = Path(f"/proc/{self.pid}/smaps_rollup").read_text()
        return int(rollup.partition("\nRss:")[2].split()[0])


@contextlib.contextmanager
def run_process(
    command: Sequence[str | Path], environment: Mapping[str, str], cpus: Sequence[int], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """Runs on `cpus` alone until the block is left. What it said becomes a note of whatever goes
    wrong meanwhile."""
    with log.open("w") as output:
        process = subprocess.Popen(  # noqa: S603
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # an interrupt is ours to pass on
            preexec_fn=lambda: _in_child(cpus),  # noqa: PLW1509 - forked from the only thread
        )
    try:
        yield process
    except Exception as error:
        said = log.read_text(errors="replace")[-_LOG_TAIL:]
        error.add_note(f"{Path(command[0]).name} said:\n{said}")
        raise
    finally:
        _stop(process)


def descendants(pid: int) -> Iterator[int]:
    """Ids of the processes it and its children have started."""
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, children.read_text().split()):
            yield child
            yield from descendants(child)


def _in_child(cpus: Sequence[int]) -> None:
    os.sched_setaffinity(0, cpus)
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_TIMEOUT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
