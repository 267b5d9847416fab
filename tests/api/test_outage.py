"""PostgreSQL goes away in the middle of everything: requests are told so, and nothing else ends."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiortc import RTCCertificate

from benchmarks.peer import Peer
from benchmarks.publisher import Publisher
from benchmarks.signaling_client import JsonObject, SignalingClient, SignalingError
from benchmarks.traffic import even
from db.embedded import EmbeddedPostgres
from tests.support.polling import TIMEOUT, until
from tests.support.processes import children
from tests.support.tertulia import Tertulia

ENOUGH = 30
"""Answers, refusals or packets after which something surely goes on."""


class Programs:
    """Ask the API one thing after the other, and note what it says."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self.statuses: Counter[int] = Counter()
        self._http = http

    async def ask(self, method: str, path: str, body: object = None) -> JsonObject | None:
        """None: the database was away."""
        async with self._http.request(method, path, json=body) as response:
            self.statuses[response.status] += 1
            answer: JsonObject = await response.json(content_type=None)
            if response.status == HTTPStatus.SERVICE_UNAVAILABLE:
                assert int(response.headers["Retry-After"]) > 0
                assert response.content_type == "application/problem+json"
                return None
            assert response.status in (HTTPStatus.OK, HTTPStatus.CREATED), answer
            return answer

    async def repeat(self, method: str, path: str, body: object = None) -> None:
        while True:
            await self.ask(method, path, body)

    async def see_more(self, status: HTTPStatus) -> None:
        """Wait until many more are answered so."""
        wanted = self.statuses[status] + ENOUGH
        await until(lambda: _is(self.statuses[status] >= wanted))


class Talker:
    """Says one thing after the other; what was not acknowledged is said again with its key."""

    def __init__(self, programs: Programs, conversation: int) -> None:
        self.acknowledged: list[str] = []
        self._programs = programs
        self._path = f"/conversations/{conversation}/messages"

    async def talk(self) -> None:
        for number in count():
            message = {"content": f"message {number}", "client_key": f"key-{number}"}
            while not await self._programs.ask("POST", self._path, message):
                pass
            self.acknowledged.append(message["content"])

    async def history(self) -> list[str]:
        """The oldest first."""
        said: list[str] = []
        after = ""
        while True:
            page = await self._programs.ask("GET", f"{self._path}?limit=100{after}")
            assert page
            said += [message["content"] for message in page["items"]]
            if page["next"] is None:
                return said[::-1]
            after = f"&after={page['next']}"


