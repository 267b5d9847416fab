"""The way to PostgreSQL: where it is, and the pool of connections to it.

While it is away (restarting, unreachable, full) every statement fails at once or soon, and nothing
piles up: the wait for a free connection is short, few may wait, and after a connection was refused
no other is tried for a moment. The first statement after that finds it again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import asyncpg
from asyncpg.pool import PoolConnectionProxy

if TYPE_CHECKING:
    from asyncpg.connection import LoggedQuery

Connection: TypeAlias = "PoolConnectionProxy[asyncpg.Record]"
_Plain: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Answered: TypeAlias = "Callable[[LoggedQuery], None]"
T = TypeVar("T")

CONNECTIONS = 10
MAX_WAITING = 500
"""Statements that may wait for a connection at a time."""
CONNECT_TIMEOUT = 2.0
ACQUIRE_TIMEOUT = 3.0
STATEMENT_TIMEOUT = 10.0
"""PostgreSQL gives up a statement after this, and a transaction in which nothing is asked."""
COMMAND_TIMEOUT = 12.0
"""We give up a PostgreSQL that does not even say so."""
RELEASE_TIMEOUT = 3.0
CLOSE_TIMEOUT = 1.0
REFUSED_PAUSE = 0.25
"""After a connection was refused. All times are in seconds."""

_LOST = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.DatabaseDroppedError,
    asyncpg.IdleSessionTimeoutError,
    asyncpg.InterfaceError,  # the connection is closed
    asyncpg.InternalClientError,  # it said goodbye just before it was asked
)
"""The connection has ended. The statement may have been carried out."""
_UNAVAILABLE = (
    *_LOST,  # a TimeoutError is an OSError
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,  # no memory, disk or connection is left
    asyncpg.PostgresSystemError,  # its disk fails
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.TransactionTimeoutError,
    asyncpg.DeadlockDetectedError,  # somebody had to give in, and has done nothing
    asyncpg.ReadOnlySQLTransactionError,  # a standby that has not taken over yet
)
_NO_CONNECTION = (
    OSError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)
"""Why there is none, be it a wrong password."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Address:
    """Either a whole `dsn`, or its parts. None leaves a part to libpq's defaults."""

    dsn: str | None = field(default=None, repr=False)
    host: str | None = None
    port: int | None = None
    database: str | None = None
    user: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Usage:
    """Of the connections."""

    in_use: int
    idle: int
    most: int
    waiting: int
    """Statements, for one of them."""


class DatabaseUnavailableError(Exception):
    """PostgreSQL cannot be reached, or does not answer in time."""


class _LostError(DatabaseUnavailableError):
    """A connection ended while it was used."""


class _Connection(asyncpg.Connection):
    """Which, when it cannot say goodbye any more, is closed all the same."""

    async def close(self, *, timeout: float | None = None) -> None:  # noqa: ASYNC109 - as it is there
        """The pool leaves some to close by themselves, where nobody would see an error."""
        try:
            await super().close(timeout=timeout)
        except OSError as error:
            _log.debug("connection lost before it was closed: %s", error)


