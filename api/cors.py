"""Pages of other sites that may use the API, as `CORS_ORIGINS` names them; none, where it is empty.

Tokens travel in a header that a page must set itself, so no credentials of the browser are let
through, and a page that is let in can do nothing it was not given a token for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import aiohttp_cors
from aiohttp import web

SENT = ("Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match")
READ = ("ETag", "Idempotent-Replayed", "Location", "Retry-After")
"""Headers a page may send and read, beyond those that any may."""
REMEMBERED = 600
"""Seconds for which a browser need not ask again."""


def let_in(app: web.Application, origins: Sequence[str], resources: Iterable[web.Resource]) -> None:
    if not origins:
        return
    allowed = {"allow_headers": SENT, "expose_headers": READ, "max_age": REMEMBERED}
    cors = aiohttp_cors.setup(app, defaults=dict.fromkeys(origins, allowed))
    for resource in resources:
        for route in tuple(resource):  # the first adds another, for preflights
            cors.add(route)
    app.on_response_prepare.append(_agree)


async def _agree(_: web.Request, answer: web.StreamResponse) -> None:
    """Say nothing else in other headers: whom an answer is for depends on who asked."""
    answer.headers["Vary"] = ", ".join(filter(None, (answer.headers.get("Vary"), "Origin")))
    if "Access-Control-Allow-Origin" in answer.headers:
        answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
