"""Schema migrations: plain SQL files, each applied once, in order, each in one transaction.

A file is named `NNNN_what_it_does.sql`. Once it has been applied anywhere it must not change, which
its checksum guards: a database then would not be what the files say.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

from db.pool import Connection, Database

LOCK = 0x7465727475  # "tertu"
"""Key of the advisory lock, so that servers starting together do not migrate together."""
TIMEOUT = 300.0
"""Seconds a migration may take, and another server waits for it."""


class MigrationError(Exception):
    """The database's schema is not one that these migrations lead to."""


@dataclass(frozen=True, slots=True)
class Migration:
    version: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


def migrations(folder: Traversable | None = None) -> list[Migration]:
    """All migrations of a folder (default: the project's own), lowest version first."""
    paths = (folder or files("db") / "migrations").iterdir()
    return sorted(
        (_read(path) for path in paths if path.name.endswith(".sql")),
        key=lambda migration: migration.version,
    )


def _read(path: Traversable) -> Migration:
    version, _, name = path.name.removesuffix(".sql").partition("_")
    return Migration(int(version), name, path.read_text(encoding="utf-8"))


async def migrate(database: Database, wanted: Sequence[Migration] | None = None) -> list[Migration]:
    """Bring the schema up to date; returns what was applied now. Raises MigrationError."""
    wanted = migrations() if wanted is None else wanted
    async with database.connection() as connection:
        await connection.execute("SET statement_timeout = 0")  # ours is TIMEOUT
        await connection.execute("SELECT pg_advisory_lock($1)", LOCK, timeout=TIMEOUT)
        try:
            return await _apply_missing(connection, wanted)
        finally:
            await connection.execute("SELECT pg_advisory_unlock($1)", LOCK)
            await connection.execute("RESET statement_timeout")


async def _apply_missing(connection: Connection, wanted: Sequence[Migration]) -> list[Migration]:
    applied = await _applied(connection)
    _check(applied, wanted)
    missing = [migration for migration in wanted if migration.version not in applied]
    for migration in missing:
        await _apply(connection, migration)
    return missing


async def _applied(connection: Connection) -> dict[int, str]:
    """Checksums of the migrations this database has had, by version."""
    await connection.execute(
        """
        CREATE TABLE IF NOT EXISTS schema_migrations (
            version INTEGER PRIMARY KEY,
            name TEXT NOT NULL,
            checksum TEXT NOT NULL,
            applied_at TIMESTAMPTZ NOT NULL DEFAULT now()
        )
        """
    )
    records = await connection.fetch("SELECT version, checksum FROM schema_migrations")
    return {record["version"]: record["checksum"] for record in records}


def _check(applied: dict[int, str], wanted: Sequence[Migration]) -> None:
    known = {migration.version: migration for migration in wanted}
    newer = sorted(applied.keys() - known.keys())
    if newer:
        raise MigrationError(
            f"The database has had migrations this version does not know ({newer}): "
            "it was used by a newer version of Tertulia. Start that one."
        )
    for version, checksum in applied.items():
        if known[version].checksum != checksum:
            raise MigrationError(
                f"Migration {version:04}_{known[version].name}.sql is not the one this database "
                "has had. Restore the file, and put changes into a new migration."
            )


async def _apply(connection: Connection, migration: Migration) -> None:
    async with connection.transaction():
        await connection.execute(migration.sql, timeout=TIMEOUT)
        await connection.execute(
            "INSERT INTO schema_migrations (version, name, checksum) VALUES ($1, $2, $3)",
            migration.version,
            migration.name,
            migration.checksum,
        )
