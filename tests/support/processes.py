"""Is a process alive, and waiting until it is not."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path

POLL = 0.02
TIMEOUT = 30.0
"""Seconds; generous, as it only ends tests that fail."""


def alive(pid: int) -> bool:
    """A zombie is dead: nobody may be there to bury it."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


def children(pid: int) -> set[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return {int(child) for task in tasks for child in task.read_text().split()}


def family(pid: int) -> set[int]:
    """The process and all its descendants."""
    return {pid}.union(*map(family, children(pid)))


def wait_until_gone(pids: Iterable[int]) -> None:
    """Raises TimeoutError."""
    waiting, deadline = set(pids), time.monotonic() + TIMEOUT
    while waiting := {pid for pid in waiting if alive(pid)}:
        if time.monotonic() > deadline:
            raise TimeoutError(f"still alive: {waiting}")
        time.sleep(POLL)
