"""One's own account, other people, and what who may see of whom."""

from __future__ import annotations

import io
from http import HTTPStatus
from typing import Any

import pytest
from aiohttp import web
from PIL import Image

from api.avatars import MAX_BYTES
from api.context import LIMITER
from api.limits import PER_ACCOUNT, Limiter
from api.operations import Cost
from db.pool import Database
from tests.api.conftest import Api
from tests.api.people import (
    ADA,
    BEN,
    bearer,
    connected,
    get,
    guest,
    new_meeting,
    own_id,
    post,
    reasons,
    send,
    sign_up,
)

ME = "/users/me"
AVATAR = f"{ME}/avatar"
PNG = {"Content-Type": "image/png"}
EMAIL_OR_PASSWORD = "Email or password is wrong."


def picture(colour: str = "red") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (9, 9), colour).save(file, "PNG")
    return file.getvalue()


async def change(
    api: Api, token: str | None, body: object, if_match: str | None = "*"
) -> tuple[int, Any]:
    headers = {"If-Match": if_match} if if_match else {}
    return await send(api, "PATCH", ME, token, json=body, headers=headers)


# One's own account


async def test_a_profile_is_read_and_changed(api: Api) -> None:
    token = await sign_up(api, name="Ada", age=36)
    async with api.get(ME, headers=bearer(token)) as response:
        mine = await response.json()
        assert response.headers["ETag"] == '"1"'
    assert mine.keys() == {
        *("id", "email", "name", "age", "avatar", "is_admin", "created_at", "version")
    }
    assert (mine["avatar"], mine["is_admin"], mine["version"]) == (None, False, 1)
    status, changed = await change(api, token, {"name": " Ada L. "}, '"1"')
    assert (status, changed) == (HTTPStatus.OK, mine | {"name": "Ada L.", "version": 2})
    assert (await change(api, token, {"age": 1}, '"1"'))[0] == HTTPStatus.PRECONDITION_FAILED
    assert (await change(api, token, {"age": 1}, None))[0] == HTTPStatus.PRECONDITION_REQUIRED
    _, older = await change(api, token, {"age": 37})
    assert (older["name"], older["age"]) == ("Ada L.", 37)
    _, forgotten = await change(api, token, {"age": None, "name": None})
    assert (forgotten["name"], forgotten["age"]) == ("Ada L.", None)
    assert await get(api, ME, token) == (HTTPStatus.OK, forgotten)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"name": 81 * "a"}, "name"),
        ({"age": -1}, "age"),
        ({"age": 151}, "age"),
        ({"age": "36"}, "age"),
    ],
)
async def test_a_profile_takes_no_nonsense(api: Api, body: dict[str, Any], field: str) -> None:
    status, problem = await change(api, await sign_up(api), body)
    assert status == HTTPStatus.UNPROCESSABLE_ENTITY
    assert [error["field"] for error in problem["errors"]] == [field]


async def test_nobody_makes_himself_an_administrator(api: Api) -> None:
    token = await sign_up(api)
    body = {"is_admin": True, "is_active": False, "email": "x@example.com", "id": 9, "version": 9}
    _, mine = await change(api, token, body)
    assert (mine["is_admin"], mine["email"], mine["version"]) == (False, ADA["email"], 2)
    assert (await get(api, "/admin/users", token))[0] == HTTPStatus.FORBIDDEN


async def test_an_account_is_for_who_has_one(api: Api) -> None:
    visitor = await guest(api, await sign_up(api))
    for token, refused in ((None, HTTPStatus.UNAUTHORIZED), (visitor, HTTPStatus.FORBIDDEN)):
        for method, path in (
            ("GET", ME),
            ("PATCH", ME),
            ("DELETE", ME),
            ("PUT", AVATAR),
            ("DELETE", AVATAR),
            ("GET", "/users"),
            ("GET", "/users/1"),
            ("GET", "/users/1/avatar"),
        ):
            assert (await send(api, method, path, token, json={}))[0] == refused, path


# Pictures


