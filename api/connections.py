"""HTTP connections: how many there may be, how slow, and what is answered to no HTTP at all.

All that aiohttp bounds itself stays as it is: lines and fields of 8 KiB, 128 header fields.
"""

from __future__ import annotations

import asyncio
import resource
import socket
import ssl
from collections import Counter
from http import HTTPStatus

from aiohttp import web

from api.addresses import Addresses, subscriber
from api.problems import ProblemError, response

PATIENCE = 75.0
"""Seconds for a request's head to come, from the connection or from the last answer. Reverse
proxies keep idle connections for 60 s, and we must not be the first to close one."""
HANDSHAKE = 10.0
"""Seconds for TLS."""
LINGERING = 3.0
"""Seconds in which a body is still read that was answered without: closed before, TCP might take
the answer back."""
STUCK = 30.0
"""Seconds in which a client may take nothing of what we send."""
MOST = 20_000
RESERVED = 256
"""Files that are no connections of clients: of the database, media, what is served."""
PER_SOCKET = 8
"""Connections an address may have for each of its connections to `/ws`; a browser opens six."""


class Connections:
    """Those that are open, in all and by address."""

    def __init__(self, most: int, most_per_address: int, addresses: Addresses) -> None:
        self._most = most
        self._most_per_address = min(most_per_address, most // 2)
        self._addresses = addresses
        self._all = 0
        self._open: Counter[str] = Counter()

    def add(self, peer: str) -> bool:
        """Whether there is room for another; if so, it is counted until `remove`."""
        key = subscriber(peer)
        if self._all >= self._most:
            return False
        if self._open[key] >= self._most_per_address and not self._addresses.trusts(peer):
            return False
        self._all += 1
        self._open[key] += 1
        return True

    def remove(self, peer: str) -> None:
        key = subscriber(peer)
        self._all -= 1
        self._open[key] -= 1
        if not self._open[key]:
            del self._open[key]


def room_for_connections() -> int:
    """How many the operating system lets us have, once it is asked for all it lets us have."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    files = MOST + RESERVED if hard == resource.RLIM_INFINITY else hard
    return max(RESERVED, min(MOST, files - RESERVED))


class Site(web.BaseSite):
    """`listener`, served by a runner within bounds."""

    def __init__(
        self,
        runner: web.BaseRunner,
        listener: socket.socket,
        connections: Connections,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        super().__init__(runner, ssl_context=tls)
        self._listener = listener
        self._connections = connections

    @property
    def name(self) -> str:
        return str(self._listener.getsockname())

    async def start(self) -> None:
        await super().start()
        self._server = await asyncio.get_running_loop().create_server(
            self._protocol,
            sock=self._listener,
            backlog=self._backlog,
            ssl=self._ssl_context,
            ssl_handshake_timeout=HANDSHAKE if self._ssl_context else None,
        )

    def _protocol(self) -> Protocol:
        if self._runner.server is None:
            raise RuntimeError("the runner has been cleaned up")
        return Protocol(self._runner.server, self._connections)


class Protocol(web.RequestHandler):
    """One connection."""

    __slots__ = ("_connections", "_counted", "_stuck")

    def __init__(self, server: web.Server, connections: Connections) -> None:
        super().__init__(
            server,
            loop=asyncio.get_running_loop(),
            keepalive_timeout=PATIENCE,
            lingering_time=LINGERING,
            auto_decompress=False,
            access_log=None,  # type: ignore[arg-type]  # there is none
        )
        self._connections = connections
        self._counted: str | None = None
        self._stuck: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        peer = str((transport.get_extra_info("peername") or ("",))[0])
        if self._connections.add(peer):
            self._counted = peer
        else:
            self._abort()

    def connection_lost(self, exc: BaseException | None) -> None:
        if self._counted is not None:
            self._connections.remove(self._counted)
            self._counted = None
        self._moves()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._stuck = asyncio.get_running_loop().call_later(STUCK, self._abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._moves()

    def _moves(self) -> None:
        if self._stuck:
            self._stuck.cancel()
            self._stuck = None

    def _abort(self) -> None:
        if self.transport is not None:
            self.transport.abort()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = HTTPStatus.INTERNAL_SERVER_ERROR,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """What the application never saw, because it is no HTTP, as a problem document."""
        if request.writer.output_size > 0:
            raise ConnectionError("an answer has begun already")
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            self.log_exception("error in a connection", exc_info=exc)
        detail = "This is no HTTP request that could be understood."
        answer = response(ProblemError(HTTPStatus(status), detail))
        answer.headers.update(
            {
                "Server": "tertulia",
                "Cache-Control": "no-store",
                "X-Content-Type-Options": "nosniff",
            }
        )
        answer.force_close()
        return answer
