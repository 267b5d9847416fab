"""Is the server alive, and ready to serve?"""

from __future__ import annotations

from collections.abc import AsyncIterator
from http import HTTPStatus
from importlib.metadata import version
from shutil import disk_usage

from aiohttp import web

from api.context import DATA_DIR, DATABASE, GATEWAY, MEDIA
from api.models.common import Health, Readiness
from api.operations import Access, Call, Routes
from api.problems import SOON, ProblemError
from db.pool import DatabaseUnavailableError

routes = Routes("health")
VERSION = version("tertulia")
LEAST_DISK = 256 * 2**20
"""Bytes that must be free where the data are: PostgreSQL stops when it has none for its log."""


@routes.get("/health", access=Access.ANYBODY)
async def health(call: Call) -> Health:
    """Whether the server is alive.

    It is as long as it answers; restarting it does not help where it is only not ready.
    """
    media = call.app[MEDIA]
    return Health(
        status="ok",
        engine=media.engine_name,
        engine_reason=media.engine_reason,
        engines=len(media.engines),
        version=VERSION,
    )


@routes.get("/health/ready", access=Access.ANYBODY)
async def ready(call: Call) -> Readiness:
    """Whether the server can hold meetings.

    503 while its database or its engine does not answer, its disk is full, or it is about to stop;
    `detail` says which.
    """
    obstacles = [each async for each in _obstacles(call.app)]
    if obstacles:
        raise ProblemError(
            HTTPStatus.SERVICE_UNAVAILABLE,
            " ".join(obstacles),
            headers=SOON,
        )
    return Readiness(status="ready")


async def _obstacles(app: web.Application) -> AsyncIterator[str]:
    try:
        await app[DATABASE].execute("SELECT 1")
    except DatabaseUnavailableError:
        yield "The database does not answer."
    if not app[MEDIA].answers():
        yield "The engine does not answer."
    if disk_usage(app[DATA_DIR]).free < LEAST_DISK:
        yield "The disk is full."
    if app[GATEWAY].stopping:
        yield "The server is about to stop."
