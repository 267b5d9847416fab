"""Every operation, tried by everybody: a table of who may, held against the server.

Whoever may not is told 401, 403 or 404, and has changed nothing for those who may, who try after.
"""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp.test_utils import TestClient, TestServer
from PIL import Image

from api.app import create_app
from api.operations import Operation
from api.resources import OPERATIONS
from api.settings import Settings
from db.conversations import Conversations
from db.meetings import Meetings
from db.pool import Address, Database
from sfu.server import MediaServer
from tests.api.conftest import SECRET, Api
from tests.api.people import bearer, get, new_meeting, own_id, post, sign_up
from tests.support.media import media_settings
from tests.support.postgres import TEMPLATE, new_database, opened

NOBODY, GUEST, OTHER, MEMBER, HOST, ADMIN = "nobody", "guest", "other", "member", "host", "admin"
"""The host made a meeting, a group and a post; the member is in the first two, the guest in the
meeting, the other in none."""
USERS = {OTHER, MEMBER, HOST, ADMIN}
SIGNED_IN = USERS | {GUEST}
ALL = SIGNED_IN | {NOBODY}
PASSWORD = "password123"
DENIED = (401, 403, 404)


@dataclass(frozen=True)
class Row:
    """Who may do it; values for the path; what to send."""

    may: set[str]
    path: dict[str, str] = field(default_factory=dict)
    """Names of the world's things, by parameter."""
    body: dict[str, Any] | None = None
    """Likewise, where a value begins with $."""


