"""Hostile HTTP over bare sockets: each gets an answer or is cut off, and the server goes on."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from ipaddress import ip_network
from pathlib import Path
from typing import Self

import pytest
from aiohttp import web

from api import connections
from api.addresses import Addresses
from api.app import create_app
from api.connections import Connections, Site
from api.content import MAX_BODY
from api.settings import Settings
from db.pool import Database
from sfu.server import MediaServer
from tests.signaling.server import until
from tests.support.media import media_settings

ALIVE = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"
BROWSER = b"Host: localhost\r\nContent-Type: application/json\r\n"


@dataclass
class Answer:
    """One HTTP answer; `status` 0 if there was none before the end."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def problem(self) -> dict[str, object]:
        assert self.headers["content-type"].startswith("application/problem+json")
        problem: dict[str, object] = json.loads(self.body)
        assert problem["status"] == self.status
        return problem


class Wire:
    """A bare TCP connection to the server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.transport.abort()

    async def send(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def answer(self) -> Answer:
        async with asyncio.timeout(10):
            try:
                head = (await self._reader.readuntil(b"\r\n\r\n")).decode()
            except (asyncio.IncompleteReadError, ConnectionError):
                return Answer(0)
            status, *lines = head.split("\r\n")
            headers = {
                name.lower(): value
                for name, _, value in (line.partition(": ") for line in lines if line)
            }
            body = await self._reader.readexactly(int(headers.get("content-length", 0)))
        return Answer(int(status.split()[1]), headers, body)

    async def ask(self, data: bytes) -> Answer:
        await self.send(data)
        return await self.answer()

    async def ends(self) -> bool:
        """Whether the server closes the connection, sooner or later."""
        async with asyncio.timeout(10):
            try:
                return not await self._reader.read(1)
            except ConnectionError:
                return True


@dataclass
class Server:
    runner: web.AppRunner
    port: int

    @property
    def connections(self) -> int:
        assert self.runner.server
        return len(self.runner.server.connections)

    async def wire(self, source: str | None = None) -> Wire:
        local = (source, 0) if source else None
        return Wire(*await asyncio.open_connection("127.0.0.1", self.port, local_addr=local))

    async def ask(self, data: bytes) -> Answer:
        async with await self.wire() as wire:
            return await wire.ask(data)

    async def is_well(self) -> bool:
        return (await self.ask(ALIVE)).status == HTTPStatus.OK


@asynccontextmanager
async def serving(
    app: web.Application, most: int = 1000, per_address: int = 500, trusted: Sequence[str] = ()
) -> AsyncIterator[Server]:
    addresses = Addresses([ip_network(each) for each in trusted])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        await Site(runner, listener, Connections(most, per_address, addresses)).start()
        try:
            yield Server(runner, listener.getsockname()[1])
        finally:
            await runner.cleanup()


@pytest.fixture
async def app(database: Database, tmp_path: Path) -> AsyncIterator[web.Application]:
    media = await MediaServer.start(media_settings())
    yield create_app(Settings(data_dir=tmp_path, jwt_secret="s" * 32), database, media)
    await media.close()


@pytest.fixture
async def server(app: web.Application) -> AsyncIterator[Server]:
    async with serving(app) as running:
        yield running
        assert await running.is_well()


async def test_what_is_no_http_is_answered_by_a_problem(server: Server) -> None:
    for nonsense in (
        b"nonsense\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"\x00" * 100,
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: \x00\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost : a\r\n\r\n",
        b"GET / HTTP/1.1\r\n folded: a\r\n\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /" + b"a" * 10_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 10_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: x\r\n" * 200 + b"\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 2\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n",
        b"POST /auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /auth/login HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: nonsense\r\n\r\n",
    ):
        async with await server.wire() as wire:
            answer = await wire.ask(nonsense)
            assert await wire.ends()
        assert answer.status == HTTPStatus.BAD_REQUEST, nonsense[:60]
        assert answer.problem["title"] == "Bad Request"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "ython" not in answer.headers["server"]
        assert b"nonsense" not in answer.body


async def test_a_broken_body_is_the_clients_fault(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    head = b"POST /auth/login HTTP/1.1\r\n" + BROWSER
    for broken in (
        head + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\n",
        head + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{}\r\n\r\n\r\n0\r\n\r\n",
    ):
        answer = await server.ask(broken)
        assert answer.status == HTTPStatus.BAD_REQUEST
        assert answer.problem
    async with await server.wire() as wire:
        await wire.send(head + b"Content-Length: 100\r\n\r\n{")
    assert await server.is_well()
    assert caplog.text == ""


async def test_a_large_body_is_refused_before_it_has_come(server: Server) -> None:
    head = b"POST /auth/login HTTP/1.1\r\n" + BROWSER
    async with await server.wire() as wire:
        await wire.send(head + b"Content-Length: 1000000000000\r\n\r\n")
        answer = await wire.ask(b" " * (MAX_BODY + 1))
        assert answer.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        assert answer.problem
        assert await wire.ends()
    chunks = b"".join(b"400\r\n" + b" " * 1024 + b"\r\n" for _ in range(MAX_BODY // 1024 + 1))
    answer = await server.ask(head + b"Transfer-Encoding: chunked\r\n\r\n" + chunks)
    assert answer.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE


async def test_who_dawdles_is_cut_off(
    app: web.Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "PATIENCE", 0.3)
    monkeypatch.setattr(connections, "LINGERING", 0.1)
    monkeypatch.setattr("api.middlewares.REQUEST_TIMEOUT", 0.3)
    async with serving(app) as server, AsyncExitStack() as stack:
        wires = [await stack.enter_async_context(await server.wire()) for _ in range(4)]
        # The first says nothing at all.
        slow_head, slow_second_head, slow_body = wires[1:]
        await slow_head.send(b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ")
        assert (await slow_second_head.ask(ALIVE)).status == HTTPStatus.OK
        await slow_second_head.send(b"GET / HTTP/1.1\r\n")
        await slow_body.send(
            b"POST /auth/login HTTP/1.1\r\n" + BROWSER + b"Content-Length: 10\r\n\r\n{"
        )
        assert (await slow_body.answer()).status == HTTPStatus.REQUEST_TIMEOUT
        for wire in wires:
            assert await wire.ends()
        assert await server.is_well()


async def test_a_drop_now_and_then_does_not_keep_a_head_open(
    app: web.Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "PATIENCE", 0.3)
    async with serving(app) as server, await server.wire() as wire:
        await wire.send(b"GET / HTTP/1.1\r\nHost: a\r\n")

        async def drip() -> None:
            while True:
                await wire.send(b"X: x\r\n")
                await asyncio.sleep(0.05)

        dripping = asyncio.create_task(drip())
        assert await wire.ends()
        dripping.cancel()
        await asyncio.gather(dripping, return_exceptions=True)


async def test_who_reads_nothing_is_cut_off(
    app: web.Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "STUCK", 0.2)

    async def large(_: web.Request) -> web.Response:
        return web.Response(body=b"x" * 50_000_000)

    app.router.add_get("/large", large)
    async with serving(app) as server:
        with socket.create_connection(("127.0.0.1", server.port)) as silent:
            silent.sendall(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
            await until(lambda: server.connections == 1)
            await until(lambda: server.connections == 0)
        assert await server.is_well()


async def test_connections_are_counted(app: web.Application) -> None:
    async with serving(app, most=8, per_address=3) as server, AsyncExitStack() as stack:

        async def connected(source: str) -> bool:
            wire = await stack.enter_async_context(await server.wire(source))
            return (await wire.ask(ALIVE)).status == HTTPStatus.OK

        assert [await connected("127.0.0.2") for _ in range(4)] == [True] * 3 + [False]
        assert [await connected("127.0.0.3") for _ in range(4)] == [True] * 3 + [False]
        assert [await connected("127.0.0.4") for _ in range(4)] == [True] * 2 + [False] * 2
        await stack.aclose()
        await until(lambda: server.connections == 0)
        assert await connected("127.0.0.2")


async def test_a_trusted_proxy_brings_as_many_as_there_is_room_for(app: web.Application) -> None:
    async with (
        serving(app, most=8, per_address=3, trusted=["127.0.0.1"]) as server,
        AsyncExitStack() as stack,
    ):
        for expected in [HTTPStatus.OK] * 8 + [0]:
            wire = await stack.enter_async_context(await server.wire())
            assert (await wire.ask(ALIVE)).status == expected


async def test_many_requests_in_one_go_are_answered_in_order(server: Server) -> None:
    async with await server.wire() as wire:
        await wire.send((ALIVE + b"GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n") * 50)
        for _ in range(50):
            assert (await wire.answer()).status == HTTPStatus.OK
            assert (await wire.answer()).status == HTTPStatus.NOT_FOUND
        assert (await wire.ask(b"nonsense\r\n\r\n")).status == HTTPStatus.BAD_REQUEST
        assert await wire.ends()


async def test_a_request_hidden_in_another_is_not_served(server: Server) -> None:
    """Where a proxy and we could disagree about the end of a request (RFC 9112, section 11.2)."""
    hidden = b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n"
    head = b"POST /nowhere HTTP/1.1\r\nHost: a\r\n"
    for smuggled in (
        head + b"Content-Length: 0\r\nContent-Length: %d\r\n\r\n" % len(hidden) + hidden,
        head + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n" + hidden,
        head + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + hidden,
        head + b"Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n" + hidden,
        head + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + hidden,
        head + b"Content-Length: +0\r\n\r\n" + hidden,
    ):
        async with await server.wire() as wire:
            await wire.send(smuggled)
            assert (await wire.answer()).status == HTTPStatus.BAD_REQUEST, smuggled
            assert await wire.ends()
