"""A client of `/ws` for load generators and tests: no more than docs/signaling.md tells.

async with aiohttp.ClientSession() as http:
    client = await SignalingClient.connect(http, "http://localhost:8080/ws")
    await client.authenticate(token)
    joined = (await client.request("join", meeting_id="abc"))["joined"]
    async for message in client.messages():
        ...
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Callable
from itertools import count
from typing import Any

import aiohttp

JsonObject = dict[str, Any]
TIMEOUT = 15.0
"""Seconds for anything the server is asked for."""


class SignalingError(Exception):
    """A request failed. `code` is the server's, or `connection_lost`."""

    def __init__(self, code: str, message: str, field: str | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.field = field


class SignalingClient:
    """One signaling session. `resume` continues it on a new connection."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self.session_id: str | None = None
        self.secret: str | None = None
        self.last_event = 0
        self.closing: JsonObject | None = None
        """The server's last word, if it closed the connection with one."""
        self.on_message: Callable[[JsonObject], None] | None = None
        """Called with every event and state instead of keeping it for `messages`."""
        self._http = http
        self._url = url
        self._ids = count(1)
        self._replies: dict[int, asyncio.Future[JsonObject]] = {}
        self._messages: deque[JsonObject] = deque()
        self._arrived = asyncio.Event()
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._reader: asyncio.Task[None] | None = None

    @classmethod
    async def connect(cls, http: aiohttp.ClientSession, url: str) -> SignalingClient:
        client = cls(http, url)
        await client._open()
        return client

    async def authenticate(self, token: str) -> JsonObject:
        return await self._authenticated(token, {})

    async def resume(self, token: str) -> bool:
        """Reconnect; False: whatever was joined is gone."""
        await self.close()
        await self._open()
        ticket = {**self.ticket, "last_event": self.last_event}
        result = await self._authenticated(token, {"resume": ticket})
        if not result["resumed"]:
            self.last_event = 0
        return bool(result["resumed"])

    @property
    def ticket(self) -> JsonObject:
        """For `replaces` in the join of another session."""
        return {"session_id": self.session_id, "secret": self.secret}

    @property
    def connected(self) -> bool:
        return self._reader is not None and not self._reader.done()

    async def request(self, type_: str, **fields: object) -> JsonObject:
        """The result. Raises SignalingError."""
        number = next(self._ids)
        reply: asyncio.Future[JsonObject] = asyncio.get_running_loop().create_future()
        self._replies[number] = reply
        try:
            await self.send(json.dumps({"id": number, "type": type_, **fields}))
            async with asyncio.timeout(TIMEOUT):
                return await reply
        finally:
            del self._replies[number]

    async def send(self, text: str) -> None:
        """Anything at all, as one text message."""
        if self._socket is None or not self.connected:
            raise SignalingError("connection_lost", "There is no connection.")
        try:
            await self._socket.send_str(text)
        except ConnectionError as error:
            raise SignalingError("connection_lost", str(error)) from error

    async def messages(self) -> AsyncIterator[JsonObject]:
        """Events and states as they come, until the connection ends. For one reader at a time."""
        while True:
            while self._messages:
                yield self._messages.popleft()
            if not self.connected:
                return
            self._arrived.clear()
            await self._arrived.wait()

    async def expect(self, type_: str, **fields: object) -> JsonObject:
        """The next message of a type, with these fields; what came before it is dropped."""
        wanted = {"type": type_, **fields}.items()
        async with asyncio.timeout(TIMEOUT):
            async for message in self.messages():
                if wanted <= message.items():
                    return message
        raise SignalingError("connection_lost", f"Ended before {type_} came.")

    async def closed(self) -> JsonObject | None:
        """Wait until the connection is over; why, if the server said so."""
        if self._reader:
            async with asyncio.timeout(TIMEOUT):
                await asyncio.wait({self._reader})
        return self.closing

    async def close(self) -> None:
        """Close the connection only: the session goes on until its grace period is over."""
        if self._socket:
            await self._socket.close()
        await self.closed()

    async def _open(self) -> None:
        self.closing = None
        self._socket = await self._http.ws_connect(self._url, max_msg_size=0)
        self._reader = asyncio.create_task(self._read(self._socket))

    async def _authenticated(self, token: str, fields: JsonObject) -> JsonObject:
        result = await self.request("authenticate", token=token, **fields)
        self.session_id = result["session_id"]
        self.secret = result["secret"]
        return result

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for frame in socket:
            if frame.type is aiohttp.WSMsgType.TEXT:
                self._received(json.loads(frame.data))
        for reply in self._replies.values():
            if not reply.done():
                reply.set_exception(SignalingError("connection_lost", "The connection ended."))
        self._arrived.set()

    def _received(self, message: JsonObject) -> None:
        match message["type"]:
            case "reply":
                self._answered(message["id"], message["result"])
            case "error" if message["id"] in self._replies:
                self._answered(message["id"], SignalingError(**message["error"]))
            case "closing":
                self.closing = message
            case _:
                self._noticed(message)

    def _answered(self, number: int, outcome: JsonObject | SignalingError) -> None:
        reply = self._replies.get(number)
        if reply is None or reply.done():
            return
        if isinstance(outcome, SignalingError):
            reply.set_exception(outcome)
        else:
            reply.set_result(outcome)

    def _noticed(self, message: JsonObject) -> None:
        self.last_event = message.get("event", self.last_event)
        if self.on_message:
            self.on_message(message)
            return
        self._messages.append(message)
        self._arrived.set()
