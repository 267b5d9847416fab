"""Meetings and their guests."""

from __future__ import annotations

import re
from http import HTTPStatus

import pytest

from db.pool import Database
from tests.api.conftest import PUBLIC_URL, Api
from tests.api.people import get, new_meeting, post, sign_up


async def test_who_has_an_account_makes_a_meeting(api: Api) -> None:
    token = await sign_up(api, name="Ada")
    status, meeting = await post(api, "/meetings", {"title": " Tea "}, token)
    assert status == HTTPStatus.CREATED
    assert meeting.keys() == {"id", "title", "guests_allowed", "url", "created_at", "host"}
    assert (meeting["title"], meeting["guests_allowed"]) == ("Tea", True)
    assert meeting["host"]["name"] == "Ada"
    assert meeting["url"] == f"{PUBLIC_URL}/m/{meeting['id']}"


async def test_whoever_knows_the_id_finds_it(api: Api) -> None:
    token = await sign_up(api)
    _, meeting = await post(api, "/meetings", {}, token)
    assert await get(api, f"/meetings/{meeting['id']}") == (HTTPStatus.OK, meeting)


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
