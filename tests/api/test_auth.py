"""Signing up, in and out."""

from __future__ import annotations

from http import HTTPStatus

import pytest
from aiohttp import web

from api.context import PASSWORDS, THROTTLE
from api.throttle import ATTEMPTS
from db.pool import Database
from tests.api.conftest import Api
from tests.api.people import ADA, get, post, sign_up


async def test_email_and_password_suffice(api: Api) -> None:
    status, session = await post(
        api, "/auth/signup", {"email": "test@example.com", "password": "password123"}
    )
    assert status == HTTPStatus.CREATED
    user = session["user"]
    assert user.keys() >= {"id", "email", "name", "age", "created_at"}
    assert "password" not in user
    assert (user["email"], user["name"], user["age"]) == ("test@example.com", "test", None)
    assert await get(api, "/users/me", session["token"]) == (HTTPStatus.OK, user)


async def test_name_and_age_are_kept(api: Api) -> None:
    token = await sign_up(api, name="  Ada 👩‍💻 ", age=36)
    _, user = await get(api, "/users/me", token)
    assert (user["name"], user["age"]) == ("Ada 👩‍💻", 36)


async def test_login_gives_another_token_for_the_same_user(api: Api) -> None:
    first = await sign_up(api)
    status, session = await post(api, "/auth/login", ADA)
    assert status == HTTPStatus.OK
    assert session["token"] != first
    assert (await get(api, "/users/me", first))[1] == session["user"]


async def test_an_email_is_one_account_in_any_case(api: Api) -> None:
    await sign_up(api, email="ADA@Example.com")
    status, problem = await post(api, "/auth/signup", ADA)
    assert status == HTTPStatus.CONFLICT
    assert problem["errors"] == [{"field": "email", "message": "is taken"}]
    assert (await post(api, "/auth/login", ADA | {"email": " Ada@EXAMPLE.com "}))[0] == 200


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"email": "ada"}, "email"),
        ({"email": "ada@"}, "email"),
        ({"email": "@example.com"}, "email"),
        ({"email": "a b@example.com"}, "email"),
        ({"email": "ada@exa_mple.com"}, "email"),
        ({"email": "ada@example..com"}, "email"),
        ({"email": "ada@example.com\0"}, "email"),
        ({"email": f"ada@{'e' * 64}.com"}, "email"),
        ({"email": 7}, "email"),
        ({"email": None}, "email"),
        ({"password": "seven77"}, "password"),
        ({"password": "x" * 129}, "password"),
        ({"name": " "}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"name": "a\0b"}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"age": -1}, "age"),
        ({"age": 151}, "age"),
        ({"age": "old"}, "age"),
    ],
)
async def test_what_is_wrong_is_named(api: Api, wrong: dict[str, object], field: str) -> None:
    status, problem = await post(api, "/auth/signup", ADA | wrong)
    assert status == HTTPStatus.UNPROCESSABLE_ENTITY
    assert [error["field"] for error in problem["errors"]] == [field]
    assert problem["errors"][0]["message"]


@pytest.mark.parametrize(
    "credentials",
    [ADA | {"password": "password124"}, ADA | {"email": "eve@example.com"}],
)
async def test_who_is_wrong_is_not_told(api: Api, credentials: dict[str, str]) -> None:
    await sign_up(api)
    status, problem = await post(api, "/auth/login", credentials)
    assert status == HTTPStatus.UNAUTHORIZED
    assert problem["detail"] == "Email or password is wrong."


async def test_an_unknown_email_costs_a_hash_too(
    api: Api, app: web.Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashes: list[str] = []
    matches = app[PASSWORDS]._matches

    def counted(hashed: str, password: str) -> bool:
        hashes.append(hashed)
        return matches(hashed, password)

    monkeypatch.setattr(app[PASSWORDS], "_matches", counted)
    await post(api, "/auth/login", ADA)
    assert len(hashes) == 1


async def test_an_inactive_user_is_out_at_once(api: Api, database: Database) -> None:
    token = await sign_up(api)
    await database.execute("UPDATE users SET is_active = FALSE")
    assert (await get(api, "/users/me", token))[0] == HTTPStatus.UNAUTHORIZED
    assert (await post(api, "/auth/login", ADA))[0] == HTTPStatus.UNAUTHORIZED


async def test_logout_ends_one_session(api: Api) -> None:
    one = await sign_up(api)
    other = (await post(api, "/auth/login", ADA))[1]["token"]
    async with api.post("/auth/logout", headers={"Authorization": f"Bearer {one}"}) as response:
        assert response.status == HTTPStatus.NO_CONTENT
    assert (await get(api, "/users/me", one))[0] == HTTPStatus.UNAUTHORIZED
    assert (await get(api, "/users/me", other))[0] == HTTPStatus.OK


async def test_guessing_is_slowed_down_for_this_account_only(api: Api) -> None:
    await sign_up(api)
    await sign_up(api, email="bob@example.com")
    wrong = ADA | {"password": "password124"}
    statuses = [(await post(api, "/auth/login", wrong))[0] for _ in range(ATTEMPTS)]
    assert statuses == [HTTPStatus.UNAUTHORIZED] * ATTEMPTS
    async with api.post("/auth/login", json=ADA) as response:
        assert response.status == HTTPStatus.TOO_MANY_REQUESTS
        assert int(response.headers["Retry-After"]) > 0
    bob = ADA | {"email": "bob@example.com"}
    assert (await post(api, "/auth/login", bob))[0] == HTTPStatus.OK


async def test_the_right_password_starts_the_count_again(api: Api, app: web.Application) -> None:
    await sign_up(api)
    for _ in range(2 * ATTEMPTS):
        assert (await post(api, "/auth/login", ADA))[0] == HTTPStatus.OK
    assert app[THROTTLE].wait("127.0.0.1", ADA["email"], now=0) == 0


async def test_the_password_is_stored_as_argon2id(api: Api, database: Database) -> None:
    await sign_up(api)
    stored = (await database.one("SELECT password FROM users"))["password"]
    assert stored.startswith("$argon2id$")


async def test_an_outdated_hash_is_renewed_at_login(
    api: Api, app: web.Application, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sign_up(api)
    before = (await database.one("SELECT password FROM users"))["password"]
    monkeypatch.setattr(app[PASSWORDS], "is_outdated", lambda hashed: hashed == before)
    await post(api, "/auth/login", ADA)
    assert (await database.one("SELECT password FROM users"))["password"] != before
    assert (await post(api, "/auth/login", ADA))[0] == HTTPStatus.OK
