"""The pool while PostgreSQL is away: everything fails soon, by one error, and then works again."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import asyncpg
import pytest
import uvloop

from db.embedded import EmbeddedPostgres
from db.pool import Address, Database, DatabaseUnavailableError
from tests.support.polling import TIMEOUT, until

WORKERS = 20
STOPS = (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL)
"""Of the server: fast, immediate, and none at all."""
TERMINATE = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE pid <> pg_backend_pid() AND backend_type = 'client backend' AND random() < 0.5
"""


class Workers:
    """Ask whatever comes to their mind, whatever happens to the server."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.written: set[int] = set()
        """What the server has confirmed."""
        self.failures = 0

    async def run(self, seed: int) -> None:
        chance = random.Random(seed)  # noqa: S311 - no secret
        while True:
            try:
                await self._ask(chance)
            except DatabaseUnavailableError:
                self.failures += 1
            await asyncio.sleep(0)

    async def _ask(self, chance: random.Random) -> None:
        match chance.randrange(6):
            case 0:
                await self._database.rows("SELECT generate_series(1, 500)")
            case 1:
                await self._database.row("SELECT pg_sleep($1)", chance.random() / 100)
            case 2:
                await self._database.row("SELECT repeat('-', 1000000)")
            case 3:
                await self._database.row(f"SELECT {chance.random()}")  # is prepared anew
            case 4:
                record = await self._database.one("INSERT INTO kept DEFAULT VALUES RETURNING id")
                self.written.add(record["id"])
            case 5:
                await self._write_two()

    async def _write_two(self) -> None:
        query = "INSERT INTO kept DEFAULT VALUES RETURNING id"
        async with self._database.connection() as connection:
            async with connection.transaction():
                ids = [await connection.fetchval(query) for _ in range(2)]
            self.written.update(ids)


async def answers(database: Database) -> bool:
    try:
        await database.execute("SELECT 1")
    except DatabaseUnavailableError:
        return False
    return True


async def disturb(folder: Path) -> None:
    """End connections and servers under way; then everything is as it was."""
    postgres = await EmbeddedPostgres.start(folder)
    keeping = asyncio.create_task(postgres.keep())
    database = await Database.connect(postgres.address)
    other = await Database.connect(postgres.address, 1)
    await database.execute("CREATE TABLE kept (id INTEGER GENERATED ALWAYS AS IDENTITY)")
    workers = Workers(database)
    tasks = [asyncio.create_task(workers.run(seed)) for seed in range(WORKERS)]
    for stop in STOPS:
        for _ in range(20):
            await other.execute(TERMINATE)
        stopped, failures = postgres.exited, workers.failures
        os.kill(postgres.pid, stop)
        await asyncio.wait({stopped}, timeout=TIMEOUT)
        await until(lambda: answers(other))
        assert workers.failures > failures
    for task in tasks:
        assert not task.done(), task.result()
        task.cancel()
    await asyncio.wait(tasks, timeout=TIMEOUT)
    kept = await database.rows("SELECT id FROM kept")
    assert {record["id"] for record in kept} >= workers.written
    assert workers.written
    keeping.cancel()
    await asyncio.wait({keeping})
    for each in (database, other):
        await each.close()
    await postgres.stop()


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run])
def test_whatever_happens_to_the_server_one_error_tells_it(
    run: Any,  # noqa: ANN401 - whose signature is the loop's own
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("db.pool.REFUSED_PAUSE", 0.01)
    monkeypatch.setattr("db.embedded.PAUSE", 0.0)
    run(disturb(tmp_path))


async def test_a_connection_that_died_unnoticed_fails_no_read(postgres: Address) -> None:
    database, other = await Database.connect(postgres, 1), await Database.connect(postgres, 1)
    assert await database.row("SELECT 1")
    for _ in range(20):
        pid = (await database.one("SELECT pg_backend_pid() AS pid"))["pid"]
        reading = asyncio.create_task(
            database.one("SELECT pg_sleep(0.01), pg_backend_pid() AS pid")
        )
        await asyncio.sleep(0)
        await other.row("SELECT pg_terminate_backend($1, 5000)", pid)
        await reading
    for each in (database, other):
        await each.close()


class Pool:
    """As asyncpg's, of connections that do what the test wants."""

    def __init__(self, *outcomes: Exception | str) -> None:
        self.outcomes = list(outcomes)
        self.acquired = 0
        self.asked: list[str] = []
        self.free = asyncio.Event()
        self.free.set()
        self.expired = 0
        self.broken: Exception | None = None

    async def acquire(self) -> Pool:
        self.acquired += 1
        await self.free.wait()
        if self.broken:
            raise self.broken
        return self

    async def release(self, connection: object, **_: float) -> None: ...

    async def expire_connections(self) -> None:
        self.expired += 1

    def get_idle_size(self) -> int:
        return 0

    async def execute(self, query: str) -> str:
        self.asked.append(query)
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


