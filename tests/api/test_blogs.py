"""Blogs over HTTP: who may read, write, change and delete what."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import pytest
from aiohttp import web

from api.blogs import LONG
from api.context import LIMITER
from api.limits import PER_ACCOUNT, PER_ADDRESS, Limiter
from api.markdown import VERSION
from api.models.blogs import MAX_CONTENT
from api.operations import Cost
from db.pool import Database
from tests.api.conftest import Api
from tests.api.people import bearer, get, new_meeting, post, sign_up

BEN = {"email": "ben@example.com", "name": "Ben"}


async def new_post(api: Api, token: str, **more: object) -> dict[str, Any]:
    body = {"title": "Tea", "content": "*hot*", "published": True} | more
    status, written = await post(api, "/blogs", body, token)
    assert status == HTTPStatus.CREATED, written
    return written


async def change(
    api: Api, post_id: int, body: object, token: str | None, if_match: str | None = "*"
) -> tuple[int, dict[str, Any]]:
    headers = bearer(token) if token else {}
    if if_match:
        headers["If-Match"] = if_match
    async with api.patch(f"/blogs/{post_id}", json=body, headers=headers) as response:
        if response.ok:
            assert response.headers["ETag"] == f'"{(await response.json())["version"]}"'
        return response.status, await response.json(content_type=None)


async def remove(api: Api, post_id: int, token: str | None) -> int:
    headers = bearer(token) if token else {}
    async with api.delete(f"/blogs/{post_id}", headers=headers) as response:
        return response.status


async def titles(api: Api, path: str, token: str | None = None) -> list[str]:
    status, found = await get(api, path, token)
    assert status == HTTPStatus.OK, found
    return [item["title"] for item in found["items"]]


async def guest(api: Api, token: str) -> str:
    meeting = await new_meeting(api, token)
    return str((await post(api, f"/meetings/{meeting}/guests", {"name": "Gus"}))[1]["token"])


async def test_a_post_is_written_and_read(api: Api) -> None:
    ada = await sign_up(api, name="Ada")
    written = await new_post(api, ada, title=" Tea ", content="*hot* <script>")
    assert (written["title"], written["content"]) == ("Tea", "*hot* <script>")
    assert written["html"] == "<p><em>hot</em> &lt;script&gt;</p>\n"
    assert written["author"].keys() == {"id", "name", "avatar"}
    assert written["author"]["name"] == "Ada"
    assert (written["version"], written["published_at"]) == (1, written["created_at"])
    async with api.get(f"/blogs/{written['id']}") as response:
        assert (response.status, await response.json()) == (HTTPStatus.OK, written)
        assert response.headers["ETag"] == '"1"'
    status, found = await get(api, "/blogs")
    assert (status, found["next"]) == (HTTPStatus.OK, None)
    assert found["items"] == [
        {key: written[key] for key in written if key not in ("content", "html", "version")}
        | {"excerpt": "hot <script>"}
    ]


async def test_a_post_is_rendered_when_it_is_written(api: Api, database: Database) -> None:
    path = f"/blogs/{(await new_post(api, await sign_up(api)))['id']}"
    await database.execute("UPDATE blogs SET html = 'kept'")
    assert (await get(api, path))[1]["html"] == "kept"
    for outdated in (
        "UPDATE blogs SET renderer = renderer - 1",
        "UPDATE blogs SET renderer = NULL, html = NULL",
    ):
        await database.execute(outdated)
        assert (await get(api, path))[1]["html"] == "<p><em>hot</em></p>\n"
        kept = await database.one("SELECT html, renderer, version FROM blogs")
        assert tuple(kept) == ("<p><em>hot</em></p>\n", VERSION, 1)


@pytest.fixture
def limited(app: web.Application) -> None:
    app[LIMITER] = Limiter(1.0, lambda: 0.0)


async def test_long_posts_are_limited_as_what_is_expensive(limited: None, api: Api) -> None:
    ada = await sign_up(api)
    long = {"title": "Long", "content": " " * (LONG + 1)}
    for _ in range(int(PER_ACCOUNT[Cost.EXPENSIVE].burst)):
        written = await new_post(api, ada, **long)
    assert (await post(api, "/blogs", long, ada))[0] == HTTPStatus.TOO_MANY_REQUESTS
    status, _ = await change(api, written["id"], long, ada)
    assert status == HTTPStatus.TOO_MANY_REQUESTS
    assert (await change(api, written["id"], {"title": "Still long"}, ada))[0] == HTTPStatus.OK
    await new_post(api, ada, content=" " * LONG)


async def test_so_are_searches(limited: None, api: Api) -> None:
    for _ in range(int(PER_ADDRESS[Cost.EXPENSIVE].burst)):
        await titles(api, "/blogs?search=tea")
    assert (await get(api, "/blogs?search=tea"))[0] == HTTPStatus.TOO_MANY_REQUESTS
    assert await titles(api, "/blogs") == []


async def test_a_draft_exists_for_its_author_only(api: Api, database: Database) -> None:
    ada, ben = await sign_up(api), await sign_up(api, **BEN)
    await database.execute("UPDATE users SET is_admin = TRUE WHERE name = 'Ben'")
    draft = await new_post(api, ada, published=False, title="Draft", content="secret")
    assert draft["published_at"] is None
    path = f"/blogs/{draft['id']}"
    for token in (None, ben, await guest(api, ada)):
        assert (await get(api, path, token))[0] == HTTPStatus.NOT_FOUND
        assert await titles(api, "/blogs", token) == []
        assert await titles(api, "/blogs?search=secret", token) == []
    assert (await change(api, draft["id"], {}, ben))[0] == HTTPStatus.NOT_FOUND
    assert await remove(api, draft["id"], ben) == HTTPStatus.NOT_FOUND
    assert await titles(api, f"/blogs?author={draft['author']['id']}", ada) == []
    assert await titles(api, "/blogs/mine", ben) == []
    assert await titles(api, "/blogs/mine", ada) == ["Draft"]
    assert await get(api, path, ada) == (HTTPStatus.OK, draft)


async def test_an_author_changes_publishes_and_withdraws(api: Api) -> None:
    ada = await sign_up(api)
    draft = await new_post(api, ada, published=False)
    status, changed = await change(api, draft["id"], {"content": "_cold_"}, ada, '"1"')
    assert status == HTTPStatus.OK
    assert (changed["title"], changed["html"]) == ("Tea", "<p><em>cold</em></p>\n")
    assert (changed["version"], changed["published_at"]) == (2, None)
    _, published = await change(api, draft["id"], {"published": True}, ada, '"2"')
    assert published["published_at"] is not None
    _, again = await change(api, draft["id"], {"title": "Iced", "published": True}, ada)
    assert (again["title"], again["published_at"]) == ("Iced", published["published_at"])
    assert await titles(api, "/blogs") == ["Iced"]
    await change(api, draft["id"], {"published": False}, ada)
    assert await titles(api, "/blogs") == []
    assert (await get(api, f"/blogs/{draft['id']}"))[0] == HTTPStatus.NOT_FOUND


async def test_an_edit_needs_the_version_it_is_of(api: Api) -> None:
    ada = await sign_up(api)
    post_id = (await new_post(api, ada))["id"]
    edit = {"title": "Coffee"}
    assert (await change(api, post_id, edit, ada, None))[0] == HTTPStatus.PRECONDITION_REQUIRED
    assert (await change(api, post_id, edit, ada, '"2"'))[0] == HTTPStatus.PRECONDITION_FAILED
    assert (await change(api, post_id, edit, ada, '"1"'))[0] == HTTPStatus.OK
    status, _ = await change(api, post_id, {"title": "Milk"}, ada, '"1"')
    assert status == HTTPStatus.PRECONDITION_FAILED
    assert await titles(api, "/blogs") == ["Coffee"]
    assert (await change(api, post_id + 1, edit, ada))[0] == HTTPStatus.NOT_FOUND


async def test_nobody_else_changes_a_post(api: Api, database: Database) -> None:
    ada, ben = await sign_up(api), await sign_up(api, **BEN)
    post_id = (await new_post(api, ada))["id"]
    visitor = await guest(api, ada)
    for token, status in (
        (None, HTTPStatus.UNAUTHORIZED),
        (visitor, HTTPStatus.FORBIDDEN),
        (ben, HTTPStatus.FORBIDDEN),
    ):
        assert (await change(api, post_id, {"title": "Milk"}, token))[0] == status
        assert await remove(api, post_id, token) == status
    for token in (None, visitor):
        status = HTTPStatus.FORBIDDEN if token else HTTPStatus.UNAUTHORIZED
        assert (await post(api, "/blogs", {"title": "a", "content": ""}, token))[0] == status
        assert (await get(api, "/blogs/mine", token))[0] == status
    await database.execute("UPDATE users SET is_admin = TRUE WHERE name = 'Ben'")
    assert (await change(api, post_id, {"title": "Milk"}, ben))[0] == HTTPStatus.FORBIDDEN
    assert await titles(api, "/blogs") == ["Tea"]


async def test_an_author_deletes_and_nobody_takes_note(api: Api, database: Database) -> None:
    ada = await sign_up(api)
    post_id = (await new_post(api, ada))["id"]
    await database.execute("UPDATE users SET is_admin = TRUE")
    assert await remove(api, post_id, ada) == HTTPStatus.NO_CONTENT
    assert await remove(api, post_id, ada) == HTTPStatus.NOT_FOUND
    assert (await get(api, f"/blogs/{post_id}", ada))[0] == HTTPStatus.NOT_FOUND
    assert await database.row("SELECT 1 FROM audit_log") is None


async def test_what_an_administrator_deletes_is_noted(api: Api, database: Database) -> None:
    ada, ben = await sign_up(api), await sign_up(api, **BEN)
    written = await new_post(api, ada)
    administrator = await database.one(
        "UPDATE users SET is_admin = TRUE WHERE name = 'Ben' RETURNING id"
    )
    assert await remove(api, written["id"], ben) == HTTPStatus.NO_CONTENT
    assert await titles(api, "/blogs") == []
    noted = await database.one(
        "SELECT actor_id, action, subject_id, details->>'title' AS title FROM audit_log"
    )
    assert tuple(noted) == (administrator["id"], "post.delete", written["author"]["id"], "Tea")


async def test_lists_come_in_pages(api: Api) -> None:
    ada, ben = await sign_up(api), await sign_up(api, **BEN)
    for number in range(5):
        await new_post(api, (ada, ben)[number == 3], title=str(number), published=number != 4)
    _, first = await get(api, "/blogs?limit=2")
    assert [item["title"] for item in first["items"]] == ["3", "2"]
    _, last = await get(api, f"/blogs?limit=2&after={first['next']}")
    assert ([item["title"] for item in last["items"]], last["next"]) == (["1", "0"], None)
    author = first["items"][1]["author"]["id"]
    assert await titles(api, f"/blogs?author={author}") == ["2", "1", "0"]
    assert await titles(api, "/blogs?author=9223372036854775807") == []
    _, mine = await get(api, "/blogs/mine?limit=3", ada)
    assert [item["title"] for item in mine["items"]] == ["4", "2", "1"]
    assert await titles(api, f"/blogs/mine?after={mine['next']}", ada) == ["0"]
    assert await titles(api, "/blogs/mine?published=true", ada) == ["2", "1", "0"]
    assert await titles(api, "/blogs/mine?published=false", ada) == ["4"]
    # The cursor of another list is none of this one.
    assert (await get(api, f"/blogs?after={mine['next']}"))[0] == HTTPStatus.UNPROCESSABLE_ENTITY


async def test_posts_are_searched(api: Api) -> None:
    ada = await sign_up(api)
    for title in ("Green tea", "Black tea", "Coffee"):
        await new_post(api, ada, title=title, content="without milk")
    assert await titles(api, "/blogs?search=tea") == ["Black tea", "Green tea"]
    assert await titles(api, "/blogs?search=tea+-black") == ["Green tea"]
    assert await titles(api, '/blogs?search="without milk" coffee') == ["Coffee"]
    assert await titles(api, "/blogs?search=%26%7C!") == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"content": ""}, "title"),
        ({"title": "a"}, "content"),
        ({"title": " ", "content": ""}, "title"),
        ({"title": "a" * 201, "content": ""}, "title"),
        ({"title": "a\nb", "content": ""}, "title"),
        ({"title": "a", "content": "\0"}, "content"),
        ({"title": "a", "content": "\x1b"}, "content"),
        ({"title": "a", "content": "x" * (MAX_CONTENT + 1)}, "content"),
        ({"title": "a", "content": "", "published": "yes"}, "published"),
    ],
)
async def test_what_is_no_post_is_refused(api: Api, body: object, field: str) -> None:
    status, problem = await post(api, "/blogs", body, await sign_up(api))
    assert status == HTTPStatus.UNPROCESSABLE_ENTITY
    assert [error["field"] for error in problem["errors"]] == [field]


async def test_the_longest_post_is_taken_however_it_is_escaped(api: Api) -> None:
    """aiohttp sends each of these characters as two escapes of six bytes."""
    ada, content = await sign_up(api), "\U0001f600" * MAX_CONTENT
    written = await new_post(api, ada, content=content)
    assert (await get(api, f"/blogs/{written['id']}"))[1]["content"] == content
    assert (await post(api, "/blogs", {"title": content}, ada))[0] == 422
    too_large = {"title": "a", "content": content + content[:9000]}
    assert (await post(api, "/blogs", too_large, ada))[0] == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
