"""One WebSocket: where signaling meets I/O and the clock.

A connection has one task that reads, handles and queues, and one that writes. Whichever ends first
ends the other, and every wait has a time-out. The session it serves goes on without it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterable
from contextvars import Context

from aiohttp import WSCloseCode, WSMsgType, web

from signaling import handlers
from signaling.admission import Refused, enter, identify, refused
from signaling.bucket import TokenBucket
from signaling.correlation import TRACE, note, noted, where, who
from signaling.entrance import Entrance
from signaling.errors import RequestError
from signaling.expiry import Expiry
from signaling.frames import text_frames
from signaling.hub import Hub
from signaling.identity import Authenticate as CheckToken
from signaling.identity import LoginExpiry
from signaling.limits import Limits
from signaling.messages import MAX_MESSAGE, Closing
from signaling.outbox import Outbox, encode
from signaling.session import Session

log = logging.getLogger(__name__)

CHUNK = 64 * 1024
"""Bytes after which to look whether the client takes them."""
MESSAGE_UNIT = 16 * 1024
"""Bytes. A message costs one token of its connection's bucket, and one more for each of these."""


class Connection:
    """`run` it once. To end it, `outbox.finish` it with the reason."""

    def __init__(
        self, hub: Hub, check_token: CheckToken, login_expiry: LoginExpiry, entrance: Entrance
    ) -> None:
        self._hub = hub
        self._entrance = entrance
        self._check_token = check_token
        self._login_expiry = login_expiry
        self._limits = hub.limits
        self._loop = asyncio.get_running_loop()
        self._wake = asyncio.Event()
        self._socket = _Socket(hub.limits)
        self._bucket = TokenBucket(hub.limits.rate, hub.limits.burst, self._loop.time())
        self._session: Session | None = None
        self._expiry: Expiry | None = None
        self._reader: asyncio.Task[None] | None = None
        self._said_all = False
        self.outbox = Outbox(hub.limits, self._ready)

    async def run(self, request: web.Request) -> web.WebSocketResponse:
        await self._socket.prepare(request)
        self._reader = asyncio.create_task(self._read())
        writer = asyncio.create_task(self._write(request))
        try:
            await asyncio.wait({self._reader, writer}, return_when=asyncio.FIRST_COMPLETED)
            self.outbox.finish()
            await asyncio.wait({writer}, timeout=self._limits.close)
        finally:
            self._release()
            await _cancel(self._reader, writer)
            await self._close(request.transport)
        return self._socket

    def _ready(self) -> None:
        self._wake.set()
        if self.outbox.finished and self._reader:
            self._reader.cancel()

    async def _read(self) -> None:
        try:
            session = await self._admit()
            while True:
                # No name for the message: an offer of 50 kB would stay until the next one comes.
                reply = await handlers.answer(self._hub, session, await self._receive())
                self.outbox.put(encode(reply))
        except Refused as error:
            log.info("refused: %s", error)
            if error.failure:
                self.outbox.put(encode(error.failure))
            self.outbox.finish(error.closing)
        except ConnectionError:
            return

    async def _admit(self) -> Session:
        try:
            async with asyncio.timeout(self._limits.authentication):
                message = await self._receive()
                tracer = self._hub.tracer
                with tracer.span("/ws authenticate") as span, noted(**{TRACE: span.trace_id}):
                    request, identity = await identify(self._check_token, message)
        except TimeoutError:
            raise Refused("not_authenticated", "Authenticate first.") from None
        try:
            self._entrance.admit(self.outbox, identity, self._loop.time())
        except RequestError as error:
            raise refused("too_many_requests", request.id, error.problem) from None
        self._session = enter(self._hub, request, identity, self.outbox)
        note(**who(self._session))
        self._hub.tell_stop(self._session, self._loop.time())
        self._expiry = Expiry(self._login_expiry, identity, self._login_ended)
        return self._session

    def _login_ended(self) -> None:
        self.outbox.finish(
            Closing(reason="session_ended", message="Your login has ended; please sign in again.")
        )

    async def _receive(self) -> str | bytes:
        """The next message. Raises Refused if they are too many, ConnectionError at the end."""
        message = await self._socket.receive()
        if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
            raise ConnectionResetError
        data: str | bytes = message.data
        if not self._bucket.take(self._loop.time(), 1 + len(data) // MESSAGE_UNIT):
            raise Refused("too_many_requests", "Too many messages; please slow down.")
        return data

    async def _write(self, request: web.Request) -> None:
        with contextlib.suppress(ConnectionError, TimeoutError):
            while True:
                while chunk := self._chunk():
                    await self._send(request, chunk)
                if self.outbox.finished:
                    self._said_all = True
                    return
                self._wake.clear()
                await self._wake.wait()

    async def _send(self, request: web.Request, chunk: Iterable[bytes]) -> None:
        transport = request.transport
        if transport is None or transport.is_closing() or self._socket.closed:
            raise ConnectionResetError
        transport.write(text_frames(chunk))
        if request.protocol.writing_paused:
            async with asyncio.timeout(self._limits.send):
                await request.writer.drain()

    def _chunk(self) -> list[bytes]:
        """What waits, as far as it goes into one write."""
        chunk, size = [], 0
        while size < CHUNK and (frame := self.outbox.pop()) is not None:
            chunk.append(frame)
            size += len(frame)
        return chunk

    def _release(self) -> None:
        """Let the session go; it ends after its grace period, unless it is taken up again."""
        if self._expiry:
            self._expiry.cancel()
        closing = self.outbox.closing
        known = who(self._session) | where(self._session) if self._session else {}
        with noted(**known):
            log.info("connection ended: %s", closing.reason if closing else "not by us")
        if self._session:
            deadline = self._hub.lose(self._session, self.outbox, self._loop.time())
            if deadline is not None:
                # Whom it ends need not be whose connection this was.
                self._loop.call_at(deadline, self._hub.expire, deadline, context=Context())

    async def _close(self, transport: asyncio.Transport | None) -> None:
        """A peer that does not take what we say, to the last byte, is cut off."""
        if transport and not self._said_all:
            transport.abort()
        await self._socket.close()
        if transport and transport.get_write_buffer_size():
            transport.abort()


class _Socket(web.WebSocketResponse):
    """Without compression: a small message cannot unpack into a large one."""

    def __init__(self, limits: Limits) -> None:
        super().__init__(
            heartbeat=limits.heartbeat,
            compress=False,
            max_msg_size=MAX_MESSAGE + 1,  # aiohttp takes only less
        )
        self._patience = limits.close

    async def close(
        self, *, code: int = WSCloseCode.OK, message: bytes = b"", drain: bool = True
    ) -> bool:
        """Also called by aiohttp itself, on a message too large: give the reason before."""
        if code == WSCloseCode.MESSAGE_TOO_BIG and not self.closed:
            await self._refuse_large_message()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._patience):
                await super().close(code=code, message=message, drain=drain)
        return True

    async def _refuse_large_message(self) -> None:
        """What is still coming is discarded for a moment: closing a TCP connection with unread data
        resets it, and the reset would overtake the reason."""
        closing = Closing(
            reason="message_too_large", message=f"A message has at most {MAX_MESSAGE} bytes."
        )
        with contextlib.suppress(ConnectionError):
            await self.send_frame(encode(closing), WSMsgType.TEXT)
        await asyncio.sleep(self._patience)


async def _cancel(*tasks: asyncio.Task[None]) -> None:
    for task in tasks:
        task.cancel()
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(result, Exception):
            log.error("connection failed", exc_info=result)
