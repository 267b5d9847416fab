"""A NAT in front of one client: a UDP relay whose outer port can change."""

from __future__ import annotations

import asyncio
from typing import Self, cast

from tests.support.waiting import Waiting


class Binding(asyncio.DatagramProtocol, Waiting):
    """An outer port of the NAT."""

    def __init__(self, relay: Relay) -> None:
        Waiting.__init__(self)
        self._relay = relay
        self.media = 0
        """SRTP and SRTCP datagrams that came in from the server."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: object) -> None:
        self.media += data[0] >= 128
        self._relay.pass_inside(data)
        self.notify()

    async def carries_media(self) -> None:
        """Wait until the server sends media to this port."""
        seen = self.media
        await self.until(lambda: self.media > seen)


class Relay(asyncio.DatagramProtocol):
    """Between one client, who sends to `port`, and the server."""

    def __init__(self, server_port: int) -> None:
        self.port = 0
        self._server_port = server_port
        self._bindings: list[Binding] = []
        self._client: tuple[str, int] | None = None

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", 0))
        await self.rebind()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._inside.close()
        for binding in self._bindings:
            binding.transport.close()

    async def rebind(self) -> Binding:
        """From now on another outer port; what comes in at the old one is lost."""
        loop = asyncio.get_running_loop()
        _, binding = await loop.create_datagram_endpoint(
            lambda: Binding(self),
            local_addr=("127.0.0.1", 0),
            remote_addr=("127.0.0.1", self._server_port),
        )
        for old in self._bindings:
            old.transport.close()
        self._bindings.append(binding)
        return binding

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._inside = cast(asyncio.DatagramTransport, transport)
        self.port = int(transport.get_extra_info("sockname")[1])

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._client = addr
        self._bindings[-1].transport.sendto(data)

    def pass_inside(self, data: bytes) -> None:
        if self._client is not None:
            self._inside.sendto(data, self._client)
