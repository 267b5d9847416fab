"""The first message of a connection: who is it, and is it a new session or an old one?"""

from __future__ import annotations

import logging

from signaling.errors import RequestError
from signaling.hub import Hub
from signaling.identity import Authenticate as CheckToken
from signaling.identity import BadToken, Identity
from signaling.messages import (
    Authenticate,
    AuthenticateResult,
    Closing,
    ClosingReason,
    Failure,
    Problem,
    Reply,
)
from signaling.outbox import Outbox, encode
from signaling.parsing import parse
from signaling.session import Session

log = logging.getLogger(__name__)


class Refused(Exception):  # noqa: N818 - an outcome
    """The connection is to be closed; `failure` tells it to a request, if one was to blame."""

    def __init__(self, reason: ClosingReason, message: str, failure: Failure | None = None) -> None:
        super().__init__(message)
        self.failure = failure
        self.closing = Closing(reason=reason, message=message)


def refused(reason: ClosingReason, request: int | None, problem: Problem) -> Refused:
    """Because of that request."""
    return Refused(reason, problem.message, Failure(id=request, error=problem))


async def identify(check_token: CheckToken, message: str | bytes) -> tuple[Authenticate, Identity]:
    """Raises Refused."""
    try:
        request = parse(message)
    except RequestError as error:
        raise refused("not_authenticated", error.request, error.problem) from None
    if not isinstance(request, Authenticate):
        problem = Problem(code="not_authenticated", message="Authenticate first.")
        raise refused("not_authenticated", request.id, problem)
    try:
        return request, await check_token(request.token)
    except BadToken:
        problem = Problem(code="bad_token", message="Please sign in again.", field="token")
        raise refused("bad_token", request.id, problem) from None
    except Exception:
        log.exception("the token could not be checked")
        problem = Problem(code="unavailable", message="Please try again.")
        raise refused("not_authenticated", request.id, problem) from None


def enter(hub: Hub, request: Authenticate, identity: Identity, outbox: Outbox) -> Session:
    """The session, with its reply, the events it missed and its state in `outbox`.

    Raises Refused.
    """
    resumed = hub.resume(identity, request.resume) if request.resume else None
    try:
        session, missed = resumed or (hub.open(identity), [])
    except RequestError as error:
        raise refused("too_many_requests", request.id, error.problem) from None
    session.connect(outbox)
    result = AuthenticateResult(
        session_id=session.id,
        secret=session.new_secret(),
        resumed=resumed is not None,
        grace=hub.limits.grace,
        heartbeat=hub.limits.heartbeat,
        name=identity.name,
        user_id=identity.user_id,
        guest_id=identity.guest_id,
        guest=identity.guest,
    )
    outbox.put(encode(Reply(id=request.id, result=result.model_dump(mode="json"))))
    for frame in missed:
        outbox.put(frame)
    if session.member:
        session.member.tell_state()
    return session
