"""What administrators may do, that nobody else may, and that each thing they do is told."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from http import HTTPStatus
from typing import Any

import pytest

from api.operations import Access
from api.resources import OPERATIONS
from db.pool import CONNECTIONS, Database, DatabaseUnavailableError
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
from tests.support.media import EXPECTED

EMAIL_OR_PASSWORD = "Email or password is wrong."
ME, USERS, AUDIT = "/users/me", "/admin/users", "/admin/audit"
ANY = {"If-Match": "*"}
FOR_ADMINISTRATORS = [each for each in OPERATIONS if each.access is Access.ADMIN]


@pytest.fixture
async def ada(api: Api, database: Database) -> str:
    """The token of the only administrator."""
    token = await sign_up(api, name="Ada")
    await database.execute("UPDATE users SET is_admin = TRUE")
    return token


async def change(
    api: Api, token: str, user_id: int, body: object, if_match: str | None = "*"
) -> tuple[int, Any]:
    headers = {"If-Match": if_match} if if_match else {}
    return await send(api, "PATCH", f"{USERS}/{user_id}", token, json=body, headers=headers)


async def listed(api: Api, token: str, query: str = "") -> list[str]:
    status, found = await get(api, f"{USERS}?{query}", token)
    assert status == HTTPStatus.OK, found
    return [account["name"] for account in found["items"]]


async def told(api: Api, token: str, query: str = "") -> list[tuple[str, str, str, Any]]:
    """The audit trail, the oldest first."""
    status, found = await get(api, f"{AUDIT}?{query}", token)
    assert status == HTTPStatus.OK, found
    return [
        (entry["actor"]["name"], entry["action"], entry["subject"]["name"], entry["details"])
        for entry in reversed(found["items"])
    ]


async def test_nobody_else_administers(api: Api, ada: str, database: Database) -> None:
    ben = await sign_up(api, **BEN)
    visitor = await guest(api, ben)
    demoted = await sign_up(api, email="eve@example.com")
    eve = await own_id(api, demoted)
    for promoted in (True, False):
        assert (await change(api, ada, eve, {"is_admin": promoted}))[0] == HTTPStatus.OK
        allowed = HTTPStatus.OK if promoted else HTTPStatus.FORBIDDEN
        assert (await get(api, USERS, demoted))[0] == allowed
    before = await database.rows("SELECT * FROM users ORDER BY id")
    for operation in FOR_ADMINISTRATORS:
        path = operation.path.replace("{user_id}", str(eve)).replace("{invitation_id}", "1")
        for token, refused in (
            (None, HTTPStatus.UNAUTHORIZED),
            (visitor, HTTPStatus.FORBIDDEN),
            (ben, HTTPStatus.FORBIDDEN),
            (demoted, HTTPStatus.FORBIDDEN),
        ):
            status, _ = await send(api, operation.method, path, token, json={"name": "X"})
            assert status == refused, operation.id
    assert await database.rows("SELECT * FROM users ORDER BY id") == before


async def test_accounts_are_listed_and_filtered(api: Api, ada: str) -> None:
    await sign_up(api, **BEN)
    eve = await own_id(api, await sign_up(api, email="x.eve@example.com", name="Eve"))
    await change(api, ada, eve, {"is_active": False})
    assert await listed(api, ada) == ["Ada", "Ben", "Eve"]
    assert await listed(api, ada, "search=be") == ["Ben"]
    assert await listed(api, ada, "search=X.Eve@") == ["Eve"]
    assert await listed(api, ada, "active=false") == ["Eve"]
    assert await listed(api, ada, "active=true&admin=false") == ["Ben"]
    assert await listed(api, ada, "admin=true") == ["Ada"]
    _, first = await get(api, f"{USERS}?limit=2", ada)
    assert await listed(api, ada, f"limit=2&after={first['next']}") == ["Eve"]
    async with api.get(f"{USERS}/{eve}", headers=bearer(ada)) as response:
        account = await response.json()
        assert response.headers["ETag"] == '"2"'
    assert account == (await get(api, f"{USERS}?search=eve", ada))[1]["items"][0]
    assert account.keys() == {
        *("id", "email", "name", "avatar", "is_active", "is_admin"),
        *("created_at", "updated_at", "version"),
    }
    assert (account["email"], account["is_active"]) == ("x.eve@example.com", False)
    assert (await get(api, f"{USERS}/999", ada))[0] == HTTPStatus.NOT_FOUND


async def test_whoever_is_deactivated_is_out_at_once(api: Api, ada: str) -> None:
    ben = await sign_up(api, **BEN)
    ben_id = await own_id(api, ben)
    async with connected(api, ben) as his, connected(api, ada) as hers:
        status, account = await change(api, ada, ben_id, {"is_active": False}, '"1"')
        assert (status, account["is_active"]) == (HTTPStatus.OK, False)
        assert await reasons(his) == ["session_ended"]
        await hers.send_json({"type": "ping", "id": 2})
        assert (await hers.receive_json())["id"] == 2
    login = {"email": BEN["email"], "password": ADA["password"]}
    assert (await get(api, ME, ben))[0] == HTTPStatus.UNAUTHORIZED
    status, problem = await post(api, "/auth/login", login)
    assert (status, problem["detail"]) == (HTTPStatus.UNAUTHORIZED, EMAIL_OR_PASSWORD)
    assert (await get(api, f"/users/{ben_id}", ada))[0] == HTTPStatus.NOT_FOUND
    assert (await change(api, ada, ben_id, {"is_active": True}))[0] == HTTPStatus.OK
    assert (await get(api, ME, ben))[0] == HTTPStatus.UNAUTHORIZED  # he signs in anew
    assert (await post(api, "/auth/login", login))[0] == HTTPStatus.OK


async def test_an_account_is_changed_by_version(api: Api, ada: str) -> None:
    ben_id = await own_id(api, await sign_up(api, **BEN))
    for version, answer in (
        (None, HTTPStatus.PRECONDITION_REQUIRED),
        ('"2"', HTTPStatus.PRECONDITION_FAILED),
        ('"1"', HTTPStatus.OK),
        ('"1"', HTTPStatus.PRECONDITION_FAILED),
    ):
        assert (await change(api, ada, ben_id, {"name": "Benjamin"}, version))[0] == answer
    for wrong in ({"name": ""}, {"is_active": "false"}, {"is_admin": 1}):
        assert (await change(api, ada, ben_id, wrong))[0] == HTTPStatus.UNPROCESSABLE_ENTITY
    assert (await change(api, ada, 999, {"name": "X"}))[0] == HTTPStatus.NOT_FOUND
    assert await listed(api, ada) == ["Ada", "Benjamin"]


async def test_one_administrator_is_always_left(api: Api, ada: str) -> None:
    ada_id, ben = await own_id(api, ada), await sign_up(api, **BEN)
    password = {"password": ADA["password"]}
    for body in ({"is_admin": False}, {"is_active": False}):
        assert (await change(api, ada, ada_id, body))[0] == HTTPStatus.CONFLICT
    assert (await send(api, "DELETE", f"{USERS}/{ada_id}", ada))[0] == HTTPStatus.CONFLICT
    assert (await send(api, "DELETE", ME, ada, json=password))[0] == HTTPStatus.CONFLICT
    assert (await get(api, USERS, ada))[0] == HTTPStatus.OK
    await change(api, ada, await own_id(api, ben), {"is_admin": True})
    assert (await change(api, ada, ada_id, {"is_admin": False}))[0] == HTTPStatus.OK
    assert (await get(api, USERS, ada))[0] == HTTPStatus.FORBIDDEN
    assert (await send(api, "DELETE", ME, ada, json=password))[0] == HTTPStatus.NO_CONTENT
    assert await listed(api, ben) == ["Ben"]


async def test_an_account_is_deleted_at_once(api: Api, ada: str) -> None:
    ben = await sign_up(api, **BEN)
    ben_id = await own_id(api, ben)
    async with connected(api, ben) as his:
        assert (await send(api, "DELETE", f"{USERS}/{ben_id}", ada))[0] == HTTPStatus.NO_CONTENT
        assert await reasons(his) == ["session_ended"]
    assert (await get(api, ME, ben))[0] == HTTPStatus.UNAUTHORIZED
    for path in (f"{USERS}/{ben_id}", f"/users/{ben_id}"):
        assert (await get(api, path, ada))[0] == HTTPStatus.NOT_FOUND
    assert (await send(api, "DELETE", f"{USERS}/{ben_id}", ada))[0] == HTTPStatus.NOT_FOUND
    assert (await change(api, ada, ben_id, {"is_active": True}))[0] == HTTPStatus.NOT_FOUND
    assert await listed(api, ada) == await listed(api, ada, "active=true") == ["Ada"]
    assert await listed(api, ada, "active=false") == []
    assert await told(api, ada) == [
        (
            "Ada",
            "user.delete",
            "Deleted user",
            {"before": {"is_active": True, "is_admin": False}},
        )
    ]


async def test_the_audit_trail_tells_who_did_what_to_whom(api: Api, ada: str) -> None:
    ben = await sign_up(api, **BEN)
    ada_id, ben_id = await own_id(api, ada), await own_id(api, ben)
    await change(api, ada, ben_id, {"is_admin": True, "name": "Benjamin"})
    await change(api, ben, ada_id, {"is_active": False})
    everything = [
        ("Ada", "user.rename", "Benjamin", {"before": "Ben", "after": "Benjamin"}),
        ("Ada", "user.promote", "Benjamin", {"before": False, "after": True}),
        ("Benjamin", "user.deactivate", "Ada", {"before": True, "after": False}),
    ]
    assert await told(api, ben) == everything
    assert await told(api, ben, f"actor={ben_id}") == everything[2:]
    assert await told(api, ben, f"subject={ben_id}") == everything[:2]
    assert await told(api, ben, "action=user.promote") == everything[1:2]
    assert await told(api, ben, f"actor={ben_id}&subject={ben_id}") == []
    _, first = await get(api, f"{AUDIT}?limit=2", ben)
    assert await told(api, ben, f"limit=2&after={first['next']}") == everything[:1]
    for wrong in ("actor=0", "action=%00", "action=a b", "after=x"):
        assert (await get(api, f"{AUDIT}?{wrong}", ben))[0] == HTTPStatus.UNPROCESSABLE_ENTITY


async def test_running_meetings_are_told_page_by_page(api: Api, ada: str) -> None:
    ben = await sign_up(api, **BEN)
    meetings = [await new_meeting(api, ben, title=title) for title in ("Tea", "Milk", "Rum")]
    await send(api, "PATCH", f"/meetings/{meetings[0]}", ben, json={"lobby": "all"}, headers=ANY)
    async with AsyncExitStack() as stack:
        for token, meeting in ((ben, 0), (ada, 0), (ben, 1)):
            socket = await stack.enter_async_context(connected(api, token))
            await socket.send_json({"type": "join", "id": 2, "meeting_id": meetings[meeting]})
            while (await socket.receive_json())["type"] != "reply":
                pass
        status, found = await get(api, "/admin/meetings", ada)
        assert status == HTTPStatus.OK
        tea, milk = found["items"]
        assert tea | {"began_at": "", "host": tea["host"]["name"]} == {
            **{"id": meetings[0], "title": "Tea", "host": "Ben", "began_at": ""},
            **{"participants": 1, "waiting": 1, "tracks": 0, "packets_received": 0},
            **{"bytes_received": 0, "packets_lost": 0, "packets_recovered": 0},
            **{"packets_forwarded": 0, "bytes_forwarded": 0, "packets_retransmitted": 0},
        }
        assert (milk["title"], milk["participants"], milk["waiting"]) == ("Milk", 1, 0)
        _, first = await get(api, "/admin/meetings?limit=1", ada)
        _, second = await get(api, f"/admin/meetings?limit=1&after={first['next']}", ada)
        assert (first["items"], second) == ([tea], {"items": [milk], "next": None})
        _, health = await get(api, "/admin/server", ada)
        assert [health[name] for name in ("meetings", "participants", "sockets")] == [2, 2, 3]
    assert (await get(api, "/admin/meetings?after=x", ada))[0] == HTTPStatus.UNPROCESSABLE_ENTITY


async def test_the_server_tells_how_it_is(
    api: Api, ada: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    status, health = await get(api, "/admin/server", ada)
    assert status == HTTPStatus.OK
    assert (health["engine"], health["signup"]) == (EXPECTED, "open")
    assert health["database"] == {
        **{"reachable": True, "connections": 0, "max_connections": CONNECTIONS}
    }
    assert 0 < health["disk_free"] <= health["disk_size"]
    assert health["cpu_seconds"] > 0
    assert health["memory"] > 2**20
    assert [health[name] for name in ("meetings", "participants", "sockets", "sessions")] == [0] * 4
    monkeypatch.setattr(database, "one", unreachable)
    assert (await get(api, "/admin/server", ada))[1]["database"]["reachable"] is False


async def unreachable(_: str) -> None:
    raise DatabaseUnavailableError


Attempt = Callable[[Api, str, int], Awaitable[tuple[int, Any]]]
"""Something that an administrator, whose token it is given, does to somebody with this id."""


async def _delete_post(api: Api, token: str, _: int) -> tuple[int, Any]:
    author = (await post(api, "/auth/login", ADA | {"email": BEN["email"]}))[1]["token"]
    body = {"title": "a", "content": "", "published": True}
    written = (await post(api, "/blogs", body, author))[1]
    return await send(api, "DELETE", f"/blogs/{written['id']}", token)


async def _revoke_invitation(api: Api, token: str, _: int) -> tuple[int, Any]:
    invitation = (await post(api, "/admin/invitations", {}, token))[1]
    return await send(api, "DELETE", f"/admin/invitations/{invitation['id']}", token)


CHANGES: dict[str, tuple[str, Attempt]] = {
    "administration_edit": (
        "user.deactivate",
        lambda api, token, user: change(api, token, user, {"is_active": False}),
    ),
    "administration_delete": (
        "user.delete",
        lambda api, token, user: send(api, "DELETE", f"{USERS}/{user}", token),
    ),
    "invitations_create": (
        "invitation.create",
        lambda api, token, _: post(api, "/admin/invitations", {}, token),
    ),
    "invitations_revoke": ("invitation.revoke", _revoke_invitation),
    "blogs_delete": ("post.delete", _delete_post),
}
"""How it is told and tried, for each operation by which administrators change anything."""


def test_every_change_by_administrators_is_tried() -> None:
    changing = {each.id for each in FOR_ADMINISTRATORS if each.method != "GET"}
    assert changing <= CHANGES.keys()


@pytest.mark.parametrize("operation", CHANGES)
async def test_no_change_by_administrators_is_forgotten(api: Api, ada: str, operation: str) -> None:
    action, attempt = CHANGES[operation]
    ben_id = await own_id(api, await sign_up(api, **BEN))
    status, _ = await attempt(api, ada, ben_id)
    assert status < HTTPStatus.BAD_REQUEST
    newest = (await get(api, AUDIT, ada))[1]["items"][0]
    assert (newest["action"], newest["actor"]["name"]) == (action, "Ada")
