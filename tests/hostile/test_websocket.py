"""Hostile WebSocket clients: each gets a named error, and nobody else notices."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import aiohttp
import pytest
import pytest_asyncio

from signaling.limits import Limits
from signaling.messages import MAX_MESSAGE
from tests.signaling.fakes import JsonObject, user
from tests.signaling.server import Server, serve, until

PING = {"id": 1, "type": "ping"}


class Attacker:
    """A bare WebSocket."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket

    async def send(self, message: object) -> None:
        await self.socket.send_str(message if isinstance(message, str) else json.dumps(message))

    async def authenticate(self) -> None:
        await self.send({"id": 0, "type": "authenticate", "token": "ana"})
        assert (await self.receive())["type"] == "reply"

    async def receive(self) -> JsonObject:
        async with asyncio.timeout(10):
            message: JsonObject = await self.socket.receive_json()
        return message

    async def rest(self) -> list[JsonObject]:
        """All that comes until the server closes the connection."""
        async with asyncio.timeout(10):
            return [json.loads(frame.data) async for frame in self.socket]


@asynccontextmanager
async def attack(server: Server) -> AsyncIterator[Attacker]:
    async with server.http.ws_connect(server.url) as socket:
        yield Attacker(socket)


@asynccontextmanager
async def watched(limits: Limits | None = None) -> AsyncIterator[Server]:
    """A server whose `bystander` is in a meeting all the time, and hears and loses nothing."""
    async with serve(limits) as server:
        bystander, _ = await server.joined("ben")
        server.bystander = bystander
        yield server
        assert await bystander.request("ping") == {}
        assert bystander.last_event == 0


@pytest_asyncio.fixture
async def server() -> AsyncIterator[Server]:
    async with watched() as running:
        yield running


@pytest.mark.parametrize(
    ("message", "code", "number"),
    [
        (PING, "not_authenticated", 1),
        ({"id": 2, "type": "join", "meeting_id": "standup"}, "not_authenticated", 2),
        ({"id": 3, "type": "nonsense"}, "unknown_type", 3),
        ({"type": "authenticate", "token": "ana"}, "bad_message", None),
        ({"id": 4, "type": "authenticate"}, "bad_message", 4),
        ({"id": 5, "type": "authenticate", "token": ""}, "bad_message", 5),
        ({"id": 6, "type": "authenticate", "token": "x" * 5000}, "bad_message", 6),
        ("nonsense", "bad_message", None),
        ("[]", "bad_message", None),
        ("", "bad_message", None),
    ],
)
async def test_the_first_message_must_authenticate(
    server: Server, message: object, code: str, number: int | None
) -> None:
    async with attack(server) as attacker:
        await attacker.send(message)
        failure, closing = await attacker.rest()
        assert (failure["error"]["code"], failure["id"]) == (code, number)
        assert closing["reason"] == "not_authenticated"


@pytest.mark.parametrize("token", ["forged", "expired", "eyJhbGciOiJub25lIn0.e30.", "\0", "💥"])
async def test_a_bad_token_is_refused(server: Server, token: str) -> None:
    async with attack(server) as attacker:
        await attacker.send({"id": 8, "type": "authenticate", "token": token})
        failure, closing = await attacker.rest()
        assert (failure["error"]["code"], failure["id"]) == ("bad_token", 8)
        assert closing["reason"] == "bad_token"
    assert len(server.gateway.hub.sessions) == 1


async def test_a_token_that_cannot_be_checked_lets_nobody_in(server: Server) -> None:
    async with attack(server) as attacker:
        await attacker.send({"id": 8, "type": "authenticate", "token": "database-down"})
        failure, closing = await attacker.rest()
        assert failure["error"]["code"] == "unavailable"
        assert "password" not in json.dumps(failure)
        assert closing["reason"] == "not_authenticated"


async def test_binary_before_authentication_closes(server: Server) -> None:
    async with attack(server) as attacker:
        await attacker.socket.send_bytes(b'{"id":1,"type":"authenticate","token":"ana"}')
        failure, closing = await attacker.rest()
        assert failure["error"]["code"] == "bad_message"
        assert closing["reason"] == "not_authenticated"


