"""The load generator of the HTTP API against a real server."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from http import HTTPStatus

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from benchmarks.http_clients import CONNECTIONS, HttpClients

LONG = "x" * 300_000
"""Comes in many pieces."""


async def answer(request: web.Request) -> web.Response:
    request.app[SEEN][request.path] += 1
    if request.path == "/nothing":
        return web.Response(status=HTTPStatus.NO_CONTENT)
    return web.Response(text=LONG if request.path == "/long" else "short")


SEEN = web.AppKey("seen", Counter[str])


@pytest.fixture
async def server() -> AsyncIterator[TestServer]:
    app = web.Application()
    app[SEEN] = Counter()
    app.router.add_get("/{path}", answer)
    server = TestServer(app)
    async with server:
        yield server


@pytest.fixture
async def clients(server: TestServer) -> AsyncIterator[HttpClients]:
    clients = HttpClients()
    await clients.connect(str(server.make_url("/")))
    yield clients
    await clients.leave()


def requests(*paths: str) -> list[bytes]:
    return [f"GET {path} HTTP/1.1\r\nHost: test\r\n\r\n".encode() for path in paths]


async def test_each_request_is_made_when_it_is_due_and_answered_once(
    server: TestServer, clients: HttpClients
) -> None:
    answered = await clients.pace(requests("/short", "/long", "/nothing"), 1000, 0.03)
    assert server.app[SEEN] == {"/short": 10, "/long": 10, "/nothing": 10}
    assert answered.statuses == {HTTPStatus.OK: 20, HTTPStatus.NO_CONTENT: 10}
    assert len(answered.latencies) == 30
    assert min(answered.latencies) > 0


async def test_a_flood_asks_on_all_connections(server: TestServer, clients: HttpClients) -> None:
    answered = await clients.flood(requests("/short", "/missing/"), 0.05)
    assert answered.statuses[HTTPStatus.OK] == server.app[SEEN]["/short"]
    assert answered.statuses[HTTPStatus.NOT_FOUND] > 0
    assert answered.statuses.total() == len(answered.latencies) >= CONNECTIONS
