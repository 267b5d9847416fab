"""A server that is told to stop lets meetings that run go on for a while, and begins none."""

from __future__ import annotations

import asyncio
import signal
from http import HTTPStatus
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from api.context import GATEWAY
from benchmarks.signaling_client import SignalingError
from tests.api.conftest import Api, Connect
from tests.api.people import get, new_meeting, sign_up
from tests.support.tertulia import Tertulia

LONG = 600.0
"""Seconds that no test waits."""


async def test_what_runs_goes_on_and_nothing_begins(
    api: Api, app: web.Application, connect: Connect
) -> None:
    ada, ben = await sign_up(api), await sign_up(api, email="ben@example.com")
    meeting_id, other_id = await new_meeting(api, ada), await new_meeting(api, ada)
    adas, bens = await connect(ada), await connect(ben)
    await adas.request("join", meeting_id=meeting_id)
    draining = asyncio.create_task(app[GATEWAY].drain(LONG))
    for client in (adas, bens, await connect(ben)):
        assert 0 < (await client.expect("server_stopping"))["seconds"] <= LONG
    assert (await get(api, "/health/ready"))[0] == HTTPStatus.SERVICE_UNAVAILABLE
    with pytest.raises(SignalingError) as error:
        await bens.request("join", meeting_id=other_id)
    assert error.value.code == "unavailable"
    assert (await bens.request("join", meeting_id=meeting_id))["joined"]
    await adas.request("leave")
    assert not draining.done()
    await bens.request("leave")
    await asyncio.wait_for(draining, 10)


async def test_whoever_waits_is_not_let_into_a_meeting_that_cannot_begin(
    api: Api, app: web.Application, connect: Connect
) -> None:
    ada, ben = await sign_up(api), await sign_up(api, email="ben@example.com")
    meeting_id, hub = await new_meeting(api, ada, lobby="all"), app[GATEWAY].hub
    bens = await connect(ben)
    assert (await bens.request("join", meeting_id=meeting_id))["waiting"]
    await app[GATEWAY].drain(LONG)  # nobody is in any meeting
    await hub.admit(hub.lobbies.of(meeting_id))
    assert len(hub.lobbies.of(meeting_id)) == 1
    assert not hub.meetings


async def test_sigterm_waits_for_a_meeting_and_a_second_one_does_not(tmp_path: Path) -> None:
    server = Tertulia(tmp_path, {"DRAIN": "10m"})
    await server.start()
    ada = await server.sign_up("Ada")
    meeting_id = await server.create_meeting(ada)
    assert server.process
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(f"{server.url}/ws") as socket,
    ):
        await socket.send_json({"type": "authenticate", "id": 1, "token": ada})
        await socket.send_json({"type": "join", "id": 2, "meeting_id": meeting_id})
        assert [(await socket.receive_json())["id"] for _ in range(2)] == [1, 2]
        server.process.send_signal(signal.SIGTERM)
        while (told := await socket.receive_json(timeout=10))["type"] != "server_stopping":
            pass
        assert 590 < told["seconds"] <= 600
        assert (await server.request("GET", "/health"))["status"] == "ok"
        server.process.send_signal(signal.SIGTERM)
        while (told := await socket.receive_json(timeout=10))["type"] != "closing":
            pass
        assert told["reason"] == "server_stopping"
    assert await asyncio.wait_for(server.process.wait(), 30) == 0
    assert server.complaints() == []