def database_of(pool: Pool) -> Database:
    return Database(cast("asyncpg.Pool[asyncpg.Record]", pool))


LOST = asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")


async def test_a_connection_is_closed_that_cannot_say_goodbye(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise BrokenPipeError

    async with database.connection() as connection:
        monkeypatch.setattr(asyncpg.Connection, "close", fail)
        await connection.close()
        monkeypatch.undo()
    assert await database.one("SELECT 1")


async def test_what_reads_is_asked_once_more_on_another_connection() -> None:
    pool = Pool(LOST, "SELECT 1")
    assert await database_of(pool).execute(" SELECT 1") == "SELECT 1"
    assert (pool.acquired, pool.expired) == (2, 1)


async def test_what_reads_is_not_asked_for_ever() -> None:
    pool = Pool(LOST, LOST, "SELECT 1")
    with pytest.raises(DatabaseUnavailableError):
        await database_of(pool).execute("SELECT 1")
    assert len(pool.asked) == 2


@pytest.mark.parametrize("query", ["DELETE FROM users", "WITH a AS (DELETE FROM b) SELECT 1"])
async def test_what_writes_is_asked_once(query: str) -> None:
    pool = Pool(LOST, "DELETE 1")
    with pytest.raises(DatabaseUnavailableError):
        await database_of(pool).execute(query)
    assert pool.asked == [query]


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.QueryCanceledError("too long"),
        TimeoutError(),
        asyncpg.DeadlockDetectedError("for each other"),
    ],
)
async def test_what_was_given_up_is_not_asked_again(error: Exception) -> None:
    pool = Pool(error, "SELECT 1")
    with pytest.raises(DatabaseUnavailableError):
        await database_of(pool).execute("SELECT 1")
    assert len(pool.asked) == 1


@pytest.mark.parametrize(
    "error", [asyncpg.UniqueViolationError("twice"), asyncpg.exceptions._base.DataError("int")]
)
async def test_other_errors_are_what_they_are(error: Exception) -> None:
    with pytest.raises(type(error)):
        await database_of(Pool(error)).execute("SELECT 1")


@pytest.fixture
async def waiting() -> AsyncIterator[list[asyncio.Task[str]]]:
    tasks: list[asyncio.Task[str]] = []
    yield tasks
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_while_it_is_away_one_tries_and_nobody_waits_for_it(
    waiting: list[asyncio.Task[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = Pool("SELECT 1", "SELECT 1")
    database = database_of(pool)
    pool.broken = ConnectionRefusedError("refused")
    with pytest.raises(DatabaseUnavailableError):
        await database.execute("SELECT 1")
    with pytest.raises(DatabaseUnavailableError):
        await database.execute("SELECT 1")
    assert pool.acquired == 1, "the pause after a refusal is not over"

    monkeypatch.setattr(database, "_try_again", 0.0)
    pool.broken = None
    pool.free.clear()
    waiting.append(asyncio.create_task(database.execute("SELECT 1")))
    await asyncio.sleep(0)
    with pytest.raises(DatabaseUnavailableError, match="refused"):
        await database.execute("SELECT 1")
    assert pool.acquired == 2, "one tries"

    pool.free.set()
    assert await waiting[0] == "SELECT 1"
    assert await database.execute("SELECT 1") == "SELECT 1"


async def test_only_so_many_wait_for_a_connection(
    waiting: list[asyncio.Task[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.pool.MAX_WAITING", 3)
    pool = Pool(*["SELECT 1"] * 4)
    pool.free.clear()
    database = database_of(pool)
    waiting += [asyncio.create_task(database.execute("SELECT 1")) for _ in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(DatabaseUnavailableError, match="too many"):
        await database.execute("SELECT 1")
    pool.free.set()
    assert await asyncio.gather(*waiting) == ["SELECT 1"] * 3
    assert await database.execute("SELECT 1") == "SELECT 1"


async def test_nobody_waits_long_for_a_connection(
    waiting: list[asyncio.Task[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.pool.ACQUIRE_TIMEOUT", 0.01)
    pool = Pool("SELECT 1")
    pool.free.clear()
    database = database_of(pool)
    with pytest.raises(DatabaseUnavailableError, match="in time"):
        await database.execute("SELECT 1")
    pool.free.set()
    assert await database.execute("SELECT 1") == "SELECT 1", "busy is not away"


async def dawdle(database: Database) -> None:
    """In a transaction."""

    async def is_closed() -> bool:
        return connection.is_closed()

    async with database.connection() as connection, connection.transaction():
        await connection.execute("SELECT 1")
        await until(is_closed)


async def test_an_idle_transaction_does_not_hold_its_locks_for_ever(
    postgres: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.pool.STATEMENT_TIMEOUT", 0.05)
    database = await Database.connect(postgres)
    with pytest.raises(DatabaseUnavailableError):
        await dawdle(database)
    assert await answers(database)
    await database.close()
