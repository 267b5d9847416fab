"""Is the server well, and what is it?"""

from __future__ import annotations

from importlib.metadata import version

from api.context import DATABASE, MEDIA
from api.models.common import Health
from api.operations import Access, Call, Routes

routes = Routes("health")
VERSION = version("tertulia")


@routes.get("/health", access=Access.ANYBODY)
async def health(call: Call) -> Health:
    """Whether the server is well.

    503 while PostgreSQL does not answer.
    """
    await call.app[DATABASE].execute("SELECT 1")
    media = call.app[MEDIA]
    return Health(
        status="ok",
        engine=media.engine_name,
        engine_reason=media.engine_reason,
        engines=len(media.engines),
        version=VERSION,
    )
