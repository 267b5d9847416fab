"""A process that does one actor's work, driven by calls from the parent.

The actor lives on an event loop of its own in a child process pinned to given cores. It ends when
the parent does: the end of the pipe is the end of the worker.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
from collections.abc import Awaitable, Callable, Sequence
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

import uvloop

A = TypeVar("A")
P = ParamSpec("P")
R = TypeVar("R")

CALL_TIMEOUT = 120.0
"""Seconds. Nothing a worker is asked to do takes as long unless it hangs."""


class WorkerError(Exception):
    """What went wrong in the worker, or that it is gone."""


class Worker(Generic[A]):
    """Use as a context manager; leaving it ends the process."""

    def __init__(self, actor: Callable[[], A], cpus: Sequence[int]) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, child = context.Pipe()
        self._process = context.Process(target=_run, args=(actor, child, tuple(cpus)), daemon=True)
        _start(self._process)
        child.close()

    def __enter__(self) -> Worker[A]:
        return self

    def __exit__(self, *_: object) -> None:
        self._pipe.close()
        self._process.join(5)
        self._process.kill()
        self._process.join()

    def call(
        self,
        method: Callable[Concatenate[A, P], Awaitable[R]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """Run a method of the actor there and wait for its result."""
        try:
            self._pipe.send((method, args, kwargs))
            if not self._pipe.poll(CALL_TIMEOUT):
                raise WorkerError(f"{method.__qualname__} took over {CALL_TIMEOUT:.0f} s")
            ok, result = self._pipe.recv()
        except (EOFError, OSError) as error:
            raise WorkerError("the worker process is gone") from error
        if not ok:
            raise WorkerError(result)
        value: R = result
        return value


def _start(process: BaseProcess) -> None:
    """Without the interrupts of a terminal, from the very beginning: the parent ends it."""
    resource_tracker.ensure_running()  # starting it later would let them through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # children inherit it
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _run(actor: Callable[[], Any], pipe: Connection, cpus: tuple[int, ...]) -> None:
    os.sched_setaffinity(0, cpus)
    uvloop.run(_serve(actor, pipe))


async def _serve(actor: Callable[[], Any], pipe: Connection) -> None:
    loop = asyncio.get_running_loop()
    subject = actor()
    while True:
        try:
            method, args, kwargs = await loop.run_in_executor(None, pipe.recv)
            pipe.send(await _call(method, subject, *args, **kwargs))
        except (EOFError, OSError):
            os._exit(0)  # the parent is done with us; nothing here needs an orderly end


async def _call(
    method: Callable[..., Awaitable[object]], *args: object, **kwargs: object
) -> tuple[bool, object]:
    """Whether it went well, and the result or what went wrong."""
    try:
        return True, await method(*args, **kwargs)
    except Exception as error:
        return False, f"{type(error).__name__}: {error}"
