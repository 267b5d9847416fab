"""What the kernel alone takes to send as much to as many: a bare loop of sends, one to each of many
TCP connections. Nobody who writes to sockets one by one gets below it with lone messages."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Sequence
from typing import Final

from benchmarks.worker import Worker

SIZE: Final = 420
"""Bytes; about a message as a client gets it."""
_GAP: Final = 0.1
"""Seconds between two rounds."""


class Sender:
    """An actor of `worker.Worker`."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self._connections: list[socket.socket] = []

    async def port(self) -> int:
        port: int = self._listener.getsockname()[1]
        return port

    async def accept(self, count: int) -> None:
        for _ in range(count):
            connection, _ = self._listener.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.setblocking(False)
            self._connections.append(connection)

    async def send(self, seconds: float) -> float:
        """CPU seconds for each send."""
        data, used, rounds = bytes(SIZE), 0.0, max(1, round(seconds / _GAP))
        for _ in range(rounds):
            began = time.process_time()
            for connection in self._connections:
                connection.send(data)
            used += time.process_time() - began
            await asyncio.sleep(_GAP)
        return used / rounds / len(self._connections)


class Receivers:
    """An actor of `worker.Worker`."""

    async def connect(self, port: int, count: int) -> None:
        loop = asyncio.get_running_loop()
        for _ in range(count):
            await loop.create_connection(asyncio.Protocol, "127.0.0.1", port)


def measure(
    clients: int, seconds: float, server_cpus: Sequence[int], other_cpus: Sequence[int]
) -> float:
    """µs of CPU for each send."""
    with Worker(Sender, server_cpus) as sender, Worker(Receivers, other_cpus) as receivers:
        receivers.call(Receivers.connect, sender.call(Sender.port), clients)
        sender.call(Sender.accept, clients)
        return 1e6 * sender.call(Sender.send, seconds)
