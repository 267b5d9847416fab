"""What each request does: one small function per message, found in a table.

`answer` is the only way in. It takes any text and always returns a reply or a failure: nothing a
client sends, and no fault of ours in handling it, goes further than to that client.
"""

from __future__ import annotations

import asyncio
import logging
import time

from db.pool import DatabaseUnavailableError
from sfu.errors import ClientError, OfferError, TrackError
from signaling.correlation import TRACE, noted, where, who
from signaling.errors import RequestError
from signaling.handlers import chat, connection, media, meeting, moderation
from signaling.handlers.base import Table
from signaling.hub import Hub
from signaling.messages import AnyRequest, Failure, Join, Offer, Problem, Reply
from signaling.parsing import parse
from signaling.session import Session

log = logging.getLogger(__name__)

NO_REQUEST = "none"
"""Type of a message that is none we know."""

HANDLERS: Table = {
    **connection.HANDLERS,
    **meeting.HANDLERS,
    **media.HANDLERS,
    **moderation.HANDLERS,
    **chat.HANDLERS,
}


async def answer(hub: Hub, session: Session, text: str | bytes) -> Reply | Failure:
    began = time.perf_counter()
    try:
        request = parse(text)
    except RequestError as error:
        log.debug("refused a message: %s", error.problem.code)
        hub.observer.answered(NO_REQUEST, time.perf_counter() - began, error.problem.code)
        return Failure(id=error.request, error=error.problem)
    known = who(session) | where(session)
    with noted(**known), hub.tracer.span(f"/ws {request.type}") as span:
        with noted(**{TRACE: span.trace_id}):
            reply = await _answer(hub, session, request)
        code = reply.error.code if isinstance(reply, Failure) else None
        if code:
            span.fail(code)
    hub.observer.answered(request.type, time.perf_counter() - began, code)
    return reply


async def _answer(hub: Hub, session: Session, request: AnyRequest) -> Reply | Failure:
    try:
        async with asyncio.timeout(hub.limits.request):
            result = await HANDLERS[type(request)](hub, session, request)
    except Exception as error:  # a fault of ours stays with this client
        problem = _problem(error, request)
        level = logging.INFO if isinstance(request, (Join, Offer)) else logging.DEBUG
        log.log(level, "%s refused: %s: %s", _name(request), problem.code, problem.message)
        return Failure(id=request.id, error=problem)
    return Reply(id=request.id, result=result.model_dump(mode="json"))


def _problem(error: Exception, request: AnyRequest) -> Problem:
    match error:
        case RequestError():
            return error.problem
        case OfferError():
            return Problem(code="bad_offer", message=error.message)
        case TrackError():
            return Problem(code="bad_track", message=error.message)
        case DatabaseUnavailableError():
            log.debug("no database for %s", request.type)
            return Problem(code="unavailable", message="Not now; please try again.")
        case ClientError():
            return Problem(code="unavailable", message=error.message)
        case TimeoutError():
            log.error("%s %d timed out", request.type, request.id)
            return Problem(code="unavailable", message="That took too long; please try again.")
    log.error("%s %d failed", request.type, request.id, exc_info=error)
    return Problem(code="internal", message="Something went wrong on the server.")


def _name(request: AnyRequest) -> str:
    """With what it is about, where the session is not there yet."""
    return f"join of meeting {request.meeting_id}" if isinstance(request, Join) else request.type
