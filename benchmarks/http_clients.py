"""Programs that ask over HTTP: as little work as possible for each request, so that one core can be
many of them."""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import Final
from urllib.parse import urlsplit

CONNECTIONS: Final = 16
TIMEOUT: Final = 15.0
"""Seconds for one answer."""
_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answered:
    seconds: float
    """From the first request to the last answer."""
    latencies: list[float]
    """Seconds from when a request was due to the end of its answer."""
    statuses: Counter[int]


class Connection(asyncio.Protocol):
    """One request at a time, kept alive (RFC 9112, section 9.3)."""

    def __init__(self) -> None:
        self._buffer = b""
        self._answer: asyncio.Future[int] | None = None
        self._transport: asyncio.Transport

    @classmethod
    async def open(cls, url: str) -> Connection:
        address = urlsplit(url)
        transport, connection = await asyncio.get_running_loop().create_connection(
            cls, str(address.hostname), int(address.port or 80)
        )
        connection._transport = transport
        return connection

    async def ask(self, request: bytes) -> int:
        """The status of the answer, when all of it is here."""
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await asyncio.wait_for(self._answer, TIMEOUT)

    def close(self) -> None:
        self._transport.close()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, end, rest = self._buffer.partition(b"\r\n\r\n")
        length = _LENGTH.search(head + b"\r\n")
        if not end or len(rest) < (int(length[1]) if length else 0):
            return
        self._buffer = b""
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(int(head.split(b" ", 2)[1]))

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc or ConnectionError("the server closed the connection"))


class HttpClients:
    """An actor of `worker.Worker`. Requests are sent round and round."""

    def __init__(self) -> None:
        self._free: asyncio.LifoQueue[Connection] = asyncio.LifoQueue()

    async def connect(self, url: str) -> None:
        for _ in range(CONNECTIONS):
            self._free.put_nowait(await Connection.open(url))

    async def pace(self, requests: Sequence[bytes], rate: float, seconds: float) -> Answered:
        """So many requests a second, due at even intervals whether or not others are answered."""
        statuses: Counter[int] = Counter()
        latencies: list[float] = []
        began = time.monotonic()

        async def ask(number: int, due: float) -> None:
            statuses[await self._ask(requests[number % len(requests)])] += 1
            latencies.append(time.monotonic() - due)

        async with asyncio.TaskGroup() as group:
            for number in range(round(rate * seconds)):
                due = began + number / rate
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                group.create_task(ask(number, due))
        return Answered(time.monotonic() - began, latencies, statuses)

    async def flood(self, requests: Sequence[bytes], seconds: float) -> Answered:
        """Each connection asks again as soon as it is answered."""
        statuses: Counter[int] = Counter()
        latencies: list[float] = []
        numbers = count()
        began = time.monotonic()

        async def keep_asking() -> None:
            while (due := time.monotonic()) < began + seconds:
                statuses[await self._ask(requests[next(numbers) % len(requests)])] += 1
                latencies.append(time.monotonic() - due)

        async with asyncio.TaskGroup() as group:
            for _ in range(CONNECTIONS):
                group.create_task(keep_asking())
        return Answered(time.monotonic() - began, latencies, statuses)

    async def leave(self) -> None:
        while not self._free.empty():
            self._free.get_nowait().close()

    async def _ask(self, request: bytes) -> int:
        connection = await self._free.get()
        try:
            return await connection.ask(request)
        finally:
            self._free.put_nowait(connection)
