"""The process, under the names that every Prometheus client library gives these.

The one for Python lists all open files for their number, which takes a millisecond where there are
a thousand connections.
"""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Iterator
from pathlib import Path

from api.metrics.families import raw

_FILES = Path("/proc/self/fd")
_MEMORY = Path("/proc/self/statm")
_PAGE = resource.getpagesize()


class ProcessCollector:
    def __init__(self) -> None:
        self._began = time.time()

    def collect(self) -> Iterator[str]:
        usage = resource.getrusage(resource.RUSAGE_SELF)
        cpu = usage.ru_utime + usage.ru_stime
        yield raw("process_cpu_seconds_total", "counter", "Processor time used.", cpu)
        yield raw("process_resident_memory_bytes", "gauge", "Memory held.", _resident())
        yield raw("process_open_fds", "gauge", "Open files.", _open_files())
        most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        yield raw("process_max_fds", "gauge", "Files that may be open.", most)
        text = "When the server began, in seconds since 1970."
        yield raw("process_start_time_seconds", "gauge", text, self._began)


def _resident() -> int:
    """The second field of proc_pid_statm(5)."""
    return int(_MEMORY.read_text().split()[1]) * _PAGE


def _open_files() -> int:
    """Linux tells their number as the size of the directory since 6.2."""
    return os.stat(_FILES).st_size or len(os.listdir(_FILES))
