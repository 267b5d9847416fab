"""The database of a command, which runs while a server does or without one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from api.settings import Settings
from db.cluster import InUseError
from db.embedded import EmbeddedPostgres, served_by_another
from db.pool import Address


@asynccontextmanager
async def reached(
    settings: Settings, *, beside_a_server: bool = True
) -> AsyncIterator[tuple[Address, bool]]:
    """Where it is, and whether a running server serves it. The embedded one is started for the
    moment where none does.

    Raises EmbeddedError; so it does where a server runs and must not (`beside_a_server`).
    """
    if settings.database is not None:
        yield settings.database, False
        return
    try:
        postgres = await EmbeddedPostgres.start(settings.data_dir)
    except InUseError:
        if not beside_a_server:
            raise
        with served_by_another(settings.data_dir) as address:
            yield address, True
        return
    try:
        yield postgres.address, False
    finally:
        await postgres.stop()
