"""The embedded PostgreSQL: comes up by itself, loses nothing, leaves nothing behind."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from db import binaries
from db.cluster import CLUSTER, PASSWORD, EmbeddedError
from db.embedded import RESTARTS, EmbeddedPostgres
from db.pool import Database, DatabaseUnavailableError
from tests.support.polling import until
from tests.support.processes import alive, family, wait_until_gone

ROOT = Path(__file__).parents[2]
TIMEOUT = 60.0


@asynccontextmanager
async def running(data_dir: Path) -> AsyncIterator[tuple[EmbeddedPostgres, Database]]:
    postgres = await EmbeddedPostgres.start(data_dir)
    try:
        database = await Database.connect(postgres.address)
        try:
            yield postgres, database
        finally:
            await database.close()
    finally:
        await postgres.stop()


@pytest.fixture
def process(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Writes numbers into the database in `tmp_path` for as long as it lives."""
    with subprocess.Popen(  # noqa: S603 - ourselves
        [sys.executable, "-m", "tests.db.server", str(tmp_path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        process.kill()


def read_numbers(process: subprocess.Popen[str], count: int) -> list[int]:
    assert process.stdout
    return [int(process.stdout.readline()) for _ in range(count)]


async def test_it_starts_stops_and_keeps_its_data(tmp_path: Path) -> None:
    async with running(tmp_path) as (first, database):
        await database.execute("CREATE TABLE kept AS SELECT 1 AS number")
    async with running(tmp_path) as (second, database):
        assert (await database.one("SELECT number FROM kept"))["number"] == 1
    assert not alive(first.pid)
    assert not alive(second.pid)


async def test_it_asks_for_the_password_which_only_we_may_read(tmp_path: Path) -> None:
    async with running(tmp_path) as (postgres, _):
        with pytest.raises(DatabaseUnavailableError, match="password"):
            await Database.connect(replace(postgres.address, password="wrong"))
    assert stat.S_IMODE((tmp_path / PASSWORD).stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / CLUSTER).stat().st_mode) == 0o700


async def test_it_listens_on_no_network(tmp_path: Path) -> None:
    async with running(tmp_path) as (_, database):
        assert (await database.one("SHOW listen_addresses"))["listen_addresses"] == ""


async def test_its_path_may_be_longer_than_a_sockets(tmp_path: Path) -> None:
    long = tmp_path / ("long" * 30) / "data"
    async with running(long) as (_, database):
        assert (await database.one("SELECT 1 AS one"))["one"] == 1


async def test_one_data_directory_has_one_server(tmp_path: Path) -> None:
    async with running(tmp_path) as (_, database):
        with pytest.raises(EmbeddedError, match=r"Another Tertulia.*DATA_DIR"):
            await EmbeddedPostgres.start(tmp_path)
        assert (await database.one("SELECT 1 AS one"))["one"] == 1


async def test_another_major_version_is_refused_with_the_way_out(tmp_path: Path) -> None:
    async with running(tmp_path):
        pass
    (tmp_path / CLUSTER / "PG_VERSION").write_text("15\n")
    with pytest.raises(EmbeddedError, match=r"(?s)PostgreSQL 15.*pg_dump.*DATABASE_URL"):
        await EmbeddedPostgres.start(tmp_path)


async def test_an_interrupted_first_start_is_begun_again(tmp_path: Path) -> None:
    draft = tmp_path / f"{CLUSTER}.draft"
    draft.mkdir()
    (draft / "PG_VERSION").write_text("18\n")
    async with running(tmp_path) as (_, database):
        assert (await database.one("SELECT 1 AS one"))["one"] == 1


async def test_a_lost_password_is_told(tmp_path: Path) -> None:
    async with running(tmp_path):
        pass
    (tmp_path / PASSWORD).unlink()
    with pytest.raises(EmbeddedError, match=PASSWORD):
        await EmbeddedPostgres.start(tmp_path)


async def test_what_postgres_says_is_told_when_it_does_not_start(tmp_path: Path) -> None:
    async with running(tmp_path):
        pass
    (tmp_path / CLUSTER / "postgresql.conf").write_text("no_such_setting = 1\n")
    with pytest.raises(EmbeddedError, match="no_such_setting"):
        await EmbeddedPostgres.start(tmp_path)


async def test_a_stale_pid_file_with_a_living_pid_does_not_matter(
    tmp_path: Path, process: subprocess.Popen[str]
) -> None:
    data_dir = tmp_path / "other"
    async with running(data_dir):
        pass
    living = read_numbers(process, 1)[0]  # a postmaster even, of the same user
    (data_dir / CLUSTER / "postmaster.pid").write_text(f"{living}\n/nowhere\n0\n5432\n\n\n")
    async with running(data_dir) as (_, database):
        assert (await database.one("SELECT 1 AS one"))["one"] == 1
    assert alive(living)


def kill_parent(process: subprocess.Popen[str], _: int) -> None:
    process.kill()


def kill_postmaster(_: subprocess.Popen[str], postmaster: int) -> None:
    os.kill(postmaster, signal.SIGKILL)


@pytest.mark.parametrize("kill", [kill_parent, kill_postmaster])
async def test_kill_9_loses_no_committed_row_and_leaves_no_process(
    tmp_path: Path,
    process: subprocess.Popen[str],
    kill: Callable[[subprocess.Popen[str], int], None],
) -> None:
    postmaster, *numbers = read_numbers(process, 50)
    processes = family(process.pid)
    assert postmaster in processes
    assert len(processes) > 2
    kill(process, postmaster)
    assert process.stdout
    numbers += [int(line) for line in process.stdout if line.endswith("\n")]
    process.kill()
    process.wait()

    async with running(tmp_path) as (_, database):  # may have to wait for the rest to stop
        wait_until_gone(processes)
        async with database.connection() as connection:
            records = await connection.fetch("SELECT number FROM numbers")
    assert {record["number"] for record in records} >= set(numbers)


async def test_it_tells_when_it_ends_by_itself(tmp_path: Path) -> None:
    async with running(tmp_path) as (postgres, database):
        os.kill(postgres.pid, signal.SIGINT)
        async with asyncio.timeout(TIMEOUT):
            await postgres.exited
        with pytest.raises(DatabaseUnavailableError):
            await database.execute("SELECT 1")


def end(postgres: EmbeddedPostgres, how: signal.Signals) -> None:
    os.kill(postgres.pid, how)


@asynccontextmanager
async def kept(data_dir: Path) -> AsyncIterator[tuple[EmbeddedPostgres, Database]]:
    async with running(data_dir) as (postgres, database):
        keeping = asyncio.create_task(postgres.keep())
        try:
            yield postgres, database
        finally:
            keeping.cancel()
            await asyncio.wait({keeping})


async def test_it_is_started_again_however_it_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.embedded.PAUSE", 0.0)
    monkeypatch.setattr("db.pool.REFUSED_PAUSE", 0.0)
    async with kept(tmp_path) as (postgres, database):
        await database.execute("CREATE TABLE kept (number INTEGER)")
        ends = (signal.SIGKILL, signal.SIGQUIT, signal.SIGINT)
        for number, how in enumerate(ends):
            await database.execute("INSERT INTO kept VALUES ($1)", number)
            before, processes, stopped = postgres.pid, family(postgres.pid), postgres.exited
            end(postgres, how)
            await asyncio.wait({stopped}, timeout=TIMEOUT)
            await until(lambda: answers(database))
            assert postgres.pid != before
            wait_until_gone(processes)
        numbers = await database.rows("SELECT number FROM kept ORDER BY number")
        assert [record["number"] for record in numbers] == list(range(len(ends)))
        with pytest.raises(EmbeddedError, match="Another Tertulia"):
            await EmbeddedPostgres.start(tmp_path)


async def answers(database: Database) -> bool:
    try:
        await database.execute("SELECT 1")
    except DatabaseUnavailableError:
        return False
    return True


async def test_it_is_not_started_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("db.embedded.PAUSE", 0.0)
    async with running(tmp_path) as (postgres, _):
        (tmp_path / CLUSTER / "postgresql.conf").write_text("no_such_setting = 1\n")
        end(postgres, signal.SIGINT)
        with pytest.raises(EmbeddedError, match=f"(?s)after each of {RESTARTS}.*no_such_setting"):
            async with asyncio.timeout(TIMEOUT):
                await postgres.keep()


async def test_it_takes_as_many_connections_as_the_pool_may_open(tmp_path: Path) -> None:
    postgres = await EmbeddedPostgres.start(tmp_path, 120)
    try:
        database = await Database.connect(postgres.address, 120)
        async with AsyncExitStack() as connections:
            for _ in range(120):
                await connections.enter_async_context(database.connection())
        await database.close()
    finally:
        await postgres.stop()


async def test_a_statement_that_hangs_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.pool.STATEMENT_TIMEOUT", 0.05)
    async with running(tmp_path) as (_, database):
        with pytest.raises(DatabaseUnavailableError):
            await database.execute("SELECT pg_sleep(60)")


@pytest.mark.skipif(os.getuid() != 0, reason="only root changes users")
class TestAsRoot:
    async def test_it_runs_without_roots_rights(self, tmp_path: Path) -> None:
        async with running(tmp_path) as (postgres, _):
            assert owner(Path(f"/proc/{postgres.pid}")) == owner(tmp_path / CLUSTER) != 0

    async def test_folders_closed_to_others_stay_closed(self, tmp_path: Path) -> None:
        closed = tmp_path / "closed"
        closed.mkdir(mode=0o700)
        async with running(closed / "data") as (_, database):
            assert (await database.one("SELECT 1 AS one"))["one"] == 1
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700

    async def test_programs_out_of_its_reach_are_copied_once(
        self, tmp_path: Path, public: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(binaries, "_site_packages", unreachable_packages(tmp_path))
        monkeypatch.setattr(binaries, "CACHE", public / "cache")
        async with running(tmp_path / "data") as (_, database):
            assert (await database.one("SELECT 1 AS one"))["one"] == 1
        (copy,) = (public / "cache").iterdir()
        made = copy.stat().st_ctime_ns
        async with running(tmp_path / "data"):
            assert [copy] == list((public / "cache").iterdir())
        assert copy.stat().st_ctime_ns == made


def owner(path: Path) -> int:
    return path.stat().st_uid


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder that all users can reach, unlike pytest's."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def unreachable_packages(folder: Path) -> Callable[[], Path]:
    """PostgreSQL as installed in a clone that others may not enter, by somebody with umask 077."""
    original, packages = binaries._site_packages(), folder / "site-packages"
    for part in (binaries.INSTALLATION, binaries.LIBRARIES):
        shutil.copytree(original / part, packages / part)
    for path in packages.rglob("*"):
        path.chmod(path.stat().st_mode & 0o700)
    return lambda: packages