class Viewer:
    """Watches a meeting: counts what arrives, and keeps what is said of its media."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self.packets = 0
        self.states: list[str] = []
        self.peer = Peer(http, RTCCertificate.generateCertificate(), self._on_media)
        self.peer.on_message = self._told

    async def see_more(self) -> None:
        wanted = self.packets + ENOUGH
        await until(lambda: _is(self.packets >= wanted))

    def _on_media(self, *_: object) -> None:
        self.packets += 1

    def _told(self, message: JsonObject) -> None:
        if message["type"] == "media":
            self.states.append(message["state"])


async def _is(true: bool) -> bool:
    return true


@dataclass
class Scene:
    """Programs ask, somebody talks, and in a meeting one is seen by another."""

    meeting: str
    programs: Programs
    talker: Talker
    viewer: Viewer
    client: SignalingClient
    """Of somebody who is not in the meeting."""

    async def goes_on(self) -> None:
        """What needs no database does; what needs it says so."""
        await self.programs.see_more(HTTPStatus.SERVICE_UNAVAILABLE)
        await self.viewer.see_more()
        assert await self.client.request("ping") == {}
        with pytest.raises(SignalingError, match="unavailable"):
            await self.client.request("join", meeting_id=self.meeting)

    async def is_well(self) -> None:
        acknowledged = len(self.talker.acknowledged)
        await self.programs.see_more(HTTPStatus.OK)
        await self.programs.see_more(HTTPStatus.CREATED)
        await until(lambda: _is(len(self.talker.acknowledged) > acknowledged))
        await self.viewer.see_more()
        assert self.client.connected
        assert await self.viewer.peer.request("ping") == {}
        assert self.viewer.states == ["connecting", "connected"]


@asynccontextmanager
async def scene(server: Tertulia) -> AsyncIterator[Scene]:
    async with AsyncExitStack() as stack:
        token = await server.sign_up("Ada")
        meeting = await server.create_meeting(token)
        http = await stack.enter_async_context(aiohttp.ClientSession(server.url))
        publisher, viewer = Publisher(), Viewer(http)
        await publisher.connect(server.url, meeting, even(5))
        stack.push_async_callback(publisher.leave)
        await viewer.peer.enter(meeting, "viewer")
        stack.push_async_callback(viewer.peer.leave)
        await viewer.peer.connect()
        await publisher.publish()
        client = await SignalingClient.connect(http, "/ws")
        stack.push_async_callback(client.close)
        await client.authenticate(token)
        authorized = await stack.enter_async_context(
            aiohttp.ClientSession(server.url, headers={"Authorization": f"Bearer {token}"})
        )
        programs = Programs(authorized)
        group = {"kind": "group", "title": "All", "user_ids": []}
        talker = Talker(programs, (await programs.ask("POST", "/conversations", group) or {})["id"])
        await stack.enter_async_context(_together(programs, talker))
        yield Scene(meeting, programs, talker, viewer, client)


@asynccontextmanager
async def _together(programs: Programs, talker: Talker) -> AsyncIterator[None]:
    post = {"title": "A post", "content": "of *few* words", "published": True}
    work = [
        programs.repeat("GET", "/health/ready"),
        programs.repeat("GET", "/users/me"),
        programs.repeat("GET", "/users?search=ada"),
        programs.repeat("GET", "/blogs?search=words"),
        programs.repeat("GET", "/conversations"),
        programs.repeat("POST", "/meetings", {"title": "Another"}),
        programs.repeat("POST", "/blogs", post),
        talker.talk(),
    ]
    tasks = [asyncio.create_task(each) for each in work]
    try:
        yield
        assert [task.result() for task in tasks if task.done()] == []
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def running(directory: Path, **environment: str) -> AsyncIterator[Tertulia]:
    environment = {"MEDIA_HOST": "127.0.0.1", "RATE_LIMITS": "off", **environment}
    server = Tertulia(directory, environment)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


async def judge(talker: Talker) -> None:
    """Nothing that was acknowledged is missing, nothing is there twice or out of order."""
    acknowledged = len(talker.acknowledged)
    history = await talker.history()
    assert len(history) >= acknowledged
    assert history == [f"message {number}" for number in range(len(history))]


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGQUIT])
async def test_a_restart_of_postgres_ends_nothing(tmp_path: Path, stop: signal.Signals) -> None:
    """Fast and immediate, of a server of one's own."""
    postgres = await EmbeddedPostgres.start(tmp_path / "postgres")
    address: Any = postgres.address
    environment = {
        "DATABASE_HOST": os.readlink(address.host),
        "DATABASE_NAME": address.database,
        "DATABASE_USER": address.user,
        "DATABASE_PASSWORD": address.password,
    }
    keeping = None
    try:
        async with running(tmp_path, **environment) as server, scene(server) as live:
            await live.is_well()
            os.kill(postgres.pid, stop)
            await asyncio.wait({postgres.exited}, timeout=TIMEOUT)
            await live.goes_on()
            keeping = asyncio.create_task(postgres.keep())  # it is started again
            await live.is_well()
            await judge(live.talker)
        assert not [line for line in server.complaints() if "PostgreSQL" not in line]
    finally:
        if keeping:
            keeping.cancel()
            await asyncio.wait({keeping})
        await postgres.stop()


async def test_a_killed_embedded_postgres_is_started_again(tmp_path: Path) -> None:
    async with running(tmp_path) as server, scene(server) as live:
        assert server.process
        for _ in range(2):
            await live.is_well()
            [postmaster] = children(server.process.pid)
            os.kill(postmaster, signal.SIGKILL)
            await live.programs.see_more(HTTPStatus.SERVICE_UNAVAILABLE)
        await live.is_well()
        await judge(live.talker)
    assert not [line for line in server.complaints() if "PostgreSQL" not in line]
