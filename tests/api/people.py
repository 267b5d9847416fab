"""Requests that many tests begin with."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

from aiohttp import ClientWebSocketResponse, WSMsgType

from tests.api.conftest import Api

ADA = {"email": "ada@example.com", "password": "password123"}
BEN = {"email": "ben@example.com", "name": "Ben"}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def post(
    api: Api, path: str, body: object, token: str | None = None
) -> tuple[int, dict[str, Any]]:
    headers = bearer(token) if token else {}
    async with api.post(path, json=body, headers=headers) as response:
        return response.status, await response.json(content_type=None)


async def get(api: Api, path: str, token: str | None = None) -> tuple[int, dict[str, Any]]:
    headers = bearer(token) if token else {}
    async with api.get(path, headers=headers) as response:
        return response.status, await response.json(content_type=None)


async def sign_up(api: Api, **more: object) -> str:
    """A token of Ada, or of somebody else."""
    status, session = await post(api, "/auth/signup", ADA | more)
    assert status == 201, session
    token: str = session["token"]
    return token


async def new_meeting(api: Api, token: str, **more: object) -> str:
    """Its id."""
    status, meeting = await post(api, "/meetings", more, token)
    assert status == 201, meeting
    meeting_id: str = meeting["id"]
    return meeting_id


async def send(
    api: Api,
    method: str,
    path: str,
    token: str | None,
    **request: Any,  # noqa: ANN401
) -> tuple[int, dict[str, Any] | None]:
    headers = (bearer(token) if token else {}) | request.pop("headers", {})
    async with api.request(method, path, headers=headers, **request) as response:
        has_body = response.status != HTTPStatus.NO_CONTENT
        return response.status, await response.json(content_type=None) if has_body else None


async def guest(api: Api, token: str) -> str:
    """The token of a guest of a new meeting."""
    meeting = await new_meeting(api, token)
    return str((await post(api, f"/meetings/{meeting}/guests", {"name": "Gus"}))[1]["token"])


async def own_id(api: Api, token: str) -> int:
    return int((await get(api, "/users/me", token))[1]["id"])


@asynccontextmanager
async def connected(api: Api, token: str) -> AsyncIterator[ClientWebSocketResponse]:
    async with api.ws_connect("/ws") as socket:
        await socket.send_json({"type": "authenticate", "id": 1, "token": token})
        assert (await socket.receive_json())["type"] == "reply"
        yield socket


async def reasons(socket: ClientWebSocketResponse) -> list[str]:
    """Why it is closed, which must happen."""
    given = []
    while (message := await socket.receive(10)).type == WSMsgType.TEXT:
        given.append(message.json().get("reason"))
    assert message.type in (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED)
    return [reason for reason in given if reason]
