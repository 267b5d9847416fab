"""Lists among a hundred thousand rows: PostgreSQL reads a page's worth, however it plans.

The statements are those that the repositories send, with the values they send. Each is planned for
its values, and where the pool lets PostgreSQL settle for one plan, without knowing them, too.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio

from db.audit import Audit
from db.blogs import Blogs
from db.conversations import Conversations
from db.invitations import Invitations
from db.meetings import Meetings
from db.messages import Messages
from db.pool import Address, Database
from db.sessions import Sessions
from db.users import Users
from tests.db.filled import ROWS, fill
from tests.db.lists import lists
from tests.support.postgres import TEMPLATE, new_database, opened

LIMIT = 31
"""A page, and one row to see whether another follows."""
MOST = 20 * LIMIT
"""Rows read of all tables for a page, unless told otherwise: a few per row, and gaps by filters."""
MIDDLE = datetime.now(UTC) - timedelta(seconds=ROWS // 2)
LAST = UUID("ffffffff-ffff-ffff-ffff-ffffffffffff")

Plan = dict[str, Any]
EXPLAIN = "EXPLAIN (ANALYZE, TIMING OFF, BUFFERS OFF, FORMAT JSON)"


@dataclass(frozen=True, slots=True)
class Asked:
    query: str
    arguments: tuple[object, ...]
    settles: bool
    """PostgreSQL may keep a plan that does not know the arguments."""


class Recorder(Database):
    """Keeps what is asked."""

    def __init__(self, pool: asyncpg.Pool[asyncpg.Record]) -> None:
        super().__init__(pool)
        self.asked: list[Asked] = []

    async def row(self, query: str, *arguments: object) -> asyncpg.Record | None:
        self.asked.append(Asked(query, arguments, settles=True))
        return await super().row(query, *arguments)

    async def rows(self, query: str, *arguments: object) -> list[asyncpg.Record]:
        self.asked.append(Asked(query, arguments, settles=True))
        return await super().rows(query, *arguments)

    async def rows_planned_anew(self, query: str, *arguments: object) -> list[asyncpg.Record]:
        self.asked.append(Asked(query, arguments, settles=False))
        return await super().rows_planned_anew(query, *arguments)


Ask = Callable[[Recorder], Awaitable[list[Any]]]


@dataclass(frozen=True, slots=True)
class Case:
    method: Callable[..., Awaitable[list[Any]]]
    ask: Ask
    most: int = MOST


def people(after: tuple[str, int] | None, most: int = MOST, **filters: Any) -> Case:  # noqa: ANN401
    return Case(Users.people, lambda d: Users(d).people(after, LIMIT, but=1, **filters), most)


def accounts(after: tuple[str, int] | None, most: int = MOST, **filters: Any) -> Case:  # noqa: ANN401
    return Case(Users.accounts, lambda d: Users(d).accounts(after, LIMIT, **filters), most)


def posts(after: tuple[datetime, int] | None, **filters: Any) -> Case:  # noqa: ANN401
    return Case(Blogs.published, lambda d: Blogs(d).published(after, LIMIT, **filters))


def own_posts(after: tuple[int] | None, published: bool | None) -> Case:
    return Case(Blogs.of_author, lambda d: Blogs(d).of_author(1, after, LIMIT, published=published))


def conversations(after: tuple[datetime, int] | None) -> Case:
    """All that somebody takes part in are sorted: 200 of them."""
    return Case(Conversations.of_user, lambda d: Conversations(d).of_user(2, after, LIMIT), 2500)


def participants(after: int | None) -> Case:
    return Case(
        Conversations.participants, lambda d: Conversations(d).participants(1, after, LIMIT)
    )


def history(before: int | None) -> Case:
    return Case(Messages.history, lambda d: Messages(d).history(1, before, LIMIT))


def changes(after: int) -> Case:
    return Case(Messages.changes, lambda d: Messages(d).changes(1, after, LIMIT))


def meetings(after: tuple[datetime, str] | None, ended: bool | None) -> Case:
    return Case(Meetings.list_for, lambda d: Meetings(d).list_for(1, after, LIMIT, ended))


def members(after: tuple[int] | None) -> Case:
    return Case(Meetings.list_members, lambda d: Meetings(d).list_members("meeting1", after, LIMIT))


def entries(after: tuple[int] | None, **filters: Any) -> Case:  # noqa: ANN401
    return Case(Audit.entries, lambda d: Audit(d).entries(after, LIMIT, **filters))


def logins(after: tuple[datetime, UUID] | None) -> Case:
    return Case(Sessions.list_for, lambda d: Sessions(d).list_for(1, after, LIMIT))


def invitations(after: tuple[int] | None) -> Case:
    return Case(Invitations.newest, lambda d: Invitations(d).newest(after, LIMIT))


NAME, NUMBER = ("carla", 0), (ROWS // 2,)
TIME = (MIDDLE, ROWS // 2)
CASES = {
    "people": people(None),
    "people, later": people(NAME),
    "people, searched": people(None, search="person7777"),
    "people, searched, later": people(NAME, search="person7777"),
    "accounts": accounts(None),
    "accounts, later": accounts(NAME),
    "accounts, searched": accounts(None, search="person77777"),
    "accounts, inactive": accounts(None, active=False),
    "accounts, inactive, later": accounts(NAME, active=False),
    "accounts, active": accounts(NAME, active=True),
    "accounts, administrators": accounts(("b", 0), admin=True),
    "accounts, no administrators": accounts(NAME, admin=False, active=True),
    "posts": posts(None),
    "posts, later": posts(TIME),
    "posts of somebody": posts(None, author_id=2),
    "posts of somebody, later": posts(TIME, author_id=1),
    "posts, rare word": posts(None, search="rare7777"),
    "posts, common word": posts(None, search="common"),
    "posts, common word, later": posts(TIME, search="common"),
    "own posts": own_posts(None, None),
    "own posts, later": own_posts(NUMBER, None),
    "drafts": own_posts(None, False),
    "published, later": own_posts(NUMBER, True),
    "conversations": conversations(None),
    "conversations, later": conversations((datetime.now(UTC) - timedelta(minutes=ROWS // 2), 1)),
    "participants": participants(None),
    "participants, later": participants(ROWS // 2),
    "history": history(None),
    "history, earlier": history(ROWS // 2),
    "changes": changes(ROWS // 2),
    "meetings": meetings(None, None),
    "meetings, later": meetings((datetime.now(UTC) - timedelta(minutes=ROWS // 2), "z"), None),
    "meetings that ended": meetings(None, True),
    "meetings that did not end, later": meetings((MIDDLE, "z"), False),
    "members": members(None),
    "members, later": members(NUMBER),
    "audit": entries(None),
    "audit, later": entries(NUMBER),
    "audit, by somebody": entries(NUMBER, actor_id=3),
    "audit, about somebody": entries(NUMBER, subject_id=3),
    "audit, one action": entries(None, action="rare"),
    "audit, one action, later": entries(NUMBER, action="often1"),
    "logins": logins(None),
    "logins, later": logins((MIDDLE, LAST)),
    "invitations": invitations(None),
    "invitations, later": invitations(NUMBER),
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def full(postgres: Address) -> AsyncIterator[Address]:
    async with new_database(postgres, TEMPLATE) as address:
        async with opened(address) as database:
            await fill(database)
        yield address


def nodes(plan: Plan) -> Iterator[Plan]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)


def read(node: Plan) -> int:
    """Rows that a scan of a table or an index went through."""
    if "Scan" not in node["Node Type"] or node["Node Type"] in ("CTE Scan", "Function Scan"):
        return 0
    per_loop = sum(
        float(node.get(name, 0))
        for name in ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck")
    )
    return round(per_loop * float(node["Actual Loops"]))


def told(node: Plan, depth: int = 0) -> Iterator[str]:
    where = node.get("Index Name") or node.get("Relation Name") or node.get("Sort Key", "")
    rows = f"{node['Actual Rows']:.0f} × {node['Actual Loops']}, read {read(node)}"
    yield f"{'  ' * depth}{node['Node Type']} {where}: {rows}"
    for part in node.get("Plans", ()):
        yield from told(part, depth + 1)


def literal(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool | int):
        return str(value)
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return "'" + text.replace("'", "''") + "'"


async def plans(database: Database, asked: Asked) -> dict[str, Plan]:
    found = {}
    async with database.connection() as connection, connection.transaction():
        text = await connection.fetchval(f"{EXPLAIN} {asked.query}", *asked.arguments)
        found["for these values"] = json.loads(text)[0]["Plan"]
        if asked.settles:
            await connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")
            await connection.execute(f"PREPARE asked AS {asked.query}")
            values = ", ".join(map(literal, asked.arguments))
            text = await connection.fetchval(f"{EXPLAIN} EXECUTE asked ({values})")
            found["for any values"] = json.loads(text)[0]["Plan"]
            await connection.execute("DEALLOCATE asked")
    return found


@pytest.mark.parametrize("name", CASES)
async def test_a_page_reads_a_bounded_number_of_rows(full: Address, name: str) -> None:
    case = CASES[name]
    async with opened(full) as database:
        recorder = Recorder(database._pool)
        rows = await case.ask(recorder)
        assert rows, "a page that shows something"
        for asked in recorder.asked:
            for kind, plan in (await plans(database, asked)).items():
                shown = "\n".join([kind, *told(plan)])
                scanned = [n["Relation Name"] for n in nodes(plan) if n["Node Type"] == "Seq Scan"]
                assert not set(scanned) - {"avatars", "meeting_guests"}, shown
                assert sum(map(read, nodes(plan))) <= case.most, shown


def test_each_list_is_tried() -> None:
    assert lists() == {case.method.__qualname__ for case in CASES.values()}
