"""`tertulia backup` and `tertulia restore`: all there and back."""

from __future__ import annotations

import asyncio
import os
import stat
import subprocess
from pathlib import Path

import pytest

from api.backup import BackupError, back_up, put_back
from api.secret import signing_key
from api.settings import Settings
from db.dump import ASIDE
from db.migrate import migrate
from db.pool import Address, Database
from tests.support.postgres import opened
from tests.support.tertulia import COMMAND, Tertulia

PEOPLE = "SELECT email FROM users ORDER BY email"


async def run(data_dir: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return await asyncio.to_thread(
        subprocess.run,
        [*COMMAND, *map(str, arguments)],
        env={"PATH": os.defpath, "DATA_DIR": str(data_dir)},
        capture_output=True,
        text=True,
        timeout=60,
    )


async def test_a_house_moves_with_its_people_and_their_logins(tmp_path: Path) -> None:
    old, new = Tertulia(tmp_path / "old"), Tertulia(tmp_path / "new")
    file = tmp_path / "backup.tar"
    for server in (old, new):
        server.directory.mkdir()
    nothing = await run(tmp_path / "old" / "data", "backup", file)
    assert (nothing.returncode, file.exists()) == (1, False)
    await old.start()
    try:
        token = await old.sign_up("Ada")
        done = await run(tmp_path / "old" / "data", "backup", file)
        assert (done.returncode, done.stderr) == (0, "")
        busy = await run(tmp_path / "old" / "data", "restore", "--replace", file)
        assert (busy.returncode, "Another Tertulia is running" in busy.stderr) == (1, True)
    finally:
        await old.stop()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    done = await run(tmp_path / "new" / "data", "restore", file)
    assert (done.returncode, done.stderr) == (0, "")
    refused = await run(tmp_path / "new" / "data", "restore", file)
    assert (refused.returncode, "--replace" in refused.stderr) == (1, True)
    await new.start()
    try:
        me = await new.request("GET", "/users/me", token=token)  # the key came along
        assert me["email"] == "ada@example.com"
    finally:
        await new.stop()


def external(address: Address, data_dir: Path) -> Settings:
    return Settings(
        data_dir=data_dir,
        database_host=address.host,
        database_port=address.port or 5432,
        database_name=address.database or "",
        database_user=address.user or "",
        database_password=address.password,
    )


async def add(database: Database, email: str) -> None:
    await database.execute("INSERT INTO users (email, name, password) VALUES ($1, 'x', 'x')", email)


async def test_what_is_there_is_replaced_if_wanted_and_kept_if_that_fails(
    blank: Address, tmp_path: Path
) -> None:
    settings, file = external(blank, tmp_path), tmp_path / "backup.tar"
    key = signing_key(tmp_path)
    async with opened(blank) as database:
        await migrate(database)
        await add(database, "ada@example.com")
        await back_up(settings, file)
        await add(database, "ben@example.com")
        (tmp_path / "jwt.secret").write_text("another")

        with pytest.raises(BackupError, match="--replace"):
            await put_back(settings, file, replace=False)
        cut = tmp_path / "cut.tar"
        _spoil(file, cut)
        with pytest.raises(BackupError, match="pg_restore failed"):
            await put_back(settings, cut, replace=True)
        (tmp_path / "other.tar").write_bytes(b"")
        with pytest.raises(BackupError):
            await put_back(settings, tmp_path / "other.tar", replace=True)
        emails = [row["email"] for row in await database.rows(PEOPLE)]
        assert emails == ["ada@example.com", "ben@example.com"]

        await _begin_a_restore_and_die(database)
        with pytest.raises(BackupError, match="--replace"):
            await put_back(settings, file, replace=False)
        with pytest.raises(BackupError, match="pg_restore failed"):
            await put_back(settings, cut, replace=True)
        assert len(await database.rows(PEOPLE)) == 2

        await put_back(settings, file, replace=True)
        assert [row["email"] for row in await database.rows(PEOPLE)] == ["ada@example.com"]
        assert await database.rows("SELECT FROM pg_namespace WHERE nspname = $1", ASIDE) == []
        assert await migrate(database) == []
    assert signing_key(tmp_path) == key


async def _begin_a_restore_and_die(database: Database) -> None:
    await database.execute(f"ALTER SCHEMA public RENAME TO {ASIDE}")
    await database.execute("CREATE SCHEMA public")


def _spoil(whole: Path, into: Path) -> None:
    """A byte in the middle of what pg_dump wrote."""
    data = bytearray(whole.read_bytes())
    middle = data.index(b"PGDMP") + 5_000
    data[middle : middle + 400] = bytes(400)
    into.write_bytes(data)