async def test_a_picture_is_given_seen_and_taken_back(api: Api) -> None:
    ada, ben = await sign_up(api), await sign_up(api, **BEN)
    status, mine = await send(api, "PUT", AVATAR, ada, data=picture(), headers=PNG)
    assert status == HTTPStatus.OK
    assert mine
    assert mine["version"] == 2
    path = mine["avatar"]
    for token in (ada, ben):
        async with api.get(path, headers=bearer(token)) as response:
            assert (response.status, response.content_type) == (HTTPStatus.OK, "image/webp")
            assert response.headers["Cache-Control"] == "private, max-age=300"
            assert response.headers["Vary"] == "Authorization"
            etag = response.headers["ETag"]
            assert Image.open(io.BytesIO(await response.read())).size == (256, 256)
    for known, status in (
        (etag, HTTPStatus.NOT_MODIFIED),
        (f'"other", {etag}', HTTPStatus.NOT_MODIFIED),
        ("*", HTTPStatus.NOT_MODIFIED),
        ('"other"', HTTPStatus.OK),
    ):
        headers = bearer(ben) | {"If-None-Match": known}
        async with api.get(path, headers=headers) as response:
            assert (response.status, response.headers["ETag"]) == (status, etag)
            assert bool(await response.read()) == (status == HTTPStatus.OK)
    person = (await get(api, f"/users/{mine['id']}", ben))[1]
    assert person == {"id": mine["id"], "name": "ada", "avatar": path}
    _, other = await send(api, "PUT", AVATAR, ada, data=picture("blue"), headers=PNG)
    assert other
    assert other["avatar"] != path
    _, without = await send(api, "DELETE", AVATAR, ada)
    assert without
    assert (without["avatar"], without["version"]) == (None, 4)
    assert (await get(api, path, ben))[0] == HTTPStatus.NOT_FOUND
    assert (await send(api, "DELETE", AVATAR, ada))[0] == HTTPStatus.OK


