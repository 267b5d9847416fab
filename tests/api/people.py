"""Requests that many tests begin with."""

from __future__ import annotations

from typing import Any

from tests.api.conftest import Api

ADA = {"email": "ada@example.com", "password": "password123"}


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
