"""Accounts: signing up, in and out."""

from __future__ import annotations

import asyncio
import math
from http import HTTPStatus

from aiohttp import web

from api.context import PASSWORDS, THROTTLE, TOKENS, USERS, body, identify, respond
from api.models import Login, Session, Signup
from api.problems import FieldError, ProblemError
from api.throttle import Key
from api.users import shown
from db.users import EmailTakenError, UserRow

routes = web.RouteTableDef()


@routes.post("/auth/signup")
async def signup(request: web.Request) -> web.Response:
    new = await body(request, Signup)
    try:
        user = await request.app[USERS].create(
            email=new.email,
            password=await request.app[PASSWORDS].hash(new.password),
            name=new.name or new.email.partition("@")[0],
            age=new.age,
        )
    except EmailTakenError:
        taken = FieldError(field="email", message="is taken")
        raise ProblemError(
            HTTPStatus.CONFLICT, "There is an account with this email.", [taken]
        ) from None
    return await _session(request, user, HTTPStatus.CREATED)


@routes.post("/auth/login")
async def login(request: web.Request) -> web.Response:
    credentials = await body(request, Login)
    key = (request.remote, credentials.email)
    _count_attempt(request, key)
    user = await request.app[USERS].by_email(credentials.email)
    hashed = user.password if user and user.is_active else None
    if not await request.app[PASSWORDS].verify(hashed, credentials.password) or user is None:
        raise ProblemError(HTTPStatus.UNAUTHORIZED, "Email or password is wrong.")
    request.app[THROTTLE].succeeded(key)
    await _renew_hash(request, user, credentials.password)
    return await _session(request, user, HTTPStatus.OK)


def _count_attempt(request: web.Request, key: Key) -> None:
    throttle, now = request.app[THROTTLE], asyncio.get_running_loop().time()
    if wait := math.ceil(throttle.wait(key, now)):
        raise ProblemError(
            HTTPStatus.TOO_MANY_REQUESTS,
            f"Too many attempts to sign in. Try again in {wait} s.",
            headers={"Retry-After": str(wait)},
        )
    throttle.attempt(key, now)


async def _renew_hash(request: web.Request, user: UserRow, password: str) -> None:
    passwords = request.app[PASSWORDS]
    if passwords.is_outdated(user.password):
        await request.app[USERS].set_password(user.id, await passwords.hash(password))


async def _session(request: web.Request, user: UserRow, status: HTTPStatus) -> web.Response:
    token = await request.app[TOKENS].issue_for_user(user.id)
    return respond(Session(token=token, user=shown(user)), status)


@routes.post("/auth/logout")
async def logout(request: web.Request) -> web.Response:
    """The token is good no longer."""
    await request.app[TOKENS].revoke(await identify(request))
    return web.Response(status=HTTPStatus.NO_CONTENT)
