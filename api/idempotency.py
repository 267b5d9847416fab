"""`Idempotency-Key`: a create that is sent again does nothing again.

What is promised, and what is not:

- Of all requests of an account with one key, also simultaneous ones, one is carried out; for 24 h
  the others get its answer again, or 409 as long as there is none.
- An answer of 5xx or 429 is not kept: nothing was done, and the next request with the key is
  carried out.
- The create and its answer are not written in one transaction. When the server dies or loses its
  database between the two, or the time of the request runs out there, something was done that
  nobody was told of, and the next request does it again (after a death, a minute later at the
  earliest). So it is exactly once but for that gap, and never less than once.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from hashlib import sha256
from http import HTTPStatus

from aiohttp import web

from api.problems import ProblemError, response
from db.idempotency import Claim, EarlierRequest, IdempotencyKeys
from db.pool import DatabaseUnavailableError

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
PATTERN = "[!-~]{1,200}"
"""Of a key: visible ASCII."""
KEPT_HEADERS = ("Content-Type", "ETag", "Location")

_log = logging.getLogger(__name__)

Act = Callable[[], Awaitable[web.StreamResponse]]


async def once(
    keys: IdempotencyKeys, user_id: int, request: web.Request, act: Act
) -> web.StreamResponse:
    """Do `act`, or answer as it did before. Its body must have been read.

    Raises ProblemError 400, 409, 422.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return await act()
    if not re.fullmatch(PATTERN, key):
        raise ProblemError(
            HTTPStatus.BAD_REQUEST, f"{HEADER} has 1 to 200 visible ASCII characters."
        )
    fingerprint = await _fingerprint(request)
    claim = await keys.claim(user_id, key, fingerprint)
    if isinstance(claim, EarlierRequest):
        return _again(claim, fingerprint)
    return await _first(keys, claim, act)


async def _fingerprint(request: web.Request) -> bytes:
    what = f"{request.method} {request.path_qs}\n".encode()
    return sha256(what + await request.read()).digest()


def _again(earlier: EarlierRequest, fingerprint: bytes) -> web.Response:
    if earlier.fingerprint != fingerprint:
        raise ProblemError(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            f"This {HEADER} was used for another request. Choose a new one for each.",
        )
    if earlier.status is None:
        raise ProblemError(
            HTTPStatus.CONFLICT,
            f"A request with this {HEADER} is under way.",
            headers={"Retry-After": "1"},
        )
    return web.Response(
        status=earlier.status, text=earlier.body, headers={**earlier.headers, REPLAYED: "true"}
    )


async def _first(keys: IdempotencyKeys, claim: Claim, act: Act) -> web.StreamResponse:
    try:
        answer = await _answered(act)
    except BaseException:
        await _release(keys, claim)
        raise
    if not _is_final(answer.status) or not isinstance(answer, web.Response):
        await _release(keys, claim)
        return answer
    kept = {name: answer.headers[name] for name in KEPT_HEADERS if name in answer.headers}
    try:
        await keys.finish(claim, answer.status, kept, answer.text)
    except DatabaseUnavailableError as error:
        _log.error("the answer of an idempotent request was not kept: %s", error)
    return answer


async def _answered(act: Act) -> web.StreamResponse:
    try:
        return await act()
    except ProblemError as problem:
        return response(problem)


def _is_final(status: int) -> bool:
    """Whether to ask again would be no use."""
    return status < HTTPStatus.INTERNAL_SERVER_ERROR and status != HTTPStatus.TOO_MANY_REQUESTS


async def _release(keys: IdempotencyKeys, claim: Claim) -> None:
    with suppress(DatabaseUnavailableError):  # then it is released by its age
        await keys.release(claim)
