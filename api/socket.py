"""`/ws`, handed over to signaling."""

from __future__ import annotations

import logging
import secrets
from http import HTTPStatus

from aiohttp import web

from api.context import ADDRESSES, CORS_ORIGINS, GATEWAY, PUBLIC_URL, SOCKETS
from api.problems import ProblemError
from signaling.correlation import noted

_log = logging.getLogger(__name__)

PATH = "/ws"
routes = web.RouteTableDef()


@routes.get(PATH)
async def connect(request: web.Request) -> web.StreamResponse:
    _check_origin(request)
    _check_key(request)
    address = request.app[ADDRESSES].of(request)
    with request.app[SOCKETS].one(address), noted(connection=secrets.token_hex(4)):
        _log.info("connection from %s by %s", address, request.headers.get("User-Agent", "")[:200])
        return await request.app[GATEWAY].handle(request)


def _check_origin(request: web.Request) -> None:
    """Browsers let any page open a WebSocket to us and say which it is; programs say nothing."""
    origin = request.headers.get("Origin")
    own = (f"http://{request.host}", f"https://{request.host}", request.app[PUBLIC_URL])
    if origin is not None and origin not in (*own, *request.app[CORS_ORIGINS]):
        raise ProblemError(HTTPStatus.FORBIDDEN, "Pages of other sites may not connect.")


def _check_key(request: web.Request) -> None:
    """The library checks it, but counts on letters that base64 could have."""
    if not request.headers.get("Sec-WebSocket-Key", "").isascii():
        raise ProblemError(HTTPStatus.BAD_REQUEST, "Sec-WebSocket-Key is no key.")
