"""The command `tertulia`, which also notes what cannot be seen from outside: how late its event
loop is, and what it believes each receiver's link to carry.

    python observed_server.py FILE

appends one JSON object a line: `{"time", "lag"}` for each look at the loop, in seconds of
CLOCK_MONOTONIC, and `{"time", "ufrag", "estimate"}` in bits/s for each estimate, by the ICE user
fragment the server gave that receiver. Only benchmarks start this; the server itself has no way to
do so.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Coroutine, Iterable
from importlib.metadata import entry_points
from io import TextIOWrapper
from pathlib import Path
from typing import Final
from unittest import mock

import uvloop

from sfu.engine.interface import BandwidthEstimate, Event, TransportId
from sfu.switchboard import EstimateListener, Switchboard
from sfu.transport import Transport

PERIOD: Final = 0.01
"""Seconds between looks at the loop."""


class Observer:
    def __init__(self, output: TextIOWrapper) -> None:
        self._output = output
        self._ufrags: dict[TransportId, str] = {}

    def note(self, **figures: object) -> None:
        self._output.write(json.dumps({"time": time.monotonic(), **figures}) + "\n")

    async def watch_loop(self) -> None:
        """A loop that is not held wakes us when we asked for it."""
        while True:
            due = time.monotonic() + PERIOD
            await asyncio.sleep(PERIOD)
            self.note(lag=time.monotonic() - due)

    def watch(self, board: Switchboard, transport: Transport) -> None:
        self._ufrags[transport.id] = transport.local.ufrag

    def see(self, event: Event) -> None:
        if isinstance(event, BandwidthEstimate):
            ufrag = self._ufrags.get(event.transport)
            self.note(ufrag=ufrag, estimate=event.bitrate)


def main() -> int:
    """The command runs its program by uvloop.run, whatever the program then is."""
    run = uvloop.run
    [file] = sys.argv[1:]
    with Path(file).open("a", buffering=1) as output:
        observer = Observer(output)

        async def beside(program: Coroutine[None, None, None]) -> None:
            task = asyncio.create_task(observer.watch_loop())
            try:
                await program
            finally:
                task.cancel()

        dispatch, add_transport = Switchboard.dispatch, Switchboard.add_transport

        def dispatched(board: Switchboard, now: float, events: Iterable[Event]) -> None:
            kept = list(events)
            for event in kept:
                observer.see(event)
            dispatch(board, now, kept)

        def added(board: Switchboard, transport: Transport, listener: EstimateListener) -> None:
            observer.watch(board, transport)
            add_transport(board, transport, listener)

        with (
            mock.patch.object(uvloop, "run", lambda program: run(beside(program))),
            mock.patch.object(Switchboard, "dispatch", dispatched),
            mock.patch.object(Switchboard, "add_transport", added),
        ):
            [command] = entry_points(group="console_scripts", name="tertulia")
            exit_code: int = command.load()([])
    return exit_code


if __name__ == "__main__":
    sys.exit(main())
