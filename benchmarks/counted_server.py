"""The command `tertulia`, which also notes how many tasks its event loop has.

    python counted_server.py FILE

keeps that number in FILE. Only benchmarks start this; the server itself has no way to do so.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine
from importlib.metadata import entry_points
from pathlib import Path
from typing import Final
from unittest import mock

import uvloop

PERIOD: Final = 1.0
"""Seconds between counts."""


async def count(file: Path) -> None:
    while True:
        file.write_text(str(len(asyncio.all_tasks())))  # noqa: ASYNC240 - a few bytes
        await asyncio.sleep(PERIOD)


def main() -> int:
    """The command runs its program by uvloop.run, whatever the program then is."""
    run = uvloop.run
    [file] = sys.argv[1:]

    async def beside(program: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(count(Path(file)))
        try:
            await program
        finally:
            task.cancel()

    with mock.patch.object(uvloop, "run", lambda program: run(beside(program))):
        [command] = entry_points(group="console_scripts", name="tertulia")
        exit_code: int = command.load()([])
    return exit_code


if __name__ == "__main__":
    sys.exit(main())
