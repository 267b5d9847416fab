"""The core the server runs on: how busy it is, and whether it may sleep."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_CPUCLOCK_SCHED: Final = 2
"""Of the kernel's encoding of another process's CPU clock (clock_getcpuclockid(3))."""


def process_seconds(pid: int) -> float:
    """CPU a process has used since its start: all its threads, user and system."""
    return time.clock_gettime_ns(~pid << 3 | _CPUCLOCK_SCHED) / 1e9


class Core:
    """Made by `watch_core`."""

    def __init__(self, number: int, spinner: int | None) -> None:
        self._number = number
        self._spinner = spinner

    def busy_seconds(self) -> float:
        """How long it has worked for anybody since the machine was started, in steps of 10 ms; what
        only keeps it awake is not work."""
        pattern = rf"^cpu{self._number} (.+)$"
        found = re.search(pattern, Path("/proc/stat").read_text(), re.MULTILINE)
        if found is None:
            raise ValueError(f"there is no core {self._number}")
        user, nice, system, _idle, _iowait, irq, softirq, *_ = map(int, found[1].split())
        busy = (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")
        return busy if self._spinner is None else busy - process_seconds(self._spinner)


@contextlib.contextmanager
def watch_core(number: int, *, awake: bool) -> Iterator[Core]:
    """With `awake`, a process that runs only when nobody else wants to keeps the core from idling.

    A virtual machine that idles loses its place on the real core, and with it caches and branch
    predictors: every packet that wakes it is then several times dearer.
    """
    if not awake:
        yield Core(number, None)
        return
    context = multiprocessing.get_context("spawn")
    spinner = context.Process(target=_spin, args=(number, os.getpid()), daemon=True)
    spinner.start()
    try:
        yield Core(number, spinner.pid)
    finally:
        spinner.kill()
        spinner.join()


def _spin(number: int, parent: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends us
    os.sched_setaffinity(0, {number})
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    while os.getppid() == parent:
        for _ in range(100_000):
            pass