POST, DRAFT = {"post_id": "post"}, {"post_id": "draft"}
GROUP, TALK = {"conversation_id": "group"}, {"conversation_id": "talk"}
MEETING = {"meeting_id": "meeting"}
MESSAGE = TALK | {"message_id": "message"}
"""The member's, in the meeting's conversation."""
TABLE: list[tuple[str, Row]] = [
    ("POST /auth/signup", Row(ALL, body={"email": "new@example.com", "password": PASSWORD})),
    ("POST /auth/login", Row(ALL, body={"email": "host@example.com", "password": PASSWORD})),
    ("POST /auth/logout", Row(SIGNED_IN)),
    ("POST /auth/renew", Row(SIGNED_IN)),
    ("PUT /auth/password", Row(USERS, body={"current": PASSWORD, "new": "another password"})),
    ("GET /auth/sessions", Row(USERS)),
    ("DELETE /auth/sessions/{session_id}", Row({HOST}, {"session_id": "session"})),
    ("GET /users/me", Row(USERS)),
    ("PATCH /users/me", Row(USERS, body={"name": "Somebody"})),
    ("PUT /users/me/avatar", Row(USERS)),
    ("DELETE /users/me/avatar", Row(USERS)),
    ("DELETE /users/me", Row(USERS, body={"password": PASSWORD})),
    ("GET /users", Row(USERS)),
    ("GET /users/{user_id}", Row(USERS, {"user_id": HOST})),
    ("GET /users/{user_id}/avatar", Row(USERS, {"user_id": HOST})),
    ("GET /admin/users", Row({ADMIN})),
    ("GET /admin/users/{user_id}", Row({ADMIN}, {"user_id": HOST})),
    ("PATCH /admin/users/{user_id}", Row({ADMIN}, {"user_id": HOST}, {"is_admin": True})),
    ("DELETE /admin/users/{user_id}", Row({ADMIN}, {"user_id": HOST})),
    ("GET /admin/audit", Row({ADMIN})),
    ("GET /admin/meetings", Row({ADMIN})),
    ("GET /admin/server", Row({ADMIN})),
    ("POST /admin/invitations", Row({ADMIN}, body={})),
    ("GET /admin/invitations", Row({ADMIN})),
    (
        "DELETE /admin/invitations/{invitation_id}",
        Row({ADMIN}, {"invitation_id": "invitation"}),
    ),
    ("POST /blogs", Row(USERS, body={"title": "T", "content": "C"})),
    ("POST /blogs/preview", Row(USERS, body={"content": "C"})),
    ("GET /blogs", Row(ALL)),
    ("GET /blogs/mine", Row(USERS)),
    ("GET /blogs/{post_id}", Row(ALL, POST)),
    ("GET /blogs/{post_id}", Row({HOST}, DRAFT)),
    ("PATCH /blogs/{post_id}", Row({HOST}, POST, {"title": "Mine"})),
    ("PATCH /blogs/{post_id}", Row({HOST}, DRAFT, {"published": True})),
    ("DELETE /blogs/{post_id}", Row({HOST, ADMIN}, POST)),
    ("DELETE /blogs/{post_id}", Row({HOST}, DRAFT)),
    ("POST /conversations", Row(USERS, body={"kind": "direct", "user_id": "$zoe"})),
    ("GET /conversations", Row(USERS)),
    ("GET /conversations/{conversation_id}", Row({MEMBER, HOST}, GROUP)),
    ("PATCH /conversations/{conversation_id}", Row({HOST}, GROUP, {"title": "Ours"})),
    ("GET /conversations/{conversation_id}/participants", Row({MEMBER, HOST}, GROUP)),
    (
        "POST /conversations/{conversation_id}/participants",
        Row({HOST}, GROUP, {"user_ids": ["$zoe"]}),
    ),
    (
        "DELETE /conversations/{conversation_id}/participants/{user_id}",
        Row({MEMBER, HOST}, GROUP | {"user_id": MEMBER}),
    ),
    ("GET /conversations/{conversation_id}/messages", Row({GUEST, MEMBER, HOST}, TALK)),
    ("GET /conversations/{conversation_id}/messages", Row({MEMBER, HOST}, GROUP)),
    (
        "POST /conversations/{conversation_id}/messages",
        Row({GUEST, MEMBER, HOST}, TALK, {"content": "Hello"}),
    ),
    (
        "POST /conversations/{conversation_id}/messages",
        Row({MEMBER, HOST}, GROUP, {"content": "Hello"}),
    ),
    (
        "PATCH /conversations/{conversation_id}/messages/{message_id}",
        Row({MEMBER}, MESSAGE, {"content": "Else"}),
    ),
    (
        "DELETE /conversations/{conversation_id}/messages/{message_id}",
        Row({MEMBER, HOST}, MESSAGE),
    ),
    ("PUT /conversations/{conversation_id}/read", Row({MEMBER, HOST}, GROUP, {"seq": 0})),
    ("POST /meetings", Row(USERS, body={"title": "Tea"})),
    ("GET /meetings", Row(USERS)),
    ("GET /meetings/{meeting_id}", Row(ALL, MEETING)),
    ("GET /meetings/{meeting_id}", Row(ALL - {GUEST}, {"meeting_id": "elsewhere"})),
    ("PATCH /meetings/{meeting_id}", Row({HOST}, MEETING, {"title": "Tea"})),
    ("POST /meetings/{meeting_id}/end", Row({HOST}, MEETING)),
    ("PUT /meetings/{meeting_id}/host", Row({HOST}, MEETING, {"user_id": "$member"})),
    ("GET /meetings/{meeting_id}/members", Row({HOST}, MEETING)),
    (
        "PUT /meetings/{meeting_id}/members/{user_id}",
        Row({HOST}, MEETING | {"user_id": MEMBER}, {"role": "cohost"}),
    ),
    (
        "DELETE /meetings/{meeting_id}/members/{user_id}",
        Row({HOST}, MEETING | {"user_id": MEMBER}),
    ),
    (
        "POST /meetings/{meeting_id}/members/{user_id}/readmit",
        Row({HOST}, MEETING | {"user_id": MEMBER}),
    ),
    ("POST /meetings/{meeting_id}/guests", Row(ALL, MEETING, {"name": "New"})),
    ("GET /health", Row(ALL)),
    ("GET /health/ready", Row(ALL)),
]


def name_of(operation: Operation) -> str:
    return f"{operation.method} {operation.path}"


BY_NAME = {name_of(operation): operation for operation in OPERATIONS}


def test_the_table_has_every_operation() -> None:
    assert {name for name, _ in TABLE} == BY_NAME.keys()


@dataclass
class World:
    """A database with all of it, to be copied, and what its things are called."""

    database: Address
    template: str
    tokens: dict[str, str | None]
    things: dict[str, Any]
    media: MediaServer
    folder: Path

    @asynccontextmanager
    async def served(self) -> AsyncIterator[Api]:
        """As it was in the beginning."""
        async with (
            new_database(self.database, self.template) as address,
            opened(address) as database,
            _served(database, self.media, self.folder) as api,
        ):
            yield api


