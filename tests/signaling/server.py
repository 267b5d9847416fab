"""`/ws` on a real socket, with everything behind it faked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web

from benchmarks.signaling_client import SignalingClient
from signaling.limits import Limits
from signaling.media import MediaServer
from signaling.socket import Gateway
from tests.signaling.fakes import (
    FakeMedia,
    FakeMeetings,
    FakeTokens,
    guest,
    invite_url,
    meeting,
    user,
    verify_password,
)


class Server:
    """Tokens `ana` and `ben` are users 1 and 2, `guest` is guest 1 of the meeting `standup`."""

    def __init__(
        self, http: aiohttp.ClientSession, limits: Limits, sfu: MediaServer | None
    ) -> None:
        self.http = http
        self.media = FakeMedia()
        self.meetings = FakeMeetings(meeting(), meeting("private", guests_allowed=False))
        self.tokens = FakeTokens({"ana": user(1), "ben": user(2), "guest": guest(1)})
        self.gateway = Gateway(
            sfu or self.media,
            self.meetings,
            self.tokens,
            self.tokens.expiry,
            invite_url,
            verify_password,
            limits,
        )
        app = web.Application()
        app.router.add_get("/ws", self.gateway.handle)
        self.runner = web.AppRunner(app, access_log=None)
        self.bystander: SignalingClient
        """Somebody in the meeting whom a test must not disturb."""

    async def start(self) -> None:
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", 0).start()

    @property
    def url(self) -> str:
        ((host, port),) = self.runner.addresses
        return f"http://{host}:{port}/ws"

    @property
    def connections(self) -> int:
        """TCP connections that are open or still being handled."""
        return len(self._http_server.connections)

    @property
    def transports(self) -> list[asyncio.Transport]:
        """Of the TCP connections that are open."""
        transports = [protocol.transport for protocol in self._http_server.connections]
        return [transport for transport in transports if isinstance(transport, asyncio.Transport)]

    @property
    def _http_server(self) -> web.Server:
        assert self.runner.server
        return self.runner.server

    async def connect(self) -> SignalingClient:
        return await SignalingClient.connect(self.http, self.url)

    async def authenticated(self, token: str) -> SignalingClient:
        client = await self.connect()
        await client.authenticate(token)
        return client

    async def joined(self, token: str, meeting_id: str = "standup") -> tuple[SignalingClient, str]:
        """The client, and its participant id."""
        client = await self.authenticated(token)
        joined = (await client.request("join", meeting_id=meeting_id))["joined"]
        return client, joined["participant_id"]


@asynccontextmanager
async def serve(
    limits: Limits | None = None, sfu: MediaServer | None = None
) -> AsyncIterator[Server]:
    """`sfu` instead of the fake one."""
    async with aiohttp.ClientSession() as http:
        server = Server(http, limits or Limits(), sfu)
        await server.start()
        try:
            yield server
        finally:
            await server.gateway.close()
            await server.runner.cleanup()


async def until(condition: Callable[[], bool]) -> None:
    """For what a server does on its own time and tells nobody."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - there is no event to wait for
            await asyncio.sleep(0.01)
