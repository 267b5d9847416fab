"""What holds for every operation, tried on a few made for it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Annotated

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from pydantic import Field

from api.dispatch import add_operations
from api.models.common import Model
from api.operations import Access, Answer, Call, Routes, Versioned
from api.paging import PageQuery
from db.errors import StaleError
from db.pool import Database
from tests.api.conftest import Api
from tests.api.people import bearer, get, new_meeting, post, sign_up

routes = Routes("things")


class Thing(Model):
    number: Annotated[int, Field(ge=1)]


@routes.get("/things/mine", access=Access.GUEST)
async def mine(call: Call) -> Thing:
    """Comes before what looks like a part of the path."""
    return Thing(number=1)


@routes.get("/things/{number}", access=Access.ANYBODY)
async def one(call: Call, number: int) -> Versioned[Thing]:
    """One thing."""
    return Versioned(Thing(number=number), version=7)


@routes.get("/things", access=Access.USER)
async def all_of_them(call: Call, query: PageQuery) -> Answer[Thing]:
    """As many as are asked for."""
    return Answer(Thing(number=query.limit), HTTPStatus.ACCEPTED, {"X-Number": str(call.user_id)})


@routes.post("/things", access=Access.ADMIN)
async def make(call: Call, body: Thing) -> Thing:
    """Another thing."""
    return body


@routes.patch("/things/{number}", access=Access.ANYBODY, edits=True)
async def edit(call: Call, number: int) -> Thing:
    """Its version is 7."""
    if call.if_match not in (None, 7):
        raise StaleError
    return Thing(number=call.if_match or number)


@pytest.fixture
async def things(app: web.Application) -> AsyncIterator[Api]:
    add_operations(app, routes.operations)
    async with TestClient(TestServer(app)) as client:
        yield client


async def test_a_number_of_the_path_is_one(things: Api) -> None:
    async with things.get("/things/9223372036854775807") as response:
        assert (await response.json(), response.headers["ETag"]) == ({"number": 2**63 - 1}, '"7"')
    for number in ("0", "-1", "1.5", "01", "x", "9223372036854775808", "99999999999999999999"):
        status, problem = await get(things, f"/things/{number}")
        assert (status, problem["status"]) == (HTTPStatus.NOT_FOUND, HTTPStatus.NOT_FOUND), number


async def test_who_may_is_checked_first(things: Api, database: Database) -> None:
    user = await sign_up(things)
    admin = await sign_up(things, email="root@example.com")
    await database.execute("UPDATE users SET is_admin = TRUE WHERE email = 'root@example.com'")
    guest = await post(
        things, f"/meetings/{await new_meeting(things, user)}/guests", {"name": "Guest"}
    )
    tokens = {"nobody": None, "guest": guest[1]["token"], "user": user, "admin": admin}
    allowed = {
        "/things/1": ["nobody", "guest", "user", "admin"],
        "/things/mine": ["guest", "user", "admin"],
        "/things": ["user", "admin"],
    }
    for path, who in allowed.items():
        found = {name: (await get(things, path, token))[0] for name, token in tokens.items()}
        assert [name for name, status in found.items() if status < HTTPStatus.BAD_REQUEST] == who
        assert found["nobody"] in (200, HTTPStatus.UNAUTHORIZED)
    # The body is not even looked at.
    made = {name: (await post(things, "/things", 7, token))[0] for name, token in tokens.items()}
    assert made == {"nobody": 401, "guest": 403, "user": 403, "admin": 422}
    assert (await get(things, "/things/1", "no token"))[0] == HTTPStatus.UNAUTHORIZED


async def test_an_answer_may_have_headers_and_another_status(things: Api) -> None:
    token = await sign_up(things)
    async with things.get("/things?limit=3", headers=bearer(token)) as response:
        assert (response.status, await response.json()) == (HTTPStatus.ACCEPTED, {"number": 3})
        assert int(response.headers["X-Number"]) > 0


@pytest.mark.parametrize("limit", ["0", "101", "x", ""])
async def test_a_query_is_checked(things: Api, limit: str) -> None:
    status, problem = await get(things, f"/things?limit={limit}", await sign_up(things))
    assert status == HTTPStatus.UNPROCESSABLE_ENTITY
    assert [error["field"] for error in problem["errors"]] == ["limit"]


async def test_a_body_is_taken_by_its_word(things: Api, database: Database) -> None:
    token = await sign_up(things)
    await database.execute("UPDATE users SET is_admin = TRUE")
    assert await post(things, "/things", {"number": 2}, token) == (200, {"number": 2})
    for number in ("2", 2.5, True, None, 0):
        status, problem = await post(things, "/things", {"number": number}, token)
        assert status == HTTPStatus.UNPROCESSABLE_ENTITY
        assert [error["field"] for error in problem["errors"]] == ["number"]


@pytest.mark.parametrize(
    ("header", "status"),
    [
        (None, HTTPStatus.PRECONDITION_REQUIRED),
        ('"7"', HTTPStatus.OK),
        ("*", HTTPStatus.OK),
        ('"8"', HTTPStatus.PRECONDITION_FAILED),
        ("7", HTTPStatus.PRECONDITION_FAILED),
        ('W/"7"', HTTPStatus.PRECONDITION_FAILED),
        ('"' + "9" * 30 + '"', HTTPStatus.PRECONDITION_FAILED),
        ('"²"', HTTPStatus.PRECONDITION_FAILED),
    ],
)
async def test_an_edit_is_of_the_version_that_was_read(
    things: Api, header: str | None, status: HTTPStatus
) -> None:
    headers = {"If-Match": header} if header else {}
    async with things.patch("/things/3", headers=headers) as response:
        assert response.status == status


def test_a_signature_that_does_not_fit_its_path_is_found_at_once() -> None:
    with pytest.raises(TypeError, match="parameters"):

        @Routes("wrong").get("/wrong/{number}", access=Access.ANYBODY)
        async def wrong(call: Call, other: int) -> None: ...

    with pytest.raises(TypeError, match="cannot answer"):

        @Routes("wrong").get("/wrong", access=Access.ANYBODY)
        async def text(call: Call) -> str:
            return ""