async def test_what_is_no_picture_is_refused(api: Api) -> None:
    token = await sign_up(api)
    for data, kind, refused in (
        (picture(), "image/svg+xml", HTTPStatus.UNSUPPORTED_MEDIA_TYPE),
        (picture(), "application/json", HTTPStatus.UNSUPPORTED_MEDIA_TYPE),
        (picture(), "image/jpeg", HTTPStatus.UNPROCESSABLE_ENTITY),
        (picture()[:40], "image/png", HTTPStatus.UNPROCESSABLE_ENTITY),
        (b"", "image/png", HTTPStatus.UNPROCESSABLE_ENTITY),
        (bytes(MAX_BYTES + 1), "image/png", HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    ):
        headers = {"Content-Type": kind}
        status, problem = await send(
            api, "PUT", AVATAR, token, data=io.BytesIO(data), headers=headers
        )
        assert status == refused
        assert problem
        assert problem["status"] == refused
    assert (await get(api, ME, token))[1]["version"] == 1


async def test_a_picture_may_be_as_large_as_is_told(api: Api) -> None:
    data = io.BytesIO(picture() + bytes(MAX_BYTES - len(picture())))
    status, _ = await send(api, "PUT", AVATAR, await sign_up(api), data=data, headers=PNG)
    assert status == HTTPStatus.OK


# Other people


async def test_others_see_a_name_and_a_picture_only(api: Api, database: Database) -> None:
    ada = await sign_up(api, name="Ada", age=36)
    for number, name in enumerate(("ben", "Carl", "Ben B", "Ádám")):
        await sign_up(api, name=name, email=f"{number}@example.com")
    status, found = await get(api, "/users", ada)
    assert status == HTTPStatus.OK
    assert {item["name"] for item in found["items"]} == {"ben", "Carl", "Ben B", "Ádám"}
    for person in found["items"]:
        assert person.keys() == {"id", "name", "avatar"}
        assert (await get(api, f"/users/{person['id']}", ada))[1] == person
    _, first = await get(api, "/users?limit=3", ada)
    _, second = await get(api, f"/users?limit=3&after={first['next']}", ada)
    assert first["items"] + second["items"] == found["items"]
    assert second["next"] is None
    _, bens = await get(api, "/users?search=BE", ada)
    assert [person["name"] for person in bens["items"]] == ["ben", "Ben B"]
    for by_email in ("ada@example.com", "example", "xample.com"):
        assert (await get(api, f"/users?search={by_email}", ada))[1]["items"] == []
    await database.execute("UPDATE users SET is_active = FALSE WHERE name = 'ben'")
    assert [p["name"] for p in (await get(api, "/users?search=be", ada))[1]["items"]] == ["Ben B"]
    assert (await get(api, f"/users/{bens['items'][0]['id']}", ada))[0] == HTTPStatus.NOT_FOUND
    for nobody in ("/users/999", "/users/0", f"/users/{2**63}", "/users/999/avatar"):
        assert (await get(api, nobody, ada))[0] == HTTPStatus.NOT_FOUND
    for wrong in ("limit=0", "limit=101", "after=x", "after=WzFd", "search=", "search=%00"):
        assert (await get(api, f"/users?{wrong}", ada))[0] == HTTPStatus.UNPROCESSABLE_ENTITY


@pytest.fixture
def limited(app: web.Application) -> None:
    app[LIMITER] = Limiter(1.0, lambda: 0.0)


async def test_searches_are_limited_as_what_writes(limited: None, api: Api) -> None:
    ada = await sign_up(api)
    for _ in range(int(PER_ACCOUNT[Cost.WRITE].burst)):
        assert (await get(api, "/users?search=a", ada))[0] == HTTPStatus.OK
    assert (await get(api, "/users?search=a", ada))[0] == HTTPStatus.TOO_MANY_REQUESTS
    assert (await get(api, "/users", ada))[0] == HTTPStatus.OK


# The end of an account


async def leave(api: Api, token: str, password: object = ADA["password"]) -> int:
    return (await send(api, "DELETE", ME, token, json={"password": password}))[0]


async def test_an_account_is_deleted_by_its_owner_only(api: Api) -> None:
    ada = await sign_up(api)
    for password, refused in (
        ("password124", HTTPStatus.FORBIDDEN),
        ("", HTTPStatus.FORBIDDEN),
        (None, HTTPStatus.UNPROCESSABLE_ENTITY),
        (129 * "a", HTTPStatus.UNPROCESSABLE_ENTITY),
    ):
        assert await leave(api, ada, password) == refused
    assert (await send(api, "DELETE", ME, ada))[0] == HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    while (status := await leave(api, ada, "a guess")) == HTTPStatus.FORBIDDEN:
        pass
    assert status == HTTPStatus.TOO_MANY_REQUESTS
    assert await leave(api, ada) == HTTPStatus.TOO_MANY_REQUESTS  # though it is right
    assert (await get(api, ME, ada))[0] == HTTPStatus.OK


async def test_a_deleted_account_is_gone_at_once(api: Api, database: Database) -> None:
    ada, ben = await sign_up(api), await sign_up(api, **BEN)
    ada_id = await own_id(api, ada)
    _, other_device = await post(api, "/auth/login", ADA)
    meeting = await new_meeting(api, ada)
    _, written = await post(api, "/blogs", {"title": "a", "content": "", "published": True}, ada)
    _, talk = await post(api, "/conversations", {"kind": "direct", "user_id": ada_id}, ben)
    messages = f"/conversations/{talk['id']}/messages"
    await post(api, messages, {"content": "hello", "client_key": "1"}, ada)
    await send(api, "PUT", AVATAR, ada, data=picture(), headers=PNG)

    async with connected(api, other_device["token"]) as hers, connected(api, ben) as his:
        assert await leave(api, ada) == HTTPStatus.NO_CONTENT
        assert await reasons(hers) == ["session_ended"]
        changed = await his.receive_json()
        assert (changed["type"], changed["change"]) == ("conversation", "changed")
        assert changed["conversation_id"] == talk["id"]
        await his.send_json({"type": "ping", "id": 2})
        assert (await his.receive_json())["id"] == 2

    for token in (ada, other_device["token"]):
        assert (await get(api, ME, token))[0] == HTTPStatus.UNAUTHORIZED
    status, problem = await post(api, "/auth/login", ADA)
    assert (status, problem["detail"]) == (HTTPStatus.UNAUTHORIZED, EMAIL_OR_PASSWORD)
    for path in (f"/users/{ada_id}", f"/users/{ada_id}/avatar", f"/blogs/{written['id']}"):
        assert (await get(api, path, ben))[0] == HTTPStatus.NOT_FOUND
    assert (await get(api, "/users", ben))[1]["items"] == []
    (left,) = (await get(api, messages, ben))[1]["items"]
    assert (left["content"], left["author"]["name"]) == ("hello", "Deleted user")
    ended = await database.row("SELECT 1 FROM meetings WHERE id = $1 AND ended_at < now()", meeting)
    assert ended
    assert await own_id(api, await sign_up(api)) != ada_id  # the email is free again
