"""A way to a TCP server that can be cut and mended."""

from __future__ import annotations

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

CHUNK = 65_536
"""Bytes."""


class TcpProxy:
    def __init__(self, target: int, port: int = 0) -> None:
        """`target`: port of the server on this machine; port 0: any."""
        self.port = port
        self._target = target
        self._server: asyncio.Server | None = None
        self._open: set[StreamWriter] = set()

    async def mend(self) -> None:
        self._server = await asyncio.start_server(self._connected, "localhost", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Every connection breaks, and new ones are refused."""
        if self._server is None:
            return
        self._server.close()
        for writer in self._open:
            writer.transport.abort()
        await self._server.wait_closed()
        self._server = None

    async def _connected(self, reader: StreamReader, writer: StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("localhost", self._target)
        both = {writer, far_writer}
        self._open |= both
        await asyncio.gather(_copy(reader, far_writer), _copy(far_reader, writer))
        self._open -= both


async def _copy(reader: StreamReader, writer: StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


@asynccontextmanager
async def tcp_proxy(target: int) -> AsyncIterator[TcpProxy]:
    proxy = TcpProxy(target)
    await proxy.mend()
    try:
        yield proxy
    finally:
        await proxy.cut()
