"""Who may read `/metrics`, and how."""

from __future__ import annotations

import asyncio
import hmac
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from http import HTTPStatus

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from api.addresses import parse
from api.context import ADDRESSES, MEDIA
from api.metrics.control import ControlCollector
from api.metrics.http import INSTRUMENTS
from api.metrics.lag import watch_lag
from api.metrics.media import MediaCollector
from api.metrics.process import ProcessCollector
from api.problems import ProblemError

PATH = "/metrics"
COLLECTORS = web.AppKey("collectors", tuple[ProcessCollector, MediaCollector, ControlCollector])
METRICS_TOKEN = web.AppKey("metrics_token", str)
"""Empty: there is none."""
_OF_PROXIES = (
    "Forwarded",
    "Via",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
    "X-Real-IP",
)


def add_metrics(app: web.Application, *, serve: bool) -> None:
    """Once the rest of `app` is put together. `serve`: at PATH, too."""
    app[COLLECTORS] = (ProcessCollector(), MediaCollector(app[MEDIA]), ControlCollector(app))
    app.cleanup_ctx.append(_watching)
    if serve:
        app.router.add_get(PATH, _answer)


def metrics_app(app: web.Application) -> web.Application:
    """With nothing but `app`'s metrics, for a port of their own."""
    alone = web.Application(middlewares=[_refusals])
    alone[INSTRUMENTS], alone[COLLECTORS] = app[INSTRUMENTS], app[COLLECTORS]
    alone[METRICS_TOKEN], alone[ADDRESSES] = app[METRICS_TOKEN], app[ADDRESSES]
    alone.router.add_get(PATH, _answer)
    return alone


@web.middleware
async def _refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except ProblemError as error:
        return web.Response(status=error.status, text=f"{error.detail}\n")


async def _watching(app: web.Application) -> AsyncIterator[None]:
    task = asyncio.create_task(watch_lag(app[INSTRUMENTS].lag))
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def _answer(request: web.Request) -> web.Response:
    _check(request)
    instruments = request.app[INSTRUMENTS]
    began = time.perf_counter()
    parts = [generate_latest(instruments.registry)]
    for collector in request.app[COLLECTORS]:
        parts += map(str.encode, collector.collect())
    instruments.scrape_seconds.set(time.perf_counter() - began)
    headers = {hdrs.CONTENT_TYPE: CONTENT_TYPE_PLAIN_0_0_4}
    return web.Response(body=b"".join(parts), headers=headers)


def _check(request: web.Request) -> None:
    """Raises ProblemError 403 for whoever is neither on this machine nor has the token."""
    if not (_is_direct(request) or _has_token(request)):
        raise ProblemError(
            HTTPStatus.FORBIDDEN, "Metrics are for this machine, and for whoever has METRICS_TOKEN."
        )


def _is_direct(request: web.Request) -> bool:
    """From this machine, and not on behalf of somebody else."""
    peer = request.remote or ""
    if any(name in request.headers for name in _OF_PROXIES) or request.app[ADDRESSES].trusts(peer):
        return False
    address = parse(peer)
    return address is not None and address.is_loopback


def _has_token(request: web.Request) -> bool:
    token = request.app[METRICS_TOKEN]
    scheme, _, given = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
    if not token or scheme.lower() != "bearer":
        return False
    return hmac.compare_digest(given.strip().encode(errors="replace"), token.encode())
