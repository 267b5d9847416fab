"""Lists ask the database as often for many rows as for one, and their pages fit together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from contextvars import ContextVar
from typing import Any

import asyncpg
import pytest
from aiohttp import web
from aiohttp.typedefs import Handler

from api.paging import Page
from api.resources import OPERATIONS
from db.conversations import Conversations
from db.pool import Address, Connection, Database
from tests.api.conftest import Api
from tests.api.people import get, new_meeting, own_id, sign_up
from tests.support.postgres import TEMPLATE, new_database

MANY = 40
QUERIES = {
    "/users": ["search=somebody"],
    "/admin/users": ["search=somebody"],
    "/blogs": ["search=tea"],
    "/conversations/{conversation_id}/messages": ["changed_after=0"],
}
"""Other ways to ask for a list, which other statements answer."""
LIVE = {"/admin/meetings"}
"""Lists of what runs now: no row is read for them."""
PATHS = [
    f"{operation.path}?{query}"
    for operation in OPERATIONS
    if operation.method == "GET" and operation.answer and issubclass(operation.answer, Page)
    if operation.path not in LIVE
    for query in ("", *QUERIES.get(operation.path, ()))
]

FILL = """
    WITH others AS (
        INSERT INTO users (name, email, password)
        SELECT 'Somebody ' || i, gen_random_uuid() || '@example.com', ''
        FROM generate_series(1, {rows}) AS i RETURNING id
    ), pictures AS (
        INSERT INTO avatars (user_id, image, digest) SELECT id, '', 'digest' FROM others
    ), posts AS (
        INSERT INTO blogs (title, content, author_id, published_at)
        SELECT 'Tea', '*hot* ' || id, {me}, now() FROM others
    ), meetings AS (
        INSERT INTO meetings (id, host_id) SELECT 'meeting' || id, id FROM others RETURNING id
    ), members AS (
        INSERT INTO meeting_members (meeting_id, user_id, removed_at)
        SELECT id, {me}, NULL FROM meetings
        UNION ALL SELECT '{meeting_id}', id, CASE WHEN id % 2 = 0 THEN now() END FROM others
    ), talks AS (
        INSERT INTO conversations (kind, low_id, high_id, revision)
        SELECT 'direct', {me}, id, 1 FROM others RETURNING id, high_id
    ), participants AS (
        INSERT INTO conversation_participants (conversation_id, user_id)
        SELECT id, {me} FROM talks UNION ALL SELECT id, high_id FROM talks
        UNION ALL SELECT {conversation_id}, id FROM others
    ), messages AS (
        INSERT INTO messages (conversation_id, sender_id, content, seq, revision)
        SELECT id, high_id, 'Hello', 1, 1 FROM talks
        UNION ALL SELECT {conversation_id}, id, 'Hello', id, id FROM others
    ), sessions AS (
        INSERT INTO sessions (user_id, expires_at) SELECT {me}, now() + '1 d' FROM others
    ), invitations AS (
        INSERT INTO invitations (code_digest, created_by, used_by, used_at, expires_at)
        SELECT id::text::bytea, {me}, id, now(), now() FROM others
    )
    INSERT INTO audit_log (actor_id, action, subject_id) SELECT {me}, 'user.promote', id FROM others
"""
"""A row in each list with each of the others."""


IN_REQUEST = ContextVar("IN_REQUEST", default=False)


class Counted(Database):
    """Knows how many statements requests have sent, those of transactions too."""

    def __init__(self, pool: asyncpg.Pool[asyncpg.Record]) -> None:
        super().__init__(pool)
        self.statements = 0

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        async with super().connection() as connection:
            with connection.query_logger(self._count) if IN_REQUEST.get() else nullcontext():
                yield connection

    def _count(self, _: object) -> None:
        self.statements += 1


@pytest.fixture
async def database(postgres: Address) -> AsyncIterator[Counted]:
    async with new_database(postgres, TEMPLATE) as address:
        database = await Counted.connect(address)
        assert isinstance(database, Counted)
        yield database
        await database.close()


@pytest.fixture
def app(app: web.Application) -> web.Application:
    """Tells what it does for requests from what it does by itself."""

    @web.middleware
    async def mark(request: web.Request, handler: Handler) -> web.StreamResponse:
        IN_REQUEST.set(True)
        return await handler(request)

    app.middlewares.append(mark)
    return app


async def walk(api: Api, token: str, path: str, limit: int) -> list[dict[str, Any]]:
    found, after = [], ""
    while True:
        status, page = await get(api, f"{path}&limit={limit}{after}", token)
        assert status == 200, page
        found += page["items"]
        assert len(found) <= 3 * MANY, "it ends"
        if page["next"] is None:
            return found
        after = f"&after={page['next']}"


async def test_many_rows_need_no_more_statements_than_one(api: Api, database: Counted) -> None:
    token = await sign_up(api)
    me = await own_id(api, token)
    await database.execute("UPDATE users SET is_admin = TRUE WHERE id = $1", me)
    things: dict[str, Any] = {
        "meeting_id": await new_meeting(api, token),
        "conversation_id": await Conversations(database).group(me, "", []),
    }

    async def statements(rows: int) -> dict[str, int]:
        await database.execute(FILL.format(me=me, rows=rows, **things))
        taken = {}
        for path in PATHS:
            before = database.statements
            everything = await walk(api, token, path.format(**things), 100)
            taken[path] = database.statements - before
            assert taken[path] > 0, path
            assert len(everything) >= rows, path
            assert await walk(api, token, path.format(**things), 7) == everything, path
        return taken

    assert await statements(1) == await statements(MANY)
