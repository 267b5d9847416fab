"""Sessions: what ends them ends what they have open, at once, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import aiohttp
import jwt
import pytest
from aiohttp import web

from api import logins
from api.context import GATEWAY, SESSIONS, TOKENS
from api.logins import end_what_has_ended
from api.throttle import ATTEMPTS
from benchmarks.signaling_client import SignalingClient
from db.pool import Database
from signaling.identity import Identity
from tests.api.conftest import SECRET, Api
from tests.api.people import ADA, bearer, get, new_meeting, post, sign_up

NEW = "correct horse battery"


async def log_in(api: Api, **more: object) -> str:
    status, session = await post(api, "/auth/login", ADA | more)
    assert status == HTTPStatus.OK, session
    token: str = session["token"]
    return token


async def send(api: Api, method: str, path: str, token: str, body: object = None) -> int:
    async with api.request(method, path, json=body, headers=bearer(token)) as response:
        return response.status


async def works(api: Api, token: str) -> bool:
    return (await get(api, "/users/me", token))[0] == HTTPStatus.OK


class Sockets:
    def __init__(self, api: Api, http: aiohttp.ClientSession) -> None:
        self._url = str(api.make_url("/ws"))
        self._http = http

    async def open(self, token: str) -> SignalingClient:
        client = await SignalingClient.connect(self._http, self._url)
        await client.authenticate(token)
        return client


@pytest.fixture
async def sockets(api: Api) -> AsyncIterator[Sockets]:
    async with aiohttp.ClientSession() as http:
        yield Sockets(api, http)


async def closed(client: SignalingClient) -> bool:
    """It has been told that its login ended."""
    closing = await client.closed()
    return closing is not None and closing["reason"] == "session_ended"


async def is_open(client: SignalingClient) -> bool:
    return await client.request("ping") == {}


async def test_logout_ends_this_sessions_sockets_and_participants(
    api: Api, sockets: Sockets
) -> None:
    one, other = await sign_up(api), await log_in(api)
    meeting_id = await new_meeting(api, one)
    here, there = await sockets.open(one), await sockets.open(other)
    for client in (there, here):
        await client.request("join", meeting_id=meeting_id)
    joined = await there.expect("participant_joined")
    assert await send(api, "POST", "/auth/logout", one) == HTTPStatus.NO_CONTENT
    assert await closed(here)
    left = await there.expect("participant_left")
    assert left["participant_id"] == joined["participant"]["id"]
    assert left["reason"] == "ended"
    assert await is_open(there)
    assert not await works(api, one)


async def test_a_new_password_ends_all_other_sessions(api: Api, sockets: Sockets) -> None:
    token, other = await sign_up(api), await log_in(api)
    bobs = await sign_up(api, email="bob@example.com")
    here, there, bob = [await sockets.open(each) for each in (token, other, bobs)]
    change = {"current": ADA["password"], "new": NEW}
    assert await send(api, "PUT", "/auth/password", token, change) == HTTPStatus.NO_CONTENT
    assert await closed(there)
    assert await is_open(here)
    assert await is_open(bob)
    assert [await works(api, each) for each in (token, other, bobs)] == [True, False, True]
    assert (await post(api, "/auth/login", ADA))[0] == HTTPStatus.UNAUTHORIZED
    assert await works(api, await log_in(api, password=NEW))


async def test_a_password_is_changed_by_who_knows_it_only(api: Api) -> None:
    token, other = await sign_up(api), await log_in(api)
    for body, field in (({"current": "password124", "new": NEW}, "current"),):
        async with api.put("/auth/password", json=body, headers=bearer(token)) as response:
            assert response.status == HTTPStatus.FORBIDDEN
            assert [error["field"] for error in (await response.json())["errors"]] == [field]
    short = {"current": ADA["password"], "new": "seven77"}
    assert await send(api, "PUT", "/auth/password", token, short) == 422
    assert await works(api, other)
    wrong = {"current": "password124", "new": NEW}
    statuses = [await send(api, "PUT", "/auth/password", token, wrong) for _ in range(ATTEMPTS)]
    assert statuses == [HTTPStatus.FORBIDDEN] * (ATTEMPTS - 1) + [HTTPStatus.TOO_MANY_REQUESTS]
    right = {"current": ADA["password"], "new": NEW}
    assert await send(api, "PUT", "/auth/password", token, right) == HTTPStatus.TOO_MANY_REQUESTS


async def test_sessions_are_listed_and_ended_by_their_owner_only(
    api: Api, sockets: Sockets
) -> None:
    token, other = await sign_up(api), await log_in(api)
    bobs = await sign_up(api, email="bob@example.com")
    lost = await sockets.open(other)
    _, first = await get(api, "/auth/sessions?limit=1", token)
    _, second = await get(api, f"/auth/sessions?limit=1&after={first['next']}", token)
    (elsewhere,), (here,) = first["items"], second["items"]
    assert (elsewhere["current"], here["current"], second["next"]) == (False, True, None)
    path = f"/auth/sessions/{elsewhere['id']}"
    for stranger, its in ((bobs, path), (token, f"/auth/sessions/{uuid4()}")):
        assert await send(api, "DELETE", its, stranger) == HTTPStatus.NOT_FOUND
    assert await send(api, "DELETE", "/auth/sessions/7", token) == HTTPStatus.NOT_FOUND
    assert await is_open(lost)
    assert await send(api, "DELETE", path, token) == HTTPStatus.NO_CONTENT
    assert await closed(lost)
    assert [await works(api, each) for each in (token, other, bobs)] == [True, False, True]


async def test_guests_have_no_account_to_see_to(api: Api) -> None:
    meeting_id = await new_meeting(api, await sign_up(api))
    _, guest = await post(api, f"/meetings/{meeting_id}/guests", {"name": "Gus"})
    token = guest["token"]
    change = {"current": "", "new": NEW}
    assert await send(api, "PUT", "/auth/password", token, change) == HTTPStatus.FORBIDDEN
    assert (await get(api, "/auth/sessions", token))[0] == HTTPStatus.FORBIDDEN
    assert await send(api, "DELETE", f"/auth/sessions/{uuid4()}", token) == HTTPStatus.FORBIDDEN
    assert await send(api, "POST", "/auth/renew", token) == HTTPStatus.OK
    assert await send(api, "POST", "/auth/logout", token) == HTTPStatus.NO_CONTENT
    assert await send(api, "POST", "/auth/renew", token) == HTTPStatus.UNAUTHORIZED


async def test_a_renewed_token_is_of_the_same_session_and_lasts_longer(
    api: Api, database: Database
) -> None:
    token = await sign_up(api)
    await database.execute("UPDATE sessions SET expires_at = now() + interval '1 minute'")
    status, renewal = await post(api, "/auth/renew", None, token)
    assert status == HTTPStatus.OK
    before, after = claims(token), claims(renewal["token"])
    assert (after["sid"], after["sub"]) == (before["sid"], before["sub"])
    assert await works(api, renewal["token"])
    row = await database.one("SELECT expires_at, now() + interval '23 hours' AS soon FROM sessions")
    assert after["exp"] == row["expires_at"].timestamp()
    assert row["expires_at"] > row["soon"]
    await send(api, "POST", "/auth/logout", token)
    assert not await works(api, renewal["token"])


@pytest.mark.parametrize(
    ("meanwhile", "refused"),
    [
        ("DELETE FROM sessions", HTTPStatus.UNAUTHORIZED),
        ("UPDATE users SET is_active = FALSE", HTTPStatus.UNAUTHORIZED),
        ("UPDATE users SET is_admin = FALSE", HTTPStatus.FORBIDDEN),
    ],
)
async def test_a_slow_body_saves_no_rights(
    api: Api,
    app: web.Application,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    meanwhile: str,
    refused: HTTPStatus,
) -> None:
    token = await sign_up(api)
    await database.execute("UPDATE users SET is_admin = TRUE")
    known, authenticate = asyncio.Event(), app[TOKENS].authenticate

    async def told(text: str) -> Identity:
        identity = await authenticate(text)
        known.set()
        return identity

    async def slowly() -> AsyncIterator[bytes]:
        yield b"{"
        await known.wait()
        await database.execute(meanwhile)
        yield b"}"

    monkeypatch.setattr(app[TOKENS], "authenticate", told)
    headers = bearer(token) | {"Content-Type": "application/json"}
    async with api.post("/admin/invitations", data=slowly(), headers=headers) as response:
        assert response.status == refused
    assert await database.rows("SELECT FROM invitations") == []


def claims(token: str) -> dict[str, Any]:
    found: dict[str, Any] = jwt.decode(token, SECRET, ["HS256"])
    return found


async def test_what_ends_in_the_database_ends_here(
    api: Api, app: web.Application, database: Database, sockets: Sockets
) -> None:
    token, bobs = await sign_up(api), await sign_up(api, email="bob@example.com")
    ada, bob = await sockets.open(token), await sockets.open(bobs)
    await end_what_has_ended(app[GATEWAY].hub, app[SESSIONS])
    assert await is_open(ada)
    await database.execute("UPDATE users SET is_active = FALSE WHERE email = $1", ADA["email"])
    await end_what_has_ended(app[GATEWAY].hub, app[SESSIONS])
    assert await closed(ada)
    assert await is_open(bob)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logins, "INTERVAL", 0.01)


async def test_the_server_looks_by_itself(
    impatient: None, api: Api, database: Database, sockets: Sockets
) -> None:
    ada = await sockets.open(await sign_up(api))
    await database.execute("DELETE FROM sessions")
    assert await closed(ada)