@asynccontextmanager
async def _served(database: Database, media: MediaServer, folder: Path) -> AsyncIterator[Api]:
    settings = Settings(data_dir=folder, jwt_secret=SECRET, rate_limits=None)
    async with TestClient(TestServer(create_app(settings, database, media))) as api:
        yield api


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(
    postgres: Address, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    folder = tmp_path_factory.mktemp("roles")
    media = await MediaServer.start(media_settings())
    async with new_database(postgres, TEMPLATE) as address:
        async with opened(address) as database, _served(database, media, folder) as api:
            tokens, things = await _people(api, database)
            await _belongings(api, database, tokens, things)
        template = str(address.database)
        yield World(postgres, template, tokens, things, media, folder)
    await media.close()


async def _people(api: Api, database: Database) -> tuple[dict[str, str | None], dict[str, Any]]:
    tokens: dict[str, str | None] = {NOBODY: None}
    things: dict[str, Any] = {}
    for name in (HOST, MEMBER, OTHER, ADMIN, "zoe"):
        token = await sign_up(api, email=f"{name}@example.com")
        things[name] = await own_id(api, token)
        if name != "zoe":
            tokens[name] = token
    admins = [things[ADMIN], things["zoe"]]
    await database.execute("UPDATE users SET is_admin = TRUE WHERE id = ANY($1)", admins)
    return tokens, things


async def _belongings(
    api: Api, database: Database, tokens: dict[str, str | None], things: dict[str, Any]
) -> None:
    host = str(tokens[HOST])
    things["meeting"] = await new_meeting(api, host)
    things["elsewhere"] = await new_meeting(api, host)
    guests = f"/meetings/{things['meeting']}/guests"
    tokens[GUEST] = (await post(api, guests, {"name": "Gus"}))[1]["token"]
    await database.execute("UPDATE meeting_guests SET admitted_at = now()")
    await Meetings(database).admit(things["meeting"], [things[MEMBER]])
    conversations = Conversations(database)
    things["talk"] = await conversations.of_meeting(things["meeting"])
    await conversations.add_to_meeting(things["talk"], [things[MEMBER]])
    said = f"/conversations/{things['talk']}/messages"
    things["message"] = (await post(api, said, {"content": "Hello"}, tokens[MEMBER]))[1]["id"]
    group = {"kind": "group", "title": "Us", "user_ids": [things[MEMBER]]}
    things["group"] = (await post(api, "/conversations", group, host))[1]["id"]
    for name, published in (("post", True), ("draft", False)):
        written = {"title": name, "content": "C", "published": published}
        things[name] = (await post(api, "/blogs", written, host))[1]["id"]
    sessions = await get(api, "/auth/sessions", host)
    things["session"] = sessions[1]["items"][0]["id"]
    made = await post(api, "/admin/invitations", {}, tokens[ADMIN])
    things["invitation"] = made[1]["id"]
    async with api.put("/users/me/avatar", data=picture(), headers=_image(host)) as response:
        assert response.status == 200


def picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, "PNG")
    return file.getvalue()


def _image(token: str | None) -> dict[str, str]:
    return (bearer(token) if token else {}) | {"Content-Type": "image/png"}


def _filled(value: Any, things: dict[str, Any]) -> Any:  # noqa: ANN401
    if isinstance(value, list):
        return [_filled(each, things) for each in value]
    if isinstance(value, str) and value.startswith("$"):
        return things[value[1:]]
    return value


async def attempt(api: Api, world: World, name: str, row: Row, who: str) -> int:
    operation, token = BY_NAME[name], world.tokens[who]
    path = operation.path.format(**{key: world.things[of] for key, of in row.path.items()})
    headers = (bearer(token) if token else {}) | {"If-Match": "*"}
    sent: dict[str, Any] = {}
    if operation.accepts:
        sent, headers = {"data": picture()}, headers | _image(token)
    elif row.body is not None:
        sent = {"json": {key: _filled(value, world.things) for key, value in row.body.items()}}
    async with api.request(operation.method, path, headers=headers, **sent) as response:
        await response.read()
        return response.status


READING = [(name, row) for name, row in TABLE if name.startswith("GET ")]
WRITING = [
    pytest.param(name, row, id=f"{name} {'/'.join(row.path.values())}")
    for name, row in TABLE
    if not name.startswith("GET ")
]


@pytest.mark.asyncio(loop_scope="module")
async def test_reading(world: World) -> None:
    wrong = []
    async with world.served() as api:
        for name, row in READING:
            for who in sorted(ALL):
                status = await attempt(api, world, name, row, who)
                if not (status < 400 if who in row.may else status in DENIED):
                    wrong.append((name, row.path, who, status))
    assert wrong == []


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("name", "row"), WRITING)
async def test_writing(world: World, name: str, row: Row) -> None:
    first, *others = sorted(row.may)
    async with world.served() as api:
        for who in sorted(ALL - row.may):
            assert await attempt(api, world, name, row, who) in DENIED, who
        assert await attempt(api, world, name, row, first) < 400, first
    for who in others:
        async with world.served() as api:
            assert await attempt(api, world, name, row, who) < 400, who
