"""Watching the server's core."""

from __future__ import annotations

import multiprocessing
import os
import time

import pytest

from benchmarks.core import process_seconds, watch_core

DEADLINE = 30.0
"""Seconds for a process to get some CPU on a busy machine."""


@pytest.fixture
def cpu() -> int:
    return min(os.sched_getaffinity(0))


def test_cpu_of_a_process_is_what_it_says_itself() -> None:
    before = time.process_time()
    seen = process_seconds(os.getpid())
    assert before <= seen <= time.process_time()


def test_busy_time_of_a_core_never_falls(cpu: int) -> None:
    with watch_core(cpu, awake=False) as core:
        first = core.busy_seconds()
        assert 0 < first <= core.busy_seconds()


def test_a_core_that_does_not_exist() -> None:
    with watch_core(10**6, awake=False) as core, pytest.raises(ValueError, match="no core"):
        core.busy_seconds()


def test_whoever_keeps_it_awake_yields_to_everybody_and_ends(cpu: int) -> None:
    with watch_core(cpu, awake=True):
        [spinner] = multiprocessing.active_children()
        assert spinner.pid is not None
        deadline = time.monotonic() + DEADLINE
        while os.sched_getscheduler(spinner.pid) != os.SCHED_IDLE:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        assert os.sched_getaffinity(spinner.pid) == {cpu}
    assert not spinner.is_alive()
    assert multiprocessing.active_children() == []
