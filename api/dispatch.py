"""From a request to an operation's function and back to a response."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler
from pydantic import BaseModel

from api.content import MAX_BODY, content
from api.context import ADDRESSES, IDEMPOTENCY_KEYS, LIMITER, TOKENS
from api.idempotency import once
from api.operations import Access, Answer, Call, Cost, Operation, Versioned
from api.problems import ProblemError, forbidden, not_found
from db.errors import NoAccountError, StaleError
from signaling.correlation import note
from signaling.identity import BadToken, Identity

MAX_INTEGER = 2**63 - 1
"""Of PostgreSQL's BIGINT."""
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="tertulia"'}


def add_operations(app: web.Application, operations: Iterable[Operation]) -> Iterable[web.Resource]:
    """One resource per path."""
    resources: dict[str, web.Resource] = {}
    for operation in operations:
        path = operation.route
        resource = resources.get(path) or app.router.add_resource(path)
        resource.add_route(operation.method, _handler(operation))
        resources[path] = resource
    return resources.values()


def _handler(operation: Operation) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        if operation.max_body:
            request = request.clone(client_max_size=operation.max_body)
        path = _path(operation, request)
        call = await _call(operation, request)
        came_whole = request.content.is_eof()
        await _weigh(operation, call)
        arguments = path | await content(operation, request)
        if not came_whole:  # meanwhile the login may have ended, or lost its rights
            call = replace(call, identity=await identify(request, operation.access))
        act = partial(_run, operation, call, arguments)
        if operation.idempotent:
            return await once(request.app[IDEMPOTENCY_KEYS], call.user_id, request, act)
        return await act()

    return handle


async def _call(operation: Operation, request: web.Request) -> Call:
    """Who sends it, allowed to and not too often."""
    address = request.app[ADDRESSES].of(request)
    limiter = request.app[LIMITER]
    limiter.check_address(address, operation.cost)
    identity = await identify(request, operation.access)
    if identity:
        note(user=identity.user_id, guest=identity.guest_id)
        limiter.check_account(identity, operation.cost)
    return Call(
        request, address, identity, if_match=_if_match(request) if operation.edits else None
    )


async def _weigh(operation: Operation, call: Call) -> None:
    """To parse more than bodies usually have takes our processor long. Raises ProblemError 429."""
    if not (operation.body and operation.max_body and call.identity):
        return
    if len(await call.request.read()) > MAX_BODY:
        call.app[LIMITER].check_account(call.identity, Cost.EXPENSIVE)


def _path(operation: Operation, request: web.Request) -> dict[str, Any]:
    found = {
        name: kind(request.match_info[name]) for name, kind in operation.path_parameters.items()
    }
    if any(isinstance(value, int) and value > MAX_INTEGER for value in found.values()):
        raise not_found(operation.tag.rstrip("s"))
    return found


async def identify(request: web.Request, access: Access) -> Identity | None:
    """Who sends the request. Raises ProblemError 401, or 403 where that is not enough."""
    header = request.headers.get("Authorization")
    if header is None and access is Access.ANYBODY:
        return None
    identity = await _authenticate(request, header or "")
    if access in (Access.USER, Access.ADMIN) and identity.guest:
        raise forbidden("Guests cannot do this. Sign in with an account.")
    if access is Access.ADMIN and not identity.admin:
        raise forbidden("Only administrators can do this.")
    return identity


async def _authenticate(request: web.Request, header: str) -> Identity:
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise _unauthorized("Sign in first: the Authorization header has no Bearer token.")
    try:
        return await request.app[TOKENS].authenticate(token.strip())
    except BadToken as error:
        raise _unauthorized(str(error)) from None


def _unauthorized(detail: str) -> ProblemError:
    return ProblemError(HTTPStatus.UNAUTHORIZED, detail, headers=_CHALLENGE)


def _if_match(request: web.Request) -> int | None:
    """The version an edit is of (RFC 9110, section 13.1.1). Raises ProblemError 428, 412."""
    header = request.headers.get("If-Match", "").strip()
    if not header:
        raise ProblemError(
            HTTPStatus.PRECONDITION_REQUIRED,
            "Send If-Match with the ETag of what you edit, or * to edit it as it is.",
        )
    if header == "*":
        return None
    number = header.strip('"')
    if header != f'"{number}"' or not number.isascii() or not number.isdigit() or len(number) > 9:
        raise _stale()
    return int(number)


def _stale() -> ProblemError:
    return ProblemError(
        HTTPStatus.PRECONDITION_FAILED, "It has been changed meanwhile. Read it again, then edit."
    )


async def _run(operation: Operation, call: Call, arguments: dict[str, Any]) -> web.StreamResponse:
    try:
        result = await operation.handler(call, **arguments)
    except StaleError:
        raise _stale() from None
    except NoAccountError:  # deleted in this moment
        raise _unauthorized("The session has ended.") from None
    return _response(operation, result)


def _response(operation: Operation, result: object) -> web.StreamResponse:
    match result:
        case web.StreamResponse():
            return result
        case None:
            return web.Response(status=operation.status)
        case Answer():
            return _json(result.model, result.status or operation.status, result.headers)
        case Versioned():
            etag = {"ETag": f'"{result.version}"'}
            return _json(result.model, result.status or operation.status, etag)
        case BaseModel():
            return _json(result, operation.status, {})
    raise TypeError(f"{operation.id} answered with {type(result)}")


def _json(model: BaseModel, status: HTTPStatus, headers: Mapping[str, str]) -> web.Response:
    return web.Response(
        status=status,
        text=model.model_dump_json(),
        content_type="application/json",
        headers=headers,
    )
