"""Only a token of ours, unexpired, whose session still is, opens anything."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import jwt
import pytest
from aiohttp import web

from api.context import TOKENS
from db.pool import Database
from signaling.identity import BadToken
from tests.api.conftest import SECRET, Api
from tests.api.people import bearer, get, new_meeting, post, sign_up

LATER = datetime.now(UTC) + timedelta(hours=1)
EARLIER = datetime.now(UTC) - timedelta(hours=1)


def segment(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def claims_of(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(token, SECRET, ["HS256"])
    return claims


def forgeries(token: str) -> dict[str, str]:
    """From a good token, by somebody who does not know the secret, or misuses it."""
    header, payload, signature = token.split(".")
    good = claims_of(token)
    return {
        "other secret": jwt.encode(good, "another secret, also long enough for HS256", "HS256"),
        "other algorithm": jwt.encode(good, SECRET * 2, "HS512"),
        "no algorithm": f"{segment({'alg': 'none', 'typ': 'JWT'})}.{payload}.",
        "no algorithm, capital": f"{segment({'alg': 'None'})}.{payload}.{signature}",
        "other claims": f"{header}.{segment(good | {'sub': '1', 'exp': 4e9})}.{signature}",
        "no signature": f"{header}.{payload}.",
        "no token": "hello",
        "dots": "..",
        "binary": "\x7f" * 100,
        "not ASCII": "é.é.é",
        "deep header": f"{segment(b'[' * 3000)}.{payload}.{signature}",
        "header no object": f"{segment(7)}.{payload}.{signature}",
        "expired": jwt.encode(good | {"exp": EARLIER}, SECRET, "HS256"),
        "no expiry": jwt.encode({k: v for k, v in good.items() if k != "exp"}, SECRET, "HS256"),
        "no session": jwt.encode({k: v for k, v in good.items() if k != "sid"}, SECRET, "HS256"),
        "unknown session": jwt.encode(good | {"sid": str(uuid4())}, SECRET, "HS256"),
        "session no id": jwt.encode(good | {"sid": "7"}, SECRET, "HS256"),
        "session no text": jwt.encode(good | {"sid": 7}, SECRET, "HS256"),
        "expiry no number": jwt.encode(good | {"exp": "soon"}, SECRET, "HS256"),
    }


KINDS = sorted(forgeries(jwt.encode({"sub": "1", "sid": "", "exp": LATER}, SECRET, "HS256")))


@pytest.mark.parametrize("kind", KINDS)
async def test_a_forged_token_opens_nothing(api: Api, app: web.Application, kind: str) -> None:
    good = await sign_up(api)
    forged = forgeries(good)[kind]
    with pytest.raises(BadToken):
        await app[TOKENS].authenticate(forged)
    assert (await app[TOKENS].authenticate(good)).name == "ada"


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic YTpi", "Bearer a.b.c"])
async def test_without_a_good_token_the_answer_is_401(api: Api, header: str) -> None:
    async with api.get("/users/me", headers={"Authorization": header}) as response:
        assert response.status == HTTPStatus.UNAUTHORIZED
        assert response.headers["WWW-Authenticate"].startswith("Bearer")
        assert response.content_type == "application/problem+json"


async def test_the_scheme_is_case_insensitive(api: Api) -> None:
    token = await sign_up(api)
    async with api.get("/users/me", headers={"Authorization": f"bearer {token}"}) as response:
        assert response.status == HTTPStatus.OK


async def test_a_deleted_session_ends_its_token(api: Api, database: Database) -> None:
    token = await sign_up(api)
    await database.execute("DELETE FROM sessions")
    status, problem = await get(api, "/users/me", token)
    assert (status, problem["detail"]) == (HTTPStatus.UNAUTHORIZED, "The session has ended.")


async def test_the_session_expires_with_its_token(api: Api, database: Database) -> None:
    token = await sign_up(api)
    expires_at = (await database.one("SELECT expires_at FROM sessions"))["expires_at"]
    assert int(expires_at.timestamp()) == claims_of(token)["exp"]


async def test_a_guests_token_says_who_and_where(api: Api, app: web.Application) -> None:
    host = await sign_up(api)
    meeting_id = await new_meeting(api, host)
    _, guest = await post(api, f"/meetings/{meeting_id}/guests", {"name": "Bob"})
    identity = await app[TOKENS].authenticate(guest["token"])
    assert (identity.name, identity.user_id, identity.meeting_id) == ("Bob", None, meeting_id)
    assert identity.guest_id is not None
    assert claims_of(guest["token"])["kind"] == "guest"
    async with api.get("/users/me", headers=bearer(guest["token"])) as response:
        assert response.status == HTTPStatus.FORBIDDEN
