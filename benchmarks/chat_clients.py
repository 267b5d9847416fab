"""Many clients in one conversation: each counts what it is told, and hardly looks at it, so that
one core can be two hundred of them."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, Final
from urllib.parse import urlsplit

WORDS: Final = " Shall we meet at seven, or is that too early for those who come by train?"
"""What everybody says, after the time."""
TIMEOUT: Final = 15.0
SETTLE: Final = 0.2
"""Seconds in which nobody is told anything: all has come."""
_TEXT, _PING, _PONG = 0x1, 0x9, 0xA
_MESSAGE: Final = b'"type":"message"'
_CONTENT: Final = b'"content":"'
_REVISION: Final = b'"revision":'


@dataclass(frozen=True, slots=True)
class Heard:
    delivered: int
    """Messages, at all clients together."""
    misplaced: int
    """… that were not the next one of the conversation."""
    latencies: list[float]
    """Seconds from sending to hearing."""


class Device(asyncio.Protocol):
    """One connection to `/ws` (RFC 6455, section 5.2)."""

    def __init__(self) -> None:
        self.delivered = 0
        self.misplaced = 0
        self.latencies: list[float] = []
        self._revision = 0
        self._buffer = b""
        self._ids = count(1)
        self._replies: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._upgraded = asyncio.get_running_loop().create_future()
        self._transport: asyncio.Transport

    @classmethod
    async def connect(cls, url: str, token: str) -> Device:
        address = urlsplit(url)
        loop = asyncio.get_running_loop()
        transport, device = await loop.create_connection(
            cls, str(address.hostname), int(address.port or 80)
        )
        device._transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(
            f"GET /ws HTTP/1.1\r\nHost: {address.netloc}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
            "\r\n".encode()
        )
        async with asyncio.timeout(TIMEOUT):
            await device._upgraded
            await device.request("authenticate", token=token)
        return device

    async def request(self, type_: str, **fields: object) -> dict[str, Any]:
        number = next(self._ids)
        reply = self._replies[number] = asyncio.get_running_loop().create_future()
        self._send(json.dumps({"id": number, "type": type_, **fields}).encode(), _TEXT)
        result: dict[str, Any] = await reply
        return result

    async def say(self, conversation_id: int) -> None:
        content = f"{time.monotonic_ns()}{WORDS}"
        await self.request("send_message", conversation_id=conversation_id, content=content)

    def close(self) -> None:
        self._transport.close()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._upgraded.done():
            head, end, self._buffer = self._buffer.partition(b"\r\n\r\n")
            if not end:
                self._buffer = head
                return
            self._upgraded.set_result(None)
        position = 0
        while (frame := _frame(self._buffer, position)) is not None:
            opcode, begin, position = frame
            self._received(opcode, self._buffer[begin:position])
        self._buffer = self._buffer[position:]

    def connection_lost(self, exc: Exception | None) -> None:
        for reply in self._replies.values():
            if not reply.done():
                reply.set_exception(exc or ConnectionError("the server closed the connection"))

    def _received(self, opcode: int, payload: bytes) -> None:
        if opcode == _PING:
            self._send(payload, _PONG)
        elif opcode == _TEXT and _MESSAGE in payload[:48]:
            self._told(payload)
        elif opcode == _TEXT:
            self._answered(json.loads(payload))

    def _told(self, payload: bytes) -> None:
        self.delivered += 1
        begin = payload.index(_CONTENT) + len(_CONTENT)
        sent = int(payload[begin : payload.index(b" ", begin)])
        self.latencies.append((time.monotonic_ns() - sent) / 1e9)
        begin = payload.index(_REVISION) + len(_REVISION)
        revision = int(payload[begin : payload.index(b",", begin)])
        if self._revision and revision != self._revision + 1:
            self.misplaced += 1
        self._revision = revision

    def _answered(self, message: dict[str, Any]) -> None:
        reply = self._replies.pop(message.get("id", 0), None)
        if reply is None or reply.done():
            return
        if message["type"] == "reply":
            reply.set_result(message["result"])
        else:
            reply.set_exception(ConnectionError(json.dumps(message["error"])))

    def _send(self, payload: bytes, opcode: int) -> None:
        """Masked with zeros, which is a mask too (section 5.3)."""
        size = len(payload)
        length = bytes([0x80 | size]) if size < 126 else b"\xfe" + size.to_bytes(2, "big")
        self._transport.write(bytes([0x80 | opcode]) + length + bytes(4) + payload)


class Clients:
    """An actor of `worker.Worker`."""

    def __init__(self) -> None:
        self._devices: list[Device] = []

    async def connect(self, url: str, tokens: Sequence[str], clients: int) -> None:
        """So many, shared out evenly among the people."""
        for number in range(clients):
            self._devices.append(await Device.connect(url, tokens[number % len(tokens)]))

    async def talk(self, conversation_id: int, rate: float | None, seconds: float) -> Heard:
        """Messages a second by all together, in turn; None: everybody speaks again as soon as what
        was said before is stored. What was heard of it, once all has come."""
        for device in self._devices:
            device.delivered = device.misplaced = 0
            device.latencies = []
        if rate is None:
            await asyncio.gather(*(self._flood(d, conversation_id, seconds) for d in self._devices))
        else:
            await self._take_turns(conversation_id, rate, seconds)
        await self._silence()
        return Heard(
            sum(device.delivered for device in self._devices),
            sum(device.misplaced for device in self._devices),
            [latency for device in self._devices for latency in device.latencies],
        )

    async def leave(self) -> None:
        for device in self._devices:
            device.close()

    async def _flood(self, device: Device, conversation_id: int, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            await device.say(conversation_id)

    async def _take_turns(self, conversation_id: int, rate: float, seconds: float) -> None:
        loop, began = asyncio.get_running_loop(), time.monotonic()
        said = []
        for number in range(round(rate * seconds)):
            await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
            device = self._devices[number % len(self._devices)]
            said.append(loop.create_task(device.say(conversation_id)))
        await asyncio.gather(*said)

    async def _silence(self) -> None:
        before = -1
        while before != (now := sum(device.delivered for device in self._devices)):
            before = now
            await asyncio.sleep(SETTLE)


def _frame(data: bytes, position: int) -> tuple[int, int, int] | None:
    """Opcode, beginning and end of the payload of the frame that begins there, if it is whole."""
    if len(data) < position + 2:
        return None
    size, begin = data[position + 1], position + 2
    if size >= 126:
        width = 2 if size == 126 else 8
        size, begin = int.from_bytes(data[begin : begin + width], "big"), begin + width
    if len(data) < begin + size:
        return None
    return data[position] & 0xF, begin, begin + size
