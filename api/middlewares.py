"""What holds for every request: it has a trace id, errors are problem documents, answers carry
security headers."""

from __future__ import annotations

import asyncio
import logging
from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Handler

from api import socket
from api.context import ADDRESSES, CERTIFIED, TRACER
from api.problems import SOON, WHY, ProblemError, response
from db.pool import DatabaseUnavailableError
from signaling.correlation import TRACE, Span, new_trace_id, noted

REQUEST_TIMEOUT = 30.0
"""Seconds for one request, its body included."""

STRICT_TRANSPORT = "max-age=31536000"
"""A year, for this host alone."""
_HEADERS = {
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'self'",
            "script-src 'self'",
            # Radix positions and hides things with style elements of its own.
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "media-src 'self' blob: mediastream:",
            "worker-src 'self' blob:",
            "connect-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    ),
    "Permissions-Policy": (
        "camera=(self), microphone=(self), display-capture=(self), fullscreen=(self), "
        "picture-in-picture=(self), geolocation=(), payment=(), usb=(), serial=(), bluetooth=()"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}

_UNTRACED = (socket.PATH, "/health", "/health/ready", "/metrics")
"""What lasts for hours, and what is asked every few seconds."""
_NOT_THERE = (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED)
"""What whoever tries doors is answered: no news."""

_log = logging.getLogger(__name__)


async def add_security_headers(request: web.Request, answer: web.StreamResponse) -> None:
    """An `on_response_prepare` signal. Headers a handler has set stay."""
    for name, value in _HEADERS.items():
        answer.headers.setdefault(name, value)
    if _by_lasting_tls(request):
        answer.headers["Strict-Transport-Security"] = STRICT_TRANSPORT
    answer.headers["Server"] = "tertulia"  # instead of the library and its version


def _by_lasting_tls(request: web.Request) -> bool:
    """Whether browsers may be told never to come without TLS again (RFC 6797): not for the
    certificate of SHARE=1, which is for today."""
    if request.secure:
        return request.app[CERTIFIED]
    return request.app[ADDRESSES].speaks_tls(request)


@web.middleware
async def traced(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Number and log every request, and trace it where that is wanted. What is asked on `/ws` is
    traced by itself."""
    if request.path in _UNTRACED:
        return await _told(request, handler, new_trace_id())
    route = _route(request)
    came_with = request.headers if request.app[ADDRESSES].trusts(request.remote or "") else None
    with request.app[TRACER].span(f"{request.method} {route}", came_with) as span:
        answer = await _told(request, handler, span.trace_id)
        _describe(span, request, route, answer.status)
        return answer


async def _told(request: web.Request, handler: Handler, trace_id: str) -> web.StreamResponse:
    now = asyncio.get_running_loop().time
    with noted(**{TRACE: trace_id}):
        began = now()
        answer = await handler(request)
        _tell(request, answer, now() - began)
        return answer


def _route(request: web.Request) -> str:
    """With parameters by name: there are few."""
    resource = request.match_info.route.resource
    return resource.canonical if resource else "(nothing there)"


def _tell(request: web.Request, answer: web.StreamResponse, seconds: float) -> None:
    refused = answer.status >= HTTPStatus.BAD_REQUEST and answer.status not in _NOT_THERE
    if not _log.isEnabledFor(logging.INFO if refused else logging.DEBUG):
        return
    _log.log(
        logging.INFO if refused else logging.DEBUG,
        "%s %s from %s: %d after %.3f s%s",
        request.method,
        request.path,
        request.app[ADDRESSES].of(request),
        answer.status,
        seconds,
        f" ({answer[WHY]})" if WHY in answer else "",
    )


def _describe(span: Span, request: web.Request, route: str, status: int) -> None:
    """By OpenTelemetry's semantic conventions."""
    span.add(
        {
            "http.request.method": request.method,
            "http.route": route,
            "http.response.status_code": status,
            "client.address": request.app[ADDRESSES].of(request),
        }
    )
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        span.fail(str(status))


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn whatever goes wrong into a problem document."""
    try:
        return await _answer(request, handler)
    except ProblemError as error:
        return response(error)
    except web.HTTPException as error:
        return _from_http_exception(error)
    except DatabaseUnavailableError as error:
        _log.debug("no database for %s %s: %s", request.method, request.path, error)
        return response(
            ProblemError(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "The database does not answer. Try again in a moment.",
                headers=SOON,
            )
        )
    except Exception as error:
        if isinstance(error, ConnectionError) and request.transport is None:
            # The client has gone: nobody's fault, and nobody will read this.
            return response(ProblemError(HTTPStatus.BAD_REQUEST, "The request broke off."))
        _log.exception("error in %s %s", request.method, request.path)
        return response(
            ProblemError(HTTPStatus.INTERNAL_SERVER_ERROR, "This is our fault; it was logged.")
        )


async def _answer(request: web.Request, handler: Handler) -> web.StreamResponse:
    if request.path == socket.PATH:
        return await handler(request)
    try:
        async with asyncio.timeout(REQUEST_TIMEOUT):
            return await handler(request)
    except TimeoutError:
        raise ProblemError(HTTPStatus.REQUEST_TIMEOUT, "The request took too long.") from None


def _from_http_exception(error: web.HTTPException) -> web.StreamResponse:
    """aiohttp's own: no such path, method not allowed, body too large …"""
    if error.status < HTTPStatus.BAD_REQUEST:
        return error
    details = {
        HTTPStatus.NOT_FOUND: "There is nothing at this address.",
        HTTPStatus.METHOD_NOT_ALLOWED: f"Allowed here: {error.headers.get('Allow')}.",
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is too large.",
    }
    status = HTTPStatus(error.status)
    allow = error.headers.get("Allow")
    return response(
        ProblemError(
            status,
            details.get(status, status.description or status.phrase),
            headers={"Allow": allow} if allow else {},
        )
    )
