"""What a database is like, looked at without changing it."""

from __future__ import annotations

from dataclasses import dataclass

from db.migrate import migrations
from db.pool import Database


@dataclass(frozen=True, slots=True)
class Inspection:
    major: int
    """PostgreSQL's version."""
    connections: int
    """How many it takes."""
    missing: int
    """Migrations that the next start makes."""
    unknown: tuple[int, ...]
    """Migrations of a newer Tertulia."""


async def inspect(database: Database) -> Inspection:
    """Raises DatabaseUnavailableError."""
    server = await database.one(
        """
        SELECT current_setting('server_version_num')::int / 10000 AS major,
            current_setting('max_connections')::int AS connections,
            to_regclass('schema_migrations') IS NOT NULL AS is_ours
        """
    )
    applied = set()
    if server["is_ours"]:
        records = await database.rows("SELECT version FROM schema_migrations")
        applied = {record["version"] for record in records}
    known = {migration.version for migration in migrations()}
    return Inspection(
        server["major"],
        server["connections"],
        len(known - applied),
        tuple(sorted(applied - known)),
    )
