"""The command `tertulia` with a handler that hogs its event loop: 5 ms of every 20 ms.

Python that computes keeps the loop and the GIL; this is how much such a server's packets wait for
it. Only benchmarks start this; the server itself has no way to do so.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Coroutine
from importlib.metadata import entry_points
from typing import Final
from unittest import mock

import uvloop

HELD: Final = 0.005
PERIOD: Final = 0.02
"""Seconds."""


async def hog() -> None:
    while True:
        end = time.perf_counter() + HELD
        while time.perf_counter() < end:
            pass
        await asyncio.sleep(PERIOD - HELD)


async def _beside_a_hog(program: Coroutine[None, None, None]) -> None:
    task = asyncio.create_task(hog())
    try:
        await program
    finally:
        task.cancel()


def main() -> int:
    """The command runs its program by uvloop.run, whatever the program then is."""
    run = uvloop.run
    with mock.patch.object(uvloop, "run", lambda program: run(_beside_a_hog(program))):
        [command] = entry_points(group="console_scripts", name="tertulia")
        exit_code: int = command.load()([])
    return exit_code


if __name__ == "__main__":
    sys.exit(main())
