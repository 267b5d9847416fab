"""Who may sign up, and who may invite."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any

import pytest
from aiohttp import web

from api.context import INVITATIONS, SIGNUP
from api.invitations import digest, new_code
from db.pool import Database
from tests.api.conftest import Api
from tests.api.people import ADA, bearer, get, post, sign_up


async def administrator(api: Api, database: Database) -> str:
    token = await sign_up(api, email="admin@example.com")
    await database.execute("UPDATE users SET is_admin = TRUE WHERE email = 'admin@example.com'")
    return token


async def invited(api: Api, token: str, **more: object) -> dict[str, Any]:
    status, invitation = await post(api, "/admin/invitations", more, token)
    assert status == HTTPStatus.CREATED, invitation
    return invitation


async def refused(api: Api, **more: object) -> bool:
    """To sign up; the invitation is to blame."""
    status, answer = await post(api, "/auth/signup", ADA | more)
    if status == HTTPStatus.CREATED:
        return False
    assert status == HTTPStatus.FORBIDDEN
    assert [error["field"] for error in answer["errors"]] == ["invitation"]
    return True


async def test_with_an_invitation_one_may_sign_up_once(
    api: Api, app: web.Application, database: Database
) -> None:
    admin = await administrator(api, database)
    app._state[SIGNUP] = "invite"
    assert await refused(api)
    assert await refused(api, invitation="wrong")
    assert await refused(api, invitation="\0\x7f")
    code = (await invited(api, admin))["code"]
    answers = await asyncio.gather(
        *(refused(api, email=f"{n}@example.com", invitation=code) for n in range(5))
    )
    assert sorted(answers) == [False, True, True, True, True]
    mine = (await invited(api, admin, email="ADA@example.com"))["code"]
    assert await refused(api, email="eve@example.com", invitation=mine)
    assert not await refused(api, invitation=mine)
    late = (await invited(api, admin))["code"]
    await database.execute("UPDATE invitations SET expires_at = now()")
    assert await refused(api, email="eve@example.com", invitation=late)


async def test_a_closed_house_is_opened_from_the_command_line_only(
    api: Api, app: web.Application, database: Database
) -> None:
    admin = await administrator(api, database)
    code = (await invited(api, admin))["code"]
    app._state[SIGNUP] = "closed"
    assert await refused(api)
    assert await refused(api, invitation=code)
    assert (await post(api, "/admin/invitations", {}, admin))[0] == HTTPStatus.CONFLICT
    own = new_code()
    await app[INVITATIONS].create(digest(own), None, actor_id=None)
    assert not await refused(api, invitation=own)


async def test_only_administrators_see_to_invitations(api: Api, database: Database) -> None:
    admin, ada = await administrator(api, database), await sign_up(api)
    invitation = await invited(api, admin, email="ben@example.com")
    path = f"/admin/invitations/{invitation['id']}"
    for token, expected in ((ada, HTTPStatus.FORBIDDEN), (None, HTTPStatus.UNAUTHORIZED)):
        assert (await post(api, "/admin/invitations", {}, token))[0] == expected
        assert (await get(api, "/admin/invitations", token))[0] == expected
        async with api.delete(path, headers=bearer(token) if token else {}) as response:
            assert response.status == expected
    _, listed = await get(api, "/admin/invitations", admin)
    code = invitation.pop("code")
    assert listed == {"items": [invitation], "next": None}
    assert code not in str((await database.one("SELECT * FROM invitations"))["code_digest"])
    for expected in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_FOUND):
        async with api.delete(path, headers=bearer(admin)) as response:
            assert response.status == expected


@pytest.mark.parametrize("wrong", [{"email": "ben"}, {"email": 7}])
async def test_what_is_wrong_is_named(
    api: Api, database: Database, wrong: dict[str, object]
) -> None:
    admin = await administrator(api, database)
    status, problem = await post(api, "/admin/invitations", wrong, admin)
    assert status == HTTPStatus.UNPROCESSABLE_ENTITY
    assert [error["field"] for error in problem["errors"]] == ["email"]


async def test_in_an_open_house_nobody_needs_one(api: Api) -> None:
    assert not await refused(api)
    assert not await refused(api, email="ben@example.com", invitation="whatever")