async def test_a_silent_stranger_is_not_kept() -> None:
    async with watched(Limits(authentication=0.05)) as server, attack(server) as attacker:
        (closing,) = await attacker.rest()
        assert closing["reason"] == "not_authenticated"


@pytest.mark.parametrize(
    ("message", "code", "field"),
    [
        ("nonsense", "bad_message", None),
        ("[1, 2]", "bad_message", None),
        ("{", "bad_message", None),
        ("[" * 100_000, "bad_message", None),
        ({"type": "ping"}, "bad_message", "id"),
        ({"id": "1", "type": "ping"}, "bad_message", "id"),
        ({"id": 1}, "bad_message", "type"),
        ({"id": 1, "type": "shutdown"}, "unknown_type", "type"),
        ({"id": 1, "type": "mute", "track_id": 5, "muted": True}, "bad_message", "track_id"),
        ({"id": 1, "type": "offer", "sdp": "x" * 300_000}, "bad_message", "sdp"),
        ({"id": 1, "type": "authenticate", "token": "ana"}, "already_authenticated", None),
        ({"id": 1, "type": "leave"}, "not_joined", None),
    ],
)
async def test_a_bad_request_is_named_and_the_connection_stays(
    server: Server, message: object, code: str, field: str | None
) -> None:
    async with attack(server) as attacker:
        await attacker.authenticate()
        await attacker.send(message)
        error = (await attacker.receive())["error"]
        assert (error["code"], error["field"]) == (code, field)
        await attacker.send(PING)
        assert await attacker.receive() == {"type": "reply", "id": 1, "result": {}}


async def test_binary_is_refused_and_the_connection_stays(server: Server) -> None:
    async with attack(server) as attacker:
        await attacker.authenticate()
        await attacker.socket.send_bytes(os.urandom(1000))
        assert (await attacker.receive())["error"]["code"] == "bad_message"
        await attacker.send(PING)
        assert (await attacker.receive())["type"] == "reply"


async def test_the_largest_message_is_read(server: Server) -> None:
    async with attack(server) as attacker:
        await attacker.authenticate()
        await attacker.send(padded(MAX_MESSAGE))
        assert (await attacker.receive())["type"] == "reply"


@pytest.mark.parametrize("size", [MAX_MESSAGE + 1, 8 * MAX_MESSAGE])
@pytest.mark.parametrize("authenticated", [True, False])
async def test_a_larger_message_closes(size: int, authenticated: bool) -> None:
    async with watched(Limits(close=0.2)) as server, attack(server) as attacker:
        if authenticated:
            await attacker.authenticate()
        await attacker.send(padded(size))
        (closing,) = await attacker.rest()
        assert closing["reason"] == "message_too_large"


async def test_a_message_too_large_in_fragments_closes() -> None:
    """The limit holds for the message, however many frames it comes in."""
    async with watched(Limits(close=0.2)) as server, attack(server) as attacker:
        await attacker.authenticate()
        with_fin, text, continuation = 0x80, 0x1, 0x0
        connection = attacker.socket._response.connection
        assert connection
        assert isinstance(connection.transport, asyncio.Transport)
        for opcode in [text] + [continuation] * 20:
            assert not opcode & with_fin
            connection.transport.write(masked_frame(opcode, b"x" * 60_000))
        (closing,) = await attacker.rest()
        assert closing["reason"] == "message_too_large"


async def test_compression_is_not_negotiated(server: Server) -> None:
    """So a small message cannot unpack into a large one."""
    async with server.http.ws_connect(server.url, compress=15) as socket:
        assert socket.compress == 0


async def test_a_flood_is_cut_off(server: Server) -> None:
    async with attack(server) as attacker:
        await attacker.authenticate()
        with_room = int(Limits().burst)
        for _ in range(4 * with_room):
            if attacker.socket.closed:
                break
            await attacker.send(PING)
        answers = await attacker.rest()
        assert answers[-1]["reason"] == "too_many_requests"
        assert len(answers) < 2 * with_room


