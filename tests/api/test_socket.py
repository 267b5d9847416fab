"""`/ws` is for our own page and for programs, not for the pages of others."""

from __future__ import annotations

from http import HTTPStatus

import pytest
from aiohttp import WSServerHandshakeError, web

from api.context import GATEWAY, SOCKETS
from api.limits import Sockets
from tests.api.conftest import PARTICIPANTS, PUBLIC_URL, Api
from tests.api.people import sign_up


async def authenticated(api: Api, origin: str | None) -> str:
    """The type of the answer to a good `authenticate`."""
    token = await sign_up(api)
    headers = {"Origin": origin} if origin else {}
    async with api.ws_connect("/ws", headers=headers) as socket:
        await socket.send_json({"type": "authenticate", "id": 1, "token": token})
        answer = await socket.receive_json()
        kind: str = answer["type"]
        return kind


@pytest.mark.parametrize("origin", [None, PUBLIC_URL])
async def test_programs_and_the_public_page_may_connect(api: Api, origin: str | None) -> None:
    assert await authenticated(api, origin) == "reply"


async def test_the_same_origin_may_connect(api: Api) -> None:
    own = f"http://127.0.0.1:{api.port}"
    assert await authenticated(api, own) == "reply"


@pytest.mark.parametrize(
    "origin", ["https://evil.example.org", "null", "", "http://127.0.0.1:1", "http://[", "//"]
)
async def test_pages_of_others_may_not(api: Api, origin: str) -> None:
    with pytest.raises(WSServerHandshakeError) as refused:
        await api.ws_connect("/ws", headers={"Origin": origin})
    assert refused.value.status == HTTPStatus.FORBIDDEN


async def test_as_many_may_meet_as_the_settings_say(app: web.Application) -> None:
    assert app[GATEWAY].hub.limits.participants == PARTICIPANTS


async def test_a_plain_request_is_an_error_not_a_crash(api: Api) -> None:
    response = await api.get("/ws")
    assert response.status == HTTPStatus.BAD_REQUEST
    assert response.content_type == "application/problem+json"


@pytest.mark.parametrize("key", ["", "short", "\xff" * 24, "=" * 24])
async def test_a_key_that_is_none_is_an_error_not_a_crash(api: Api, key: str) -> None:
    headers = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": key,
    }
    response = await api.get("/ws", headers=headers)
    assert response.status == HTTPStatus.BAD_REQUEST
    assert response.content_type == "application/problem+json"


@pytest.fixture
def few(app: web.Application) -> None:
    app[SOCKETS] = Sockets(2, 1.0)


async def test_an_address_may_open_only_so_many(few: None, api: Api) -> None:
    async with api.ws_connect("/ws"), api.ws_connect("/ws"):
        with pytest.raises(WSServerHandshakeError) as refused:
            await api.ws_connect("/ws")
        assert refused.value.status == HTTPStatus.TOO_MANY_REQUESTS
        assert refused.value.headers is not None
        assert int(refused.value.headers["Retry-After"]) > 0
        assert (await api.get("/health")).status == HTTPStatus.OK


async def test_what_is_refused_opens_nothing(few: None, api: Api) -> None:
    for _ in range(5):
        assert (await api.get("/ws", headers={"Origin": "https://evil.example.org"})).status == 403
    assert await authenticated(api, None) == "reply"