class Database:
    """A pool of connections, from `connect` until `close`."""

    def __init__(self, pool: asyncpg.Pool[asyncpg.Record]) -> None:
        self._pool = pool
        self._loop = asyncio.get_running_loop()
        self._waiting = 0
        self._refused: str | None = None
        """Why no connection was had last."""
        self._try_again = 0.0
        """When, in the loop's time."""

    @classmethod
    async def connect(
        cls, address: Address, connections: int = CONNECTIONS, answered: Answered | None = None
    ) -> Database:
        """With at most so many `connections`. `answered` is told of each statement, soon after, in
        the context (`contextvars`) in which it was asked.

        Raises DatabaseUnavailableError; so it does when PostgreSQL refuses the login.
        """
        try:
            pool = await asyncpg.create_pool(
                dsn=address.dsn,
                host=address.host,
                port=address.port,
                database=address.database,
                user=address.user,
                password=address.password,
                init_size=1,
                min_size=0,
                max_size=connections,
                timeout=CONNECT_TIMEOUT,
                command_timeout=COMMAND_TIMEOUT,
                connection_class=_Connection,
                reset=_nothing_to_reset,
                init=_telling(answered) if answered else None,
                server_settings=_server_settings(),
            )
        except (*_NO_CONNECTION, ValueError) as error:
            raise DatabaseUnavailableError(_told(error)) from error
        return cls(pool)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection of one's own; needed only for transactions and session state.

        State of the session that is changed here must be changed back: only transactions end by
        themselves. Raises DatabaseUnavailableError, as every method here does.
        """
        connection = await self._acquire()
        try:
            yield connection
        except _UNAVAILABLE as error:
            if isinstance(error, ValueError):  # asyncpg cannot encode an argument: our fault
                raise
            if _is_cancelled():  # and what failed was the rollback
                raise asyncio.CancelledError from error
            lost = isinstance(error, _LOST) and not isinstance(error, TimeoutError)
            if lost:
                await self._pool.expire_connections()  # the others are likely to be stale, too
            raise (_LostError if lost else DatabaseUnavailableError)(_told(error)) from error
        finally:
            await self._release(connection)

    async def row(self, query: str, *arguments: object) -> asyncpg.Record | None:
        return await self._ask(query, lambda connection: connection.fetchrow(query, *arguments))

    async def rows(self, query: str, *arguments: object) -> list[asyncpg.Record]:
        return await self._ask(query, lambda connection: connection.fetch(query, *arguments))

    async def rows_planned_anew(self, query: str, *arguments: object) -> list[asyncpg.Record]:
        """For searches: the best way to rare words is not the one to frequent words.

        After a few times PostgreSQL would settle for one plan, whatever is searched for.
        """
        async with self.connection() as connection, connection.transaction():
            await connection.execute("SET LOCAL plan_cache_mode = force_custom_plan")
            return await connection.fetch(query, *arguments)

    async def one(self, query: str, *arguments: object) -> asyncpg.Record:
        """The row of a statement that always has one. Raises LookupError otherwise."""
        record = await self.row(query, *arguments)
        if record is None:
            raise LookupError(query)
        return record

    async def execute(self, query: str, *arguments: object) -> str:
        """The command tag, such as `DELETE 1`."""
        return await self._ask(query, lambda connection: connection.execute(query, *arguments))

    @property
    def usage(self) -> Usage:
        free = self._pool.get_idle_size()
        in_use, most = self._pool.get_size() - free, self._pool.get_max_size()
        return Usage(in_use, free, most, self._waiting)

    async def close(self) -> None:
        """Statements under way have `CLOSE_TIMEOUT` seconds to end."""
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT):
                await self._pool.close()
        except TimeoutError:
            self._pool.terminate()

    async def _ask(self, query: str, statement: Callable[[Connection], Awaitable[T]]) -> T:
        try:
            async with self.connection() as connection:
                return await statement(connection)
        except _LostError:
            # A connection that died unnoticed, before or in the middle: only what reads may be
            # done again.
            if not query.lstrip().startswith("SELECT"):
                raise
        async with self.connection() as connection:
            return await statement(connection)

    async def _acquire(self) -> Connection:
        if self._refused:
            self._take_turn(self._refused)
        if self._waiting >= MAX_WAITING:
            raise DatabaseUnavailableError("too many statements wait for a connection")
        self._waiting += 1
        try:
            async with asyncio.timeout(ACQUIRE_TIMEOUT) as limit:
                connection = await self._pool.acquire()
        except _NO_CONNECTION as error:
            if limit.expired():
                raise DatabaseUnavailableError("no connection became free in time") from error
            self._note_refusal(_told(error))
            raise DatabaseUnavailableError(_told(error)) from error
        finally:
            self._waiting -= 1
        if self._refused:
            _log.warning("PostgreSQL answers again")
            self._refused = None
        return connection

    def _take_turn(self, refused: str) -> None:
        """One tries to connect again, while all others need not wait for what comes of it."""
        now = self._loop.time()
        if now < self._try_again and not self._pool.get_idle_size():
            raise DatabaseUnavailableError(refused)
        self._try_again = now + CONNECT_TIMEOUT

    def _note_refusal(self, why: str) -> None:
        if self._refused is None:
            _log.error("PostgreSQL does not answer: %s", why)
        self._refused = why
        self._try_again = self._loop.time() + REFUSED_PAUSE

    async def _release(self, connection: Connection) -> None:
        try:
            await self._pool.release(connection, timeout=RELEASE_TIMEOUT)
        except _NO_CONNECTION as error:
            # The pool throws it away. What was asked has been answered.
            _log.debug("connection lost when it was given back: %s", error)


def _server_settings() -> dict[str, str]:
    milliseconds = str(round(STATEMENT_TIMEOUT * 1000))
    return {
        "application_name": "tertulia",
        "timezone": "UTC",
        "statement_timeout": milliseconds,
        "idle_in_transaction_session_timeout": milliseconds,
        "jit": "off",  # it takes longer than any statement of ours
        "random_page_cost": "1.1",  # disks have no arms any more, and most is in memory
    }


def _is_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _telling(answered: Answered) -> Callable[[_Plain], Coroutine[None, None, None]]:
    async def prepare(connection: _Plain) -> None:
        connection.add_query_logger(answered)

    return prepare


async def _nothing_to_reset(_: object) -> None:
    """Spares a question and an answer per statement; asyncpg still ends open transactions."""


def _told(error: Exception) -> str:
    return str(error) or type(error).__name__