async def test_large_messages_count_more(server: Server) -> None:
    async with attack(server) as attacker:
        await attacker.authenticate()
        for _ in range(8):
            if attacker.socket.closed:
                break
            await attacker.send(padded(MAX_MESSAGE))
        assert (await attacker.rest())[-1]["reason"] == "too_many_requests"


async def test_many_sessions_of_one_person_are_refused() -> None:
    async with watched(Limits(sessions_per_person=3)) as server:
        for _ in range(3):
            await server.authenticated("ana")
        async with attack(server) as attacker:
            await attacker.send({"id": 1, "type": "authenticate", "token": "ana"})
            failure, closing = await attacker.rest()
            assert failure["error"]["code"] == "too_many_requests"
            assert closing["reason"] == "too_many_requests"
        await server.authenticated("guest")


async def test_many_connections_of_one_person_are_refused() -> None:
    """The one who has too many is told so; another's connection, and one given up, go on."""
    async with watched(Limits(connections_per_person=2)) as server:
        first, _ = await server.authenticated("ana"), await server.authenticated("ana")
        async with attack(server) as attacker:
            await attacker.send({"id": 1, "type": "authenticate", "token": "ana"})
            failure, closing = await attacker.rest()
            assert (failure["error"]["code"], failure["id"]) == ("too_many_requests", 1)
            assert closing["reason"] == "too_many_requests"
        await server.authenticated("guest")
        await first.close()
        await until(lambda: server.connections == 3)
        await server.authenticated("ana")


async def test_who_connects_again_and_again_is_refused() -> None:
    async with watched(Limits(connection_rate=0.001, connection_burst=3)) as server:
        for _ in range(3):
            await (await server.authenticated("ana")).close()
        async with attack(server) as attacker:
            await attacker.send({"id": 1, "type": "authenticate", "token": "ana"})
            assert (await attacker.rest())[-1]["reason"] == "too_many_requests"
        await server.authenticated("guest")


async def test_a_crowd_of_silent_strangers_keeps_nobody_out() -> None:
    async with watched(Limits(strangers=3)) as server, AsyncExitStack() as stack:
        crowd = [await stack.enter_async_context(attack(server)) for _ in range(5)]
        for silent in crowd[:2]:
            (closing,) = await silent.rest()
            assert closing["reason"] == "not_authenticated"
        await server.authenticated("ana")
        await crowd[-1].authenticate()


async def test_abandoned_sessions_leave_no_memory_behind() -> None:
    async with serve(Limits(grace=0.0)) as server:
        for _ in range(50):
            async with attack(server) as attacker:
                await attacker.authenticate()
                await attacker.send({"id": 1, "type": "join", "meeting_id": "standup"})
        hub = server.gateway.hub
        await until(lambda: not hub.sessions and not hub.meetings)
        await until(lambda: server.connections == 0)


async def test_another_persons_ticket_is_worthless(server: Server) -> None:
    bystander = server.bystander
    server.tokens.identities["eve"] = user(3)
    async with attack(server) as attacker:
        resume = {**bystander.ticket, "last_event": 0}
        await attacker.send({"id": 0, "type": "authenticate", "token": "eve", "resume": resume})
        assert (await attacker.receive())["result"]["resumed"] is False
        replaces = {"meeting_id": "standup", "replaces": bystander.ticket}
        await attacker.send({"id": 1, "type": "join", **replaces})
        assert (await attacker.receive())["error"]["code"] == "forbidden"


async def test_something_else_than_a_websocket_is_refused(server: Server) -> None:
    async with server.http.get(server.url) as response:
        assert response.status == 400


def padded(size: int) -> str:
    """A ping of exactly `size` bytes."""
    empty = json.dumps({**PING, "padding": ""})
    return json.dumps({**PING, "padding": "x" * (size - len(empty))})


def masked_frame(opcode: int, payload: bytes) -> bytes:
    """One frame, not the last of its message (RFC 6455, section 5.2); the mask is zero."""
    return bytes([opcode, 0x80 | 126]) + len(payload).to_bytes(2, "big") + bytes(4) + payload
