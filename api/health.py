"""Is the server well, and what is it?"""

from __future__ import annotations

from importlib.metadata import version

from aiohttp import web

from api.context import DATABASE, MEDIA, respond
from api.models import Health

routes = web.RouteTableDef()
VERSION = version("tertulia")


@routes.get("/health")
async def health(request: web.Request) -> web.Response:
    """503 while PostgreSQL does not answer."""
    await request.app[DATABASE].execute("SELECT 1")
    media = request.app[MEDIA]
    return respond(
        Health(
            status="ok",
            engine=media.engine_name,
            engine_reason=media.engine_reason,
            engines=len(media.engines),
            version=VERSION,
        )
    )
