"""Migrations: each once, all or nothing, and nothing but what the files say."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import asyncpg
import pytest

from db.migrate import Migration, MigrationError, migrate, migrations
from db.pool import Address, Database

PETS = Migration(1, "pets", "CREATE TABLE pets (name TEXT NOT NULL); INSERT INTO pets VALUES ('a')")
AGES = Migration(2, "ages", "ALTER TABLE pets ADD age INTEGER")


@pytest.fixture
async def empty(blank: Address) -> AsyncIterator[Database]:
    database = await Database.connect(blank)
    yield database
    await database.close()


async def test_each_is_applied_once_and_in_order(empty: Database) -> None:
    assert await migrate(empty, [PETS]) == [PETS]
    assert await migrate(empty, [PETS, AGES]) == [AGES]
    assert await migrate(empty, [PETS, AGES]) == []
    record = await empty.one("SELECT count(*), max(age) FROM pets")
    assert tuple(record) == (1, None)


async def test_servers_starting_together_apply_it_once(blank: Address) -> None:
    databases = [await Database.connect(blank) for _ in range(4)]
    applied = await asyncio.gather(*(migrate(database, [PETS, AGES]) for database in databases))
    assert sorted(map(len, applied)) == [0, 0, 0, 2]
    assert (await databases[0].one("SELECT count(*) FROM pets"))["count"] == 1
    for database in databases:
        await database.close()


async def test_a_failing_one_leaves_nothing_behind_and_does_not_hold_the_lock(
    empty: Database,
) -> None:
    broken = replace(AGES, sql="CREATE TABLE half (); SELECT no_such_thing")
    with pytest.raises(asyncpg.PostgresError):
        await migrate(empty, [PETS, broken])
    assert (await empty.one("SELECT to_regclass('half') AS half"))["half"] is None
    assert await migrate(empty, [PETS, AGES]) == [AGES]


async def test_a_changed_file_is_refused(empty: Database) -> None:
    await migrate(empty, [PETS])
    with pytest.raises(MigrationError, match=r"0001_pets\.sql"):
        await migrate(empty, [replace(PETS, sql=PETS.sql + " "), AGES])


async def test_a_database_of_a_newer_version_is_refused(empty: Database) -> None:
    await migrate(empty, [PETS, AGES])
    with pytest.raises(MigrationError, match="newer version"):
        await migrate(empty, [PETS])


def test_files_are_numbered_without_gaps() -> None:
    assert [migration.version for migration in migrations()] == list(
        range(1, len(migrations()) + 1)
    )


SEED = {
    "users": {"id", "name", "email", "password", "age", "is_active", "created_at", "updated_at"},
    "blogs": {"id", "title", "content", "author_id", "created_at"},
    "conversations": {"id", "created_at"},
    "conversation_participants": {"conversation_id", "user_id"},
    "messages": {"id", "conversation_id", "sender_id", "content", "created_at"},
    "meetings": {"id", "created_at"},
}


@pytest.mark.parametrize("table", SEED)
async def test_the_seeds_tables_are_there(database: Database, table: str) -> None:
    async with database.connection() as connection:
        records = await connection.fetch(
            "SELECT column_name FROM information_schema.columns WHERE table_name = $1", table
        )
    assert {record["column_name"] for record in records} >= SEED[table]


async def test_a_meetings_id_has_at_most_16_characters(database: Database) -> None:
    record = await database.one(
        "SELECT data_type, character_maximum_length FROM information_schema.columns"
        " WHERE table_name = 'meetings' AND column_name = 'id'"
    )
    assert tuple(record) == ("character varying", 16)
