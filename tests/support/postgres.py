"""A real PostgreSQL for the tests: one server per run, one fresh database per test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import count

import pytest
import pytest_asyncio

from db.embedded import EmbeddedPostgres
from db.migrate import migrate
from db.pool import Address, Database

TEMPLATE = "migrated"
_numbers = count(1)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def postgres(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Address]:
    """Where the run's server is, with a database `TEMPLATE` that has all migrations."""
    server = await EmbeddedPostgres.start(tmp_path_factory.mktemp("postgres"))
    try:
        async with opened(server.address) as database:
            # Nobody cuts the power during a test.
            await database.execute("ALTER SYSTEM SET fsync = off")
            await database.execute("SELECT pg_reload_conf()")
            await database.execute(f"CREATE DATABASE {TEMPLATE}")
        async with opened(replace(server.address, database=TEMPLATE)) as database:
            await migrate(database)
        yield server.address
    finally:
        await server.stop()


@asynccontextmanager
async def new_database(postgres: Address, template: str) -> AsyncIterator[Address]:
    """A copy of a template; gone afterwards, whoever is still connected."""
    name = f"test_{next(_numbers)}"
    async with opened(postgres) as server:
        await server.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield replace(postgres, database=name)
        finally:
            await server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@asynccontextmanager
async def opened(address: Address) -> AsyncIterator[Database]:
    database = await Database.connect(address)
    try:
        yield database
    finally:
        await database.close()


@pytest.fixture
async def database(postgres: Address) -> AsyncIterator[Database]:
    """With all migrations, and empty."""
    async with new_database(postgres, TEMPLATE) as address, opened(address) as database:
        yield database


@pytest.fixture
async def blank(postgres: Address) -> AsyncIterator[Address]:
    """Where a database without any table is."""
    async with new_database(postgres, "template0") as address:
        yield address
