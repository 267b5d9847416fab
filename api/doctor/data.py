"""What must survive: the data directory and the database."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from shutil import disk_usage

from api.database import reached
from api.doctor.findings import Finding, ok, problem, warning
from api.health import LEAST_DISK
from api.settings import Settings
from db.binaries import MAJOR
from db.cluster import CLUSTER, EmbeddedError
from db.inspection import Inspection, inspect
from db.pool import Address, Database, DatabaseUnavailableError

GB = 2**30
LOW_DISK = 4 * LEAST_DISK
OTHERS = 0o077
"""Of a file's mode: what others may."""


def directory(settings: Settings) -> Iterator[Finding]:
    path = settings.data_dir.absolute()
    there = _nearest(path)
    if not os.access(there, os.W_OK | os.X_OK):
        yield problem(f"{there} may not be written.", "Set DATA_DIR, or give us that directory.")
        return
    free = disk_usage(there).free
    if free < LOW_DISK:
        finding = problem if free < LEAST_DISK else warning
        yield finding(f"{free / GB:.1f} GiB are left for {path}.", "Make room on that disk.")
    else:
        yield ok(f"{path} may be written; {free / GB:.1f} GiB are left.")
    for file in sorted(path.glob("*.secret")) + sorted(path.glob("*.key")):
        if file.stat().st_mode & OTHERS:
            yield warning(f"Others may read {file}.", f"chmod 600 {file}")


def _nearest(path: Path) -> Path:
    """The directory itself, or the one it would be made in."""
    return next(each for each in (path, *path.parents) if each.exists())


async def database(settings: Settings) -> AsyncIterator[Finding]:
    if settings.database is None and not (settings.data_dir / CLUSTER).exists():
        yield ok("The embedded PostgreSQL will be set up at the first start.")
        return
    which = "The PostgreSQL you named" if settings.database else "The embedded PostgreSQL"
    try:
        async with reached(settings) as (address, _):
            found = await _inspected(address)
    except (EmbeddedError, DatabaseUnavailableError) as error:
        advice = (
            "Check DATABASE_URL or DATABASE_HOST and its like, and that PostgreSQL lets us in."
            if settings.database
            else f"Its log is {settings.data_dir / 'postgres.log'}."
        )
        yield problem(f"{which} does not answer: {error}", advice)
        return
    for finding in _judge(which, found, settings):
        yield finding


async def _inspected(address: Address) -> Inspection:
    database = await Database.connect(address, connections=1)
    try:
        return await inspect(database)
    finally:
        await database.close()


def _judge(which: str, found: Inspection, settings: Settings) -> Iterator[Finding]:
    if found.unknown:
        yield problem(
            f"{which} was used by a newer Tertulia (migrations {list(found.unknown)}).",
            "Start that version, or restore a backup from before.",
        )
    elif found.missing:
        yield ok(f"{which} answers; the next start makes {found.missing} migrations.")
    else:
        yield ok(f"{which} answers, and its schema is up to date.")
    if found.major < MAJOR:
        yield warning(
            f"It is PostgreSQL {found.major}.", f"Tertulia is tested with {MAJOR}; upgrade it."
        )
    if found.connections < settings.database_pool:
        yield problem(
            f"It takes {found.connections} connections, and DATABASE_POOL is "
            f"{settings.database_pool}.",
            "Lower DATABASE_POOL, or raise max_connections.",
        )
