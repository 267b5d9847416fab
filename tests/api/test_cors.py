"""Which sites' pages may use the API."""

from __future__ import annotations

from collections.abc import AsyncIterator
from http import HTTPStatus
from pathlib import Path

import pytest
from aiohttp import WSServerHandshakeError
from aiohttp.test_utils import TestClient, TestServer

from api.app import create_app
from api.settings import Settings
from db.pool import Database
from sfu.server import MediaServer
from tests.api.conftest import PUBLIC_URL, SECRET, Api
from tests.api.people import bearer, post, sign_up
from tests.support.media import media_settings

FRIEND = "https://app.example.org"
STRANGER = "https://evil.example.org"
NOT_FRIENDS = [STRANGER, "null", "https://app.example.org.evil.org", "http://app.example.org", "*"]


@pytest.fixture
async def friendly(database: Database, tmp_path: Path) -> AsyncIterator[Api]:
    settings = Settings(
        data_dir=tmp_path,
        jwt_secret=SECRET,
        public_url=PUBLIC_URL,
        cors_origins=(FRIEND, "https://other.example.org"),
    )
    media = await MediaServer.start(media_settings())
    async with TestClient(TestServer(create_app(settings, database, media))) as client:
        yield client
    await media.close()


def preflight(origin: str, method: str, headers: str = "authorization") -> dict[str, str]:
    return {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": headers,
    }


def cors_headers(headers: object) -> dict[str, str]:
    return {
        name.lower(): value
        for name, value in dict(headers).items()  # type: ignore[call-overload]
        if name.lower().startswith("access-control-")
    }


async def test_a_friend_asks_before(friendly: Api) -> None:
    for path, method, headers in (
        ("/blogs", "GET", "authorization"),
        ("/blogs", "POST", "authorization, content-type, idempotency-key"),
        ("/blogs/7", "PATCH", "Authorization,Content-Type,If-Match"),
        ("/blogs/7", "DELETE", "authorization"),
        ("/auth/login", "POST", "content-type"),
    ):
        answer = await friendly.options(path, headers=preflight(FRIEND, method, headers))
        assert answer.status == HTTPStatus.OK
        told = cors_headers(answer.headers)
        assert told["access-control-allow-origin"] == FRIEND
        assert told["access-control-allow-methods"] == method
        wanted = {name.strip().upper() for name in headers.split(",")}
        assert set(told["access-control-allow-headers"].split(",")) == wanted
        assert int(told["access-control-max-age"]) > 0
        assert "access-control-allow-credentials" not in told
        assert answer.headers["Vary"] == "Origin"


async def test_nobody_else_is_let_in(friendly: Api) -> None:
    for origin in NOT_FRIENDS:
        refused = await friendly.options("/blogs", headers=preflight(origin, "POST"))
        assert (refused.status, cors_headers(refused.headers)) == (HTTPStatus.FORBIDDEN, {})
        assert refused.content_type == "application/problem+json"
        read = await friendly.get("/blogs", headers={"Origin": origin})
        assert (read.status, cors_headers(read.headers)) == (HTTPStatus.OK, {})
        assert read.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert read.headers["Vary"] == "Origin"


async def test_a_friend_may_not_do_what_there_is_not(friendly: Api) -> None:
    for path, method, headers in (
        ("/blogs", "PUT", "authorization"),
        ("/blogs", "post", "authorization"),
        ("/blogs", "GET", "cookie"),
        ("/auth/login", "DELETE", "authorization"),
    ):
        answer = await friendly.options(path, headers=preflight(FRIEND, method, headers))
        assert (answer.status, cors_headers(answer.headers)) == (HTTPStatus.FORBIDDEN, {})


async def test_a_friend_reads_answers_and_errors(friendly: Api) -> None:
    token = await sign_up(friendly)
    for path, status in (("/users/me", 200), ("/blogs/7", 404), ("/users/1", 401)):
        headers = {"Origin": FRIEND} | (bearer(token) if status == 200 else {})
        answer = await friendly.get(path, headers=headers)
        assert answer.status == status
        told = cors_headers(answer.headers)
        assert told["access-control-allow-origin"] == FRIEND
        exposed = set(told["access-control-expose-headers"].split(","))
        assert exposed == {"ETag", "Idempotent-Replayed", "Location", "Retry-After"}
        assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


async def test_the_page_stays_our_own(friendly: Api) -> None:
    for path in ("/", "/nowhere"):
        answer = await friendly.get(path, headers={"Origin": FRIEND})
        assert cors_headers(answer.headers) == {}
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        asked = await friendly.options(path, headers=preflight(FRIEND, "GET"))
        assert asked.status in (HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_FOUND)


async def test_friends_may_open_a_socket(friendly: Api) -> None:
    async with friendly.ws_connect("/ws", headers={"Origin": FRIEND}):
        pass
    with pytest.raises(WSServerHandshakeError) as refused:
        await friendly.ws_connect("/ws", headers={"Origin": STRANGER})
    assert refused.value.status == HTTPStatus.FORBIDDEN


async def test_without_the_setting_nobody_is_let_in(api: Api) -> None:
    refused = await api.options("/blogs", headers=preflight(FRIEND, "GET"))
    assert refused.status == HTTPStatus.METHOD_NOT_ALLOWED
    answer = await api.get("/blogs", headers={"Origin": FRIEND})
    assert (cors_headers(refused.headers), cors_headers(answer.headers)) == ({}, {})
    assert "Vary" not in answer.headers


async def test_one_path_is_one_resource(api: Api) -> None:
    status, _ = await post(api, "/blogs/7", {})
    assert status == HTTPStatus.METHOD_NOT_ALLOWED
    allowed = (await api.post("/blogs/7")).headers["Allow"]
    assert set(allowed.split(",")) == {"GET", "PATCH", "DELETE"}
