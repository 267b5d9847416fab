"""What handlers need, kept in the application, and how they get at a request's content."""

from __future__ import annotations

from http import HTTPStatus
from typing import TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError

from api.passwords import Passwords
from api.problems import ProblemError, invalid
from api.throttle import Throttle
from api.tokens import Tokens
from db.meetings import Meetings
from db.pool import Database
from db.users import Users
from sfu.server import MediaServer
from signaling.identity import BadToken, Identity
from signaling.socket import Gateway

M = TypeVar("M", bound=BaseModel)

DATABASE = web.AppKey("database", Database)
MEDIA = web.AppKey("media", MediaServer)
PUBLIC_URL = web.AppKey("public_url", str)
USERS = web.AppKey("users", Users)
MEETINGS = web.AppKey("meetings", Meetings)
TOKENS = web.AppKey("tokens", Tokens)
PASSWORDS = web.AppKey("passwords", Passwords)
THROTTLE = web.AppKey("throttle", Throttle)
GATEWAY = web.AppKey("gateway", Gateway)


async def body(request: web.Request, model: type[M]) -> M:
    """The JSON body, validated. Raises ProblemError."""
    try:
        return model.model_validate_json(await request.read())
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        if details[0]["type"] == "json_invalid":
            raise ProblemError(
                HTTPStatus.BAD_REQUEST, f"The body is not JSON: {details[0]['msg']}"
            ) from None
        raise invalid(details) from None


async def identify(request: web.Request) -> Identity:
    """Who sends the request. Raises ProblemError 401."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise _unauthorized(
            "Sign in first: the Authorization header with a Bearer token is missing."
        )
    try:
        return await request.app[TOKENS].authenticate(token.strip())
    except BadToken as error:
        raise _unauthorized(str(error)) from None


def _unauthorized(detail: str) -> ProblemError:
    return ProblemError(
        HTTPStatus.UNAUTHORIZED, detail, headers={"WWW-Authenticate": 'Bearer realm="tertulia"'}
    )


async def user_id(request: web.Request) -> int:
    """The account that sends the request. Raises ProblemError 401, or 403 for a guest."""
    identity = await identify(request)
    if identity.user_id is None:
        raise ProblemError(HTTPStatus.FORBIDDEN, "Guests cannot do this. Sign in with an account.")
    return identity.user_id


def respond(model: BaseModel, status: HTTPStatus = HTTPStatus.OK) -> web.Response:
    return web.Response(
        status=status, text=model.model_dump_json(), content_type="application/json"
    )
