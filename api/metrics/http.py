"""Times and counts HTTP requests by route."""

from __future__ import annotations

from aiohttp import web
from aiohttp.typedefs import Handler
from prometheus_async.aio import time, track_inprogress

from api import socket
from api.metrics.instruments import Instruments

INSTRUMENTS = web.AppKey("instruments", Instruments)
UNMATCHED = "unmatched"
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


@web.middleware
async def measured(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Outermost. Connections to `/ws` last as long as people stay, and are counted elsewhere."""
    if request.path == socket.PATH:
        return await handler(request)
    instruments, route = request.app[INSTRUMENTS], _route(request)
    answering = track_inprogress(instruments.in_progress, handler(request))
    timing = time(instruments.request_seconds, answering)
    answer = await time(instruments.route_seconds.labels(route), timing)
    method = request.method if request.method in METHODS else "other"
    instruments.requests.labels(method, route, f"{answer.status // 100}xx").inc()
    return answer


def _route(request: web.Request) -> str:
    """The template, such as /blogs/{post_id}: never the path, of which there is no end."""
    resource = request.match_info.route.resource
    return UNMATCHED if resource is None else resource.canonical
