"""`/ws`: hands each WebSocket to a `Connection`, and closes them all in the end."""

from __future__ import annotations

import asyncio
import contextlib
import time

from aiohttp import web

from signaling.connection import Connection
from signaling.correlation import Tracer, Untraced
from signaling.entrance import Entrance
from signaling.hub import Hub, InviteUrl
from signaling.identity import Authenticate, LoginExpiry
from signaling.limits import Limits
from signaling.media import MediaServer
from signaling.messages import Closing
from signaling.store import MeetingStore, VerifyPassword
from signaling.turn import Turn

DEFAULT_LIMITS = Limits()


class Gateway:
    """Sessions and live meetings live as long as this does."""

    def __init__(
        self,
        media: MediaServer,
        meetings: MeetingStore,
        authenticate: Authenticate,
        login_expiry: LoginExpiry,
        invite_url: InviteUrl,
        verify_password: VerifyPassword,
        limits: Limits = DEFAULT_LIMITS,
        tracer: Tracer | None = None,
        turn: Turn | None = None,
    ) -> None:
        self.hub = Hub(
            media,
            meetings,
            invite_url,
            limits,
            verify_password,
            tracer or Untraced(),
            turn or Turn((), "", time.time),
        )
        self._authenticate = authenticate
        self._login_expiry = login_expiry
        self._entrance = Entrance(limits)
        self._connections: dict[Connection, asyncio.Event] = {}
        self._draining = False
        self._stopping = False

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        """Serve one WebSocket until it ends."""
        if self._stopping:
            raise web.HTTPServiceUnavailable
        connection = Connection(self.hub, self._authenticate, self._login_expiry, self._entrance)
        over = self._connections[connection] = asyncio.Event()
        self._entrance.open(connection.outbox)
        try:
            return await connection.run(request)
        finally:
            del self._connections[connection]
            self._entrance.close(connection.outbox)
            closing = connection.outbox.closing
            self.hub.observer.closed(closing.reason if closing else None)
            over.set()

    @property
    def stopping(self) -> bool:
        return self._draining or self._stopping

    async def drain(self, seconds: float) -> None:
        """Let no meeting begin any more, and wait until the last one is over, at most so long."""
        self._draining = True
        now = asyncio.get_running_loop().time()
        self.hub.stop_at(now + seconds, now)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.hub.quiet.wait()

    async def close(self) -> None:
        """Say goodbye to every client, then end all meetings. Takes 4 `limits.close` at most."""
        self._stopping = True
        goodbye = Closing(reason="server_stopping", message="The server stops; please come back.")
        for connection in self._connections:
            connection.outbox.finish(goodbye)
        waits = [asyncio.create_task(over.wait()) for over in self._connections.values()]
        if waits:
            await asyncio.wait(waits, timeout=4 * self.hub.limits.close)
        for wait in waits:
            wait.cancel()
        self.hub.close()
