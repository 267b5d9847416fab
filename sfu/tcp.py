"""Media over TCP (RFC 6544), for clients whose network lets no UDP out.

A gateway beside one engine: it takes datagrams out of each client's TCP stream (RFC 4571) and
hands them to the engine by UDP, from a socket of that client's own on this machine, and back. So
the engine knows nothing of TCP, and whatever it drops, counts or answers is the same. Who connects
here is nobody yet: a stream must begin with STUN, and ends if the engine has not answered soon.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import resource
import socket
from collections import Counter
from typing import cast

from sfu.engine.interface import MAX_DATAGRAM, Path

MOST = 1000
FILES_SHARE = 8
"""Of the files that we may open, one part in so many for these connections, each of which takes
two."""
MOST_PER_ADDRESS = 100
"""A whole school may share one."""
VALIDATION = 10.0
"""Seconds until the engine must have answered: it answers only who knows a meeting's password."""
SILENCE = 30.0
"""Seconds after which a stream without a word from the client is over; clients check every few."""
QUEUE = 512 * 1024
"""Bytes that may wait for a client. What comes then is dropped, as on a way that is too thin."""
BATCH = 64
"""Datagrams of one client per turn of the loop."""
_HEAD = 2
"""Bytes of a frame's length (RFC 4571, section 2)."""
_STUN = range(4)
"""First bytes of STUN (RFC 7983)."""

logger = logging.getLogger(__name__)

Address = tuple[str, int]


class FrameError(Exception):
    """This is no stream of datagrams that we take."""


class Frames:
    """Datagrams out of a stream, however it is cut."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[bytes]:
        """Those that are complete now. Raises FrameError."""
        stream, at, found = self._rest + data, 0, []
        while len(stream) - at >= _HEAD:
            size = int.from_bytes(stream[at : at + _HEAD], "big")
            if size > MAX_DATAGRAM:
                raise FrameError(f"a frame of {size} bytes")
            if len(stream) - at < _HEAD + size:
                break
            if size:
                found.append(stream[at + _HEAD : at + _HEAD + size])
            at += _HEAD + size
        self._rest = stream[at:]
        return found


def frame(datagram: bytes) -> bytes:
    return len(datagram).to_bytes(_HEAD, "big") + datagram


class TcpGateway:
    """Make it by `start`."""

    def __init__(self, engine: Address) -> None:
        """`engine`: where its UDP socket is reached from here."""
        self.engine = engine
        self.dropped = 0
        """Datagrams that a client did not take in time."""
        self._server: asyncio.Server | None = None
        self._clients: dict[Address, _Client] = {}
        """By the address that the engine sees."""
        self._addresses: Counter[str] = Counter()
        files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        self._most = MOST if files == resource.RLIM_INFINITY else min(MOST, files // FILES_SHARE)

    @classmethod
    async def start(cls, host: str, port: int) -> TcpGateway:
        """Listens where the engine's UDP socket is bound. Raises OSError if it cannot."""
        loopback = {"::": "127.0.0.1", "0.0.0.0": "127.0.0.1"}  # noqa: S104 - recognised
        gateway = cls((loopback.get(host, host), port))
        listener = _listen(host, port)
        try:
            loop = asyncio.get_running_loop()
            gateway._server = await loop.create_server(lambda: _Client(gateway), sock=listener)
        except BaseException:
            listener.close()
            raise
        return gateway

    def origin(self, path: Path) -> Address:
        """Where whoever comes by `path` really is."""
        client = self._clients.get((path.host, path.port))
        return (path.host, path.port) if client is None else client.peer

    @property
    def connections(self) -> int:
        return len(self._clients)

    def close(self) -> None:
        """Idempotent."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for client in list(self._clients.values()):
            client.abort()

    def admit(self, client: _Client, inside: Address) -> bool:
        """Whether there is room for it; if so, until `forget`."""
        host = client.peer[0]
        if len(self._clients) >= self._most or self._addresses[host] >= MOST_PER_ADDRESS:
            return False
        self._clients[inside] = client
        self._addresses[host] += 1
        return True

    def forget(self, inside: Address) -> None:
        client = self._clients.pop(inside, None)
        if client is None:
            return
        host = client.peer[0]
        self._addresses[host] -= 1
        if not self._addresses[host]:
            del self._addresses[host]


class _Client(asyncio.Protocol):
    """One stream, with its socket to the engine."""

    def __init__(self, gateway: TcpGateway) -> None:
        self.peer: Address = ("", 0)
        self._gateway = gateway
        self._loop = asyncio.get_running_loop()
        self._frames = Frames()
        self._transport: asyncio.Transport | None = None
        self._inside: socket.socket | None = None
        self._inside_address: Address = ("", 0)
        self._answered = False
        self._began = False
        self._heard = 0.0
        """When, in the loop's time."""
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        host, port = (transport.get_extra_info("peername") or ("", 0))[:2]
        self.peer = (host.removeprefix("::ffff:"), port)
        try:
            self._open()
        except OSError as error:
            logger.warning("no socket for a TCP client: %s", error)
            self.abort()

    def _open(self) -> None:
        family = socket.AF_INET6 if ":" in self._gateway.engine[0] else socket.AF_INET
        inside = socket.socket(family, socket.SOCK_DGRAM)
        inside.setblocking(False)
        inside.connect(self._gateway.engine)
        self._inside = inside
        self._inside_address = inside.getsockname()[:2]
        if not self._gateway.admit(self, self._inside_address):
            self.abort()
            return
        self._loop.add_reader(inside, self._readable)
        self._heard = self._loop.time()
        self._timer = self._loop.call_later(VALIDATION, self._look)

    def data_received(self, data: bytes) -> None:
        self._heard = self._loop.time()
        try:
            datagrams = self._frames.feed(data)
        except FrameError:
            self.abort()
            return
        for datagram in datagrams:
            if not self._began and datagram[0] not in _STUN:
                self.abort()
                return
            self._began = True
            if self._inside is not None:
                with contextlib.suppress(OSError):  # as a datagram that is lost
                    self._inside.send(datagram)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._inside is not None:
            self._loop.remove_reader(self._inside)
            self._inside.close()
            self._inside = None
            self._gateway.forget(self._inside_address)

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _readable(self) -> None:
        """From the engine."""
        if self._inside is None or self._transport is None:
            return
        frames = []
        with contextlib.suppress(OSError):  # no more for now
            for _ in range(BATCH):
                frames.append(frame(self._inside.recv(MAX_DATAGRAM)))
        self._answered = self._answered or bool(frames)
        if self._transport.get_write_buffer_size() > QUEUE:
            self._gateway.dropped += len(frames)
        else:
            self._transport.write(b"".join(frames))

    def _look(self) -> None:
        """Is this still somebody?"""
        if not self._answered or self._loop.time() - self._heard > SILENCE:
            self.abort()
            return
        self._timer = self._loop.call_later(SILENCE / 2, self._look)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, int(host != "::"))
        listener.bind((host, port))
        listener.listen(128)
        listener.setblocking(False)
    except BaseException:
        listener.close()
        raise
    return listener
