"""A database as one stream, and back, by PostgreSQL's own pg_dump and pg_restore."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Mapping
from typing import IO
from urllib.parse import unquote, urlsplit, urlunsplit

import asyncpg

from db.binaries import installation
from db.child import Account
from db.pool import Address, Database

ASIDE = "tertulia_before_restore"
"""Schema that keeps what was there until what replaces it is."""
_INHERITED = re.compile(r"/proc/self/fd/(\d+)")


class DumpError(Exception):
    """A program of PostgreSQL failed; the message is what it said."""


async def dump(address: Address, output: IO[bytes]) -> None:
    """Everything as of one moment, compressed, whoever writes meanwhile. Raises DumpError."""
    await _run("pg_dump", ["--format=custom", "--no-owner", "--no-acl"], address, None, output)


async def restore(address: Address, database: Database, source: IO[bytes]) -> None:
    """In place of all that is there; all or nothing. Raises DumpError.

    `database` is the same one.
    """
    try:
        await _set_aside(database)
    except asyncpg.PostgresError as error:
        raise DumpError(f"PostgreSQL does not let us replace what is there: {error}.") from error
    options = ["--no-owner", "--no-acl", "--single-transaction", "--exit-on-error"]
    try:
        await _run("pg_restore", options, address, source, None)
    except BaseException:
        await database.execute("DROP SCHEMA public CASCADE")
        await database.execute(f"ALTER SCHEMA {ASIDE} RENAME TO public")
        raise
    await database.execute(f"DROP SCHEMA {ASIDE} CASCADE")


async def is_empty(database: Database) -> bool:
    """Without any table, and without what a restore that was killed has set aside."""
    return await _tables(database, "public") + await _tables(database, ASIDE) == 0


async def _set_aside(database: Database) -> None:
    """What is there, where a restore that was killed has not done so already."""
    if await _tables(database, ASIDE) and not await _tables(database, "public"):
        return
    async with database.connection() as connection, connection.transaction():
        await connection.execute(f"DROP SCHEMA IF EXISTS {ASIDE} CASCADE")
        await connection.execute(f"ALTER SCHEMA public RENAME TO {ASIDE}")
        await connection.execute("CREATE SCHEMA public")


async def _tables(database: Database, schema: str) -> int:
    row = await database.one(
        "SELECT count(*) AS tables FROM pg_tables WHERE schemaname = $1", schema
    )
    return int(row["tables"])


async def _run(
    program: str,
    options: list[str],
    address: Address,
    source: IO[bytes] | None,
    output: IO[bytes] | None,
) -> None:
    environment = {"PATH": os.defpath, "LC_ALL": "C", **_connection(address)}
    path = installation(Account.current()) / "bin" / program
    where = [f"--dbname={environment.pop('DSN')}"] if "DSN" in environment else []
    if program == "pg_restore" and not where:
        where = [f"--dbname={environment['PGDATABASE']}"]
    process = await asyncio.create_subprocess_exec(
        path,
        *options,
        *where,
        env=environment,
        pass_fds=_descriptors(address),
        stdin=source or asyncio.subprocess.DEVNULL,
        stdout=output or asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await process.communicate()
    if process.returncode != 0:
        raise DumpError(f"{program} failed:\n{said.decode(errors='replace').strip()}")


def _connection(address: Address) -> Mapping[str, str]:
    """As libpq's variables: others can see a command line, and no environment."""
    if address.dsn is not None:
        return _without_password(address.dsn)
    parts = {
        "PGHOST": address.host,
        "PGPORT": address.port,
        "PGDATABASE": address.database,
        "PGUSER": address.user,
        "PGPASSWORD": address.password,
    }
    return {name: str(value) for name, value in parts.items() if value is not None}


def _without_password(dsn: str) -> Mapping[str, str]:
    parts = urlsplit(dsn)
    user, _, host = parts.netloc.rpartition("@")
    name, _, password = user.partition(":")
    shown = urlunsplit(parts._replace(netloc=f"{name}@{host}" if name else host))
    return {"DSN": shown, **({"PGPASSWORD": unquote(password)} if password else {})}


def _descriptors(address: Address) -> tuple[int, ...]:
    """The embedded server's socket is in a directory that is reached by a descriptor of ours."""
    inherited = _INHERITED.fullmatch(str(address.host))
    return (int(inherited[1]),) if inherited else ()
