"""What each request does: one small function per message, found in a table.

`answer` is the only way in. It takes any text and always returns a reply or a failure: nothing a
client sends, and no fault of ours in handling it, goes further than to that client.
"""

from __future__ import annotations

import asyncio
import logging

from db.pool import DatabaseUnavailableError
from sfu.errors import ClientError, OfferError, TrackError
from signaling.errors import RequestError
from signaling.handlers import chat, connection, media, meeting, moderation
from signaling.handlers.base import Table
from signaling.hub import Hub
from signaling.messages import Failure, Problem, Reply, Request
from signaling.parsing import parse
from signaling.session import Session

log = logging.getLogger(__name__)

HANDLERS: Table = {
    **connection.HANDLERS,
    **meeting.HANDLERS,
    **media.HANDLERS,
    **moderation.HANDLERS,
    **chat.HANDLERS,
}


async def answer(hub: Hub, session: Session, text: str | bytes) -> Reply | Failure:
    try:
        request = parse(text)
    except RequestError as error:
        return Failure(id=error.request, error=error.problem)
    try:
        async with asyncio.timeout(hub.limits.request):
            result = await HANDLERS[type(request)](hub, session, request)
    except Exception as error:  # a fault of ours stays with this client
        return Failure(id=request.id, error=_problem(error, session, request))
    return Reply(id=request.id, result=result.model_dump(mode="json"))


def _problem(error: Exception, session: Session, request: Request) -> Problem:
    match error:
        case RequestError():
            return error.problem
        case OfferError():
            return Problem(code="bad_offer", message=error.message)
        case TrackError():
            return Problem(code="bad_track", message=error.message)
        case DatabaseUnavailableError():
            log.debug("no database: %s", _correlation(session, request))
            return Problem(code="unavailable", message="Not now; please try again.")
        case ClientError():
            return Problem(code="unavailable", message=error.message)
        case TimeoutError():
            log.error("timed out: %s", _correlation(session, request))
            return Problem(code="unavailable", message="That took too long; please try again.")
    log.error("failed: %s", _correlation(session, request), exc_info=error)
    return Problem(code="internal", message="Something went wrong on the server.")


def _correlation(session: Session, request: Request) -> str:
    member = session.member
    place = f"meeting {member.meeting.id} participant {member.id}" if member else "no meeting"
    return f"{type(request).__name__} {request.id} of session {session.id}, {place}"
