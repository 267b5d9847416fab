"""The way to PostgreSQL: where it is, and the pool of connections to it.

Every statement has a time-out, and so has the wait for a free connection: a database that hangs
must not hang a request for ever.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

import asyncpg
from asyncpg.pool import PoolConnectionProxy

Connection: TypeAlias = "PoolConnectionProxy[asyncpg.Record]"

CONNECT_TIMEOUT = 10.0
ACQUIRE_TIMEOUT = 10.0
COMMAND_TIMEOUT = 30.0
CLOSE_TIMEOUT = 1.0
"""Seconds."""
MAX_CONNECTIONS = 10
_UNAVAILABLE = (
    OSError,  # TimeoutError included
    asyncpg.InterfaceError,  # the pool is closing, the connection is closed
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.QueryCanceledError,
)


@dataclass(frozen=True, slots=True)
class Address:
    """Either a whole `dsn`, or its parts. None leaves a part to libpq's defaults."""

    dsn: str | None = field(default=None, repr=False)
    host: str | None = None
    port: int | None = None
    database: str | None = None
    user: str | None = None
    password: str | None = field(default=None, repr=False)


class DatabaseUnavailableError(Exception):
    """PostgreSQL cannot be reached, or does not answer in time."""


class Database:
    """A pool of connections, from `connect` until `close`."""

    def __init__(self, pool: asyncpg.Pool[asyncpg.Record]) -> None:
        self._pool = pool

    @classmethod
    async def connect(cls, address: Address) -> Database:
        """Raises DatabaseUnavailableError; so it does when PostgreSQL refuses the login."""
        try:
            pool = await asyncpg.create_pool(
                dsn=address.dsn,
                host=address.host,
                port=address.port,
                database=address.database,
                user=address.user,
                password=address.password,
                min_size=1,
                max_size=MAX_CONNECTIONS,
                timeout=CONNECT_TIMEOUT,
                command_timeout=COMMAND_TIMEOUT,
                server_settings={"application_name": "tertulia", "timezone": "UTC"},
            )
        except (*_UNAVAILABLE, asyncpg.PostgresError, ValueError) as error:
            raise DatabaseUnavailableError(str(error) or type(error).__name__) from error
        return cls(pool)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection of one's own; needed only for transactions and session state.

        Raises DatabaseUnavailableError, as every method here does.
        """
        try:
            async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
                yield connection
        except _UNAVAILABLE as error:
            raise DatabaseUnavailableError(str(error)) from error

    async def row(self, query: str, *arguments: object) -> asyncpg.Record | None:
        async with self.connection() as connection:
            return await connection.fetchrow(query, *arguments)

    async def rows(self, query: str, *arguments: object) -> list[asyncpg.Record]:
        async with self.connection() as connection:
            return await connection.fetch(query, *arguments)

    async def one(self, query: str, *arguments: object) -> asyncpg.Record:
        """The row of a statement that always has one. Raises LookupError otherwise."""
        record = await self.row(query, *arguments)
        if record is None:
            raise LookupError(query)
        return record

    async def execute(self, query: str, *arguments: object) -> str:
        """The command tag, such as `DELETE 1`."""
        async with self.connection() as connection:
            return await connection.execute(query, *arguments)

    async def close(self) -> None:
        """Statements under way have `CLOSE_TIMEOUT` seconds to end."""
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT):
                await self._pool.close()
        except TimeoutError:
            self._pool.terminate()
