"""The shell around the native engine: its packets live in a thread that needs no Python.

Here are only the commands going down and the events coming up. A handler that holds the event loop
delays those, and no packet.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from sfu.engine.addresses import bind, local_addresses
from sfu.engine.interface import EngineStats, EngineTotals, Event
from sfu.engine.load import EngineLoad
from sfu.engine.native import NativeEngine

logger = logging.getLogger(__name__)

EVENTS_PER_TURN = 64
"""Other tasks of the loop get their turn between two such batches."""

NOTICES = {
    1: "the kernel refuses UDP segmentation (GSO): sending costs more",
    2: "the native engine did not understand a command",
}
"""By the bits of `enum thread_notice` in core/thread.h."""


class ThreadShell:
    """Runs `engine` until closed. To be made, used and closed on the loop's thread."""

    def __init__(
        self,
        engine: NativeEngine,
        host: str,
        port: int,
        on_events: Callable[[Sequence[Event]], None],
        *,
        segment: bool = True,
    ) -> None:
        """`on_events` is called on the loop and must not raise. Port 0 is any free one. `segment`:
        send equal datagrams for one peer as one where the kernel can (GSO).

        Raises OSError if the address cannot be had.
        """
        self.engine = engine
        self._on_events = on_events
        self._loop = asyncio.get_running_loop()
        self._wake = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        """Written by the thread when events wait."""
        try:
            self._socket = bind(host, port)
        except BaseException:
            os.close(self._wake)
            raise
        self.port: int = self._socket.getsockname()[1]
        self._events: Iterator[Event] = iter(())
        """Taken from the thread, but not handed on yet."""
        self._posting: asyncio.Handle | None = None
        self._delivering: asyncio.Handle | None = None
        self._noticed = 0
        try:
            engine.core.start(self._socket.fileno(), self._wake, segment)
        except BaseException:
            self._close_files()
            raise
        engine.on_command = self._command_queued
        self._loop.add_reader(self._wake, self._readable)
        self._command_queued()  # there may be some from before

    def local_addresses(self) -> list[str]:
        """IP addresses at which peers reach the socket; a loopback address comes last."""
        return local_addresses(self._socket)

    def stats(self) -> EngineStats:
        """Waits until the thread is between two rounds. Raises TimeoutError after a second."""
        if self._socket.fileno() >= 0:
            self._log_notices()
        return self.engine.stats()

    def totals(self) -> EngineTotals:
        """Waits as `stats` does."""
        return self.engine.totals()

    def load(self) -> EngineLoad:
        cpu, delays, delay_sum = self.engine.core.load()
        return EngineLoad(cpu, list(delays), delay_sum)

    def close(self) -> None:
        """Send what is queued, hand on the last events, then stop. Idempotent."""
        if self._socket.fileno() < 0:
            return
        self.engine.on_command = None
        self._loop.remove_reader(self._wake)
        for handle in (self._posting, self._delivering):
            if handle is not None:
                handle.cancel()
        self._post()
        self._log_notices()
        last = self.engine.core.stop()
        self._close_files()
        events = [*self._events, *self.engine.decode_events(last)]
        if events:
            self._on_events(events)

    def _close_files(self) -> None:
        os.close(self._wake)
        self._socket.close()

    # Commands

    def _command_queued(self) -> None:
        if self._posting is None:
            self._posting = self._loop.call_soon(self._post)

    def _post(self) -> None:
        self._posting = None
        try:
            self.engine.core.post(self.engine.take_commands())
        except BufferError:
            logger.critical("the native engine does not listen: commands are lost")

    # Events

    def _readable(self) -> None:
        os.eventfd_read(self._wake)
        if self._delivering is None:
            self._deliver()

    def _deliver(self) -> None:
        """A part of the events; the next part has its turn later, until none is left."""
        self._delivering = None
        events = list(islice(self._events, EVENTS_PER_TURN))
        if len(events) < EVENTS_PER_TURN:
            # What comes after this has been taken is told by the eventfd again.
            self._events = self.engine.decode_events(self.engine.core.take_events())
            events += islice(self._events, EVENTS_PER_TURN - len(events))
            self._log_notices()
        if len(events) == EVENTS_PER_TURN:
            self._delivering = self._loop.call_soon(self._deliver)
        if events:
            self._on_events(events)

    def _log_notices(self) -> None:
        """Each once."""
        notices = self.engine.core.notices()
        for bit, text in NOTICES.items():
            if notices & ~self._noticed & bit:
                logger.warning(text)
        self._noticed |= notices
