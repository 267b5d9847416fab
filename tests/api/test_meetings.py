"""Meetings and their guests."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any

import pytest
from aiohttp import ClientWebSocketResponse, web

from api.context import MEETINGS
from db.pool import Database
from tests.api.conftest import PARTICIPANTS, PUBLIC_URL, Api
from tests.api.people import bearer, connected, get, new_meeting, own_id, post, send, sign_up


async def test_who_has_an_account_makes_a_meeting(api: Api) -> None:
    token = await sign_up(api, name="Ada")
    status, meeting = await post(api, "/meetings", {"title": " Tea "}, token)
    assert status == HTTPStatus.CREATED
    assert (meeting["title"], meeting["guests_allowed"]) == ("Tea", True)
    assert (meeting["role"], meeting["version"], meeting["lobby"]) == ("host", 1, "off")
    assert meeting["host"]["name"] == "Ada"
    assert meeting["url"] == f"{PUBLIC_URL}/m/{meeting['id']}"


async def test_whoever_knows_the_id_finds_it(api: Api) -> None:
    token = await sign_up(api)
    _, meeting = await post(api, "/meetings", {}, token)
    assert await get(api, f"/meetings/{meeting['id']}", token) == (HTTPStatus.OK, meeting)
    assert await get(api, f"/meetings/{meeting['id']}") == (HTTPStatus.OK, meeting | {"role": None})


async def test_ids_have_96_random_bits(api: Api) -> None:
    token = await sign_up(api)
    ids = [await new_meeting(api, token) for _ in range(5)]
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{16}", meeting_id) for meeting_id in ids)
    assert len({meeting_id[:4] for meeting_id in ids}) == 5


async def test_without_an_account_there_is_no_meeting_to_make(api: Api) -> None:
    assert (await post(api, "/meetings", {}))[0] == HTTPStatus.UNAUTHORIZED
    meeting_id = await new_meeting(api, await sign_up(api))
    _, guest = await post(api, f"/meetings/{meeting_id}/guests", {"name": "Bob"})
    assert (await post(api, "/meetings", {}, guest["token"]))[0] == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize("meeting_id", ["AAAAAAAAAAAAAAAA", "a", "%00", "%FF%FE", "..%2F.."])
async def test_an_unknown_id_is_404(api: Api, meeting_id: str) -> None:
    assert (await get(api, f"/meetings/{meeting_id}"))[0] == HTTPStatus.NOT_FOUND
    guests = await post(api, f"/meetings/{meeting_id}/guests", {"name": "Bob"})
    assert guests[0] == HTTPStatus.NOT_FOUND


async def test_a_guest_joins_with_a_name(api: Api, database: Database) -> None:
    meeting_id = await new_meeting(api, await sign_up(api))
    status, guest = await post(api, f"/meetings/{meeting_id}/guests", {"name": " Bob "})
    assert status == HTTPStatus.CREATED
    assert guest.keys() == {"token", "name", "meeting_id"}
    assert (guest["name"], guest["meeting_id"]) == ("Bob", meeting_id)
    stored = await database.one("SELECT meeting_id, name FROM meeting_guests")
    assert tuple(stored) == (meeting_id, "Bob")


async def test_a_meeting_may_be_closed_to_guests(api: Api, database: Database) -> None:
    meeting_id = await new_meeting(api, await sign_up(api), guests_allowed=False)
    status, problem = await post(api, f"/meetings/{meeting_id}/guests", {"name": "Bob"})
    assert status == HTTPStatus.FORBIDDEN
    assert "guests" in problem["detail"]
    assert await database.row("SELECT 1 FROM meeting_guests") is None


@pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": "\t"}, {"name": "x" * 81}])
async def test_a_guest_needs_a_name(api: Api, body: dict[str, str]) -> None:
    meeting_id = await new_meeting(api, await sign_up(api))
    status, problem = await post(api, f"/meetings/{meeting_id}/guests", body)
    assert status == HTTPStatus.UNPROCESSABLE_ENTITY
    assert problem["errors"][0]["field"] == "name"


SETTINGS = {
    "title": "Board",
    "starts_at": "2027-01-02T10:00:00Z",
    "guests_allowed": False,
    "lobby": "all",
    "locked": True,
    "max_participants": 12,
}


async def test_everything_can_be_set_and_changed(api: Api) -> None:
    token = await sign_up(api)
    _, made = await post(api, "/meetings", SETTINGS | {"password": "secret"}, token)
    assert SETTINGS.items() <= made.items()
    assert made["password_required"] is True
    assert "secret" not in str(made)
    status, edited = await change(api, made["id"], token, title="Tea", password=None)
    assert status == HTTPStatus.OK
    assert edited == made | {"title": "Tea", "password_required": False, "version": 2}
    assert await get(api, f"/meetings/{made['id']}", token) == (HTTPStatus.OK, edited)


async def change(
    api: Api,
    meeting_id: str,
    token: str,
    match: str = "*",
    **changes: Any,  # noqa: ANN401
) -> tuple[int, dict[str, Any]]:
    headers = bearer(token) | {"If-Match": match}
    async with api.patch(f"/meetings/{meeting_id}", json=changes, headers=headers) as response:
        return response.status, await response.json()


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": "x" * 201},
        {"title": None},
        {"lobby": "some"},
        {"max_participants": 1},
        {"max_participants": PARTICIPANTS + 1},
        {"password": ""},
        {"password": "x" * 129},
        {"starts_at": "2027-01-02T10:00:00"},
        {"starts_at": "soon"},
        {"starts_at": "0001-01-01T00:00:00Z"},
        {"starts_at": "0001-01-01T00:00:00+14:00"},
        {"starts_at": "9999-12-31T23:59:59-14:00"},
        {"starts_at": "9999-12-31T23:59:59.999999Z"},
        {"locked": "yes"},
    ],
)
async def test_a_wrong_setting_is_named(api: Api, wrong: dict[str, Any]) -> None:
    token = await sign_up(api)
    for status, problem in (
        await post(api, "/meetings", wrong, token),
        await change(api, await new_meeting(api, token), token, **wrong),
    ):
        assert status == HTTPStatus.UNPROCESSABLE_ENTITY
        assert [error["field"] for error in problem["errors"]] == list(wrong)


async def test_an_edit_is_of_what_was_read(api: Api) -> None:
    token = await sign_up(api)
    meeting_id = await new_meeting(api, token)
    assert (await change(api, meeting_id, token, '"1"', title="Tea"))[0] == HTTPStatus.OK
    assert (await change(api, meeting_id, token, '"1"', title="x"))[0] == 412


class Circle:
    """A meeting with one of each: who may do what?"""

    def __init__(self, api: Api, app: web.Application) -> None:
        self.api = api
        self.meetings = app[MEETINGS]

    async def gather(self) -> None:
        self.tokens: dict[str, str | None] = {"nobody": None}
        self.ids: dict[str, int] = {}
        for name in ("host", "cohost", "participant", "removed", "stranger"):
            token = self.tokens[name] = await sign_up(self.api, email=f"{name}@example.com")
            self.ids[name] = await own_id(self.api, token)
        self.id = await new_meeting(self.api, str(self.tokens["host"]))
        other = await new_meeting(self.api, str(self.tokens["stranger"]))
        for name, meeting_id in (("guest", self.id), ("other guest", other)):
            _, made = await post(self.api, f"/meetings/{meeting_id}/guests", {"name": "Gus"})
            self.tokens[name] = made["token"]
        members = [self.ids[name] for name in ("cohost", "participant", "removed")]
        await self.meetings.admit(self.id, members)
        await self.meetings.set_role(self.id, self.ids["cohost"], "cohost")
        await self.meetings.remove_user(self.id, self.ids["removed"])

    async def who_may(self, method: str, path: str, body: object = None) -> set[str]:
        """All that are answered well; nobody else may find out more than that it is there."""
        may = set()
        for name, token in self.tokens.items():
            headers = (bearer(token) if token else {}) | {"If-Match": "*"}
            url = f"/meetings/{self.id}{path}"
            async with self.api.request(method, url, json=body, headers=headers) as response:
                if response.status < HTTPStatus.BAD_REQUEST:
                    may.add(name)
                else:
                    assert response.status in (401, 403, 404, 410), (name, response.status)
        return may


@pytest.fixture
async def circle(api: Api, app: web.Application) -> Circle:
    gathered = Circle(api, app)
    await gathered.gather()
    return gathered


async def test_who_may_look(circle: Circle) -> None:
    everybody = set(circle.tokens)
    assert await circle.who_may("GET", "") == everybody - {"other guest"}
    assert await circle.who_may("GET", "/members") == {"host", "cohost"}
    roles = {}
    for name, token in circle.tokens.items():
        roles[name] = (await get(circle.api, f"/meetings/{circle.id}", token))[1].get("role")
    assert roles == {
        "nobody": None,
        "host": "host",
        "cohost": "cohost",
        "participant": "participant",
        "removed": None,
        "stranger": None,
        "guest": "guest",
        "other guest": None,
    }


async def test_who_may_change(circle: Circle) -> None:
    participant, cohost = circle.ids["participant"], circle.ids["cohost"]
    assert await circle.who_may("PATCH", "", {"title": "Tea"}) == {"host", "cohost"}
    role = {"role": "participant"}
    assert await circle.who_may("PUT", f"/members/{participant}", role) == {"host"}
    assert await circle.who_may("DELETE", f"/members/{circle.ids['host']}") == set()
    assert await circle.who_may("DELETE", f"/members/{participant}") == {"host", "cohost"}
    assert await circle.who_may("POST", f"/members/{participant}/readmit") == {"host", "cohost"}
    # The co-host, asked after the host, is the host by then.
    assert await circle.who_may("PUT", "/host", {"user_id": cohost}) == {"host", "cohost"}
    heir = {"user_id": circle.ids["stranger"]}
    async with circle.api.put(
        f"/meetings/{circle.id}/host", json=heir, headers=bearer(str(circle.tokens["cohost"]))
    ) as response:
        assert response.status == HTTPStatus.UNPROCESSABLE_ENTITY  # is not in it
    assert await circle.who_may("POST", "/end") == {"cohost"}
    assert await circle.who_may("PATCH", "", {"title": "Tea"}) == set()


async def test_members_are_listed_with_their_roles(circle: Circle) -> None:
    path = f"/meetings/{circle.id}/members?limit=3"
    _, first = await get(circle.api, path, circle.tokens["cohost"])
    _, rest = await get(circle.api, f"{path}&after={first['next']}", circle.tokens["cohost"])
    roles = [(each["role"], each["removed_at"] is None) for each in first["items"] + rest["items"]]
    assert roles == [
        ("host", True),
        ("cohost", True),
        ("participant", True),
        ("participant", False),
    ]
    assert rest["next"] is None


async def test_mine_are_those_i_made_or_was_let_into(circle: Circle) -> None:
    own = await new_meeting(circle.api, str(circle.tokens["cohost"]), title="own")
    found = {}
    for name in ("host", "cohost", "removed", "stranger"):
        _, listed = await get(circle.api, "/meetings?limit=1", circle.tokens[name])
        ids = [each["id"] for each in listed["items"]]
        if listed["next"]:
            after = f"/meetings?limit=1&after={listed['next']}"
            _, rest = await get(circle.api, after, circle.tokens[name])
            ids += [each["id"] for each in rest["items"]]
        found[name] = ids
    assert found["host"] == [circle.id]
    assert found["cohost"] == [own, circle.id]
    assert found["removed"] == []
    assert circle.id not in found["stranger"]


async def until(socket: ClientWebSocketResponse, kind: str) -> dict[str, Any]:
    """The next message of that type."""
    while (message := await socket.receive_json(timeout=10))["type"] != kind:
        pass
    return dict(message)


async def test_an_end_is_told_and_for_good(circle: Circle) -> None:
    token = str(circle.tokens["guest"])
    async with connected(circle.api, token) as socket:
        await socket.send_json({"type": "join", "id": 2, "meeting_id": circle.id})
        assert (await until(socket, "reply"))["result"]["joined"]["role"] == "guest"
        assert (await get(circle.api, f"/meetings/{circle.id}"))[1]["running"] is True
        await post(circle.api, f"/meetings/{circle.id}/end", None, circle.tokens["host"])
        assert (await until(socket, "removed"))["reason"] == "ended"
    member = circle.ids["participant"]
    for method, path, body in (
        ("POST", "/guests", {"name": "Late"}),
        ("PUT", "/host", {"user_id": member}),
        ("PUT", f"/members/{member}", {"role": "cohost"}),
    ):
        url, host = f"/meetings/{circle.id}{path}", circle.tokens["host"]
        assert (await send(circle.api, method, url, host, json=body))[0] == HTTPStatus.GONE
    _, ended = await get(circle.api, "/meetings?ended=true", circle.tokens["host"])
    assert [(each["id"], each["running"]) for each in ended["items"]] == [(circle.id, False)]
    assert (await get(circle.api, "/meetings?ended=false", circle.tokens["host"]))[1]["items"] == []


async def test_an_edit_is_told_in_the_meeting(circle: Circle) -> None:
    async with connected(circle.api, str(circle.tokens["participant"])) as socket:
        await socket.send_json({"type": "join", "id": 2, "meeting_id": circle.id})
        reply = await until(socket, "reply")
        assert reply["result"]["joined"]["conversation_id"]
        await change(circle.api, circle.id, str(circle.tokens["cohost"]), title="Coffee")
        told = await until(socket, "meeting_changed")
        assert told["meeting"]["title"] == "Coffee"


async def test_a_password_keeps_strangers_out(api: Api) -> None:
    token = await sign_up(api)
    _, meeting = await post(api, "/meetings", {"password": "secret"}, token)
    path = f"/meetings/{meeting['id']}/guests"
    for password in (None, "wrong"):
        status, problem = await post(api, path, {"name": "Eve", "password": password})
        assert status == HTTPStatus.FORBIDDEN
        assert [error["field"] for error in problem["errors"]] == ["password"]
    assert (await post(api, path, {"name": "Bob", "password": "secret"}))[0] == HTTPStatus.CREATED
    statuses = [(await post(api, path, {"name": "Eve", "password": "x"}))[0] for _ in range(5)]
    assert statuses[-1] == HTTPStatus.TOO_MANY_REQUESTS


async def test_a_locked_meeting_takes_no_new_guests(api: Api) -> None:
    meeting_id = await new_meeting(api, await sign_up(api), locked=True)
    status, problem = await post(api, f"/meetings/{meeting_id}/guests", {"name": "Bob"})
    assert (status, "locked" in problem["detail"]) == (HTTPStatus.FORBIDDEN, True)
