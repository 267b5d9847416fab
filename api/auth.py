"""Accounts: signing up, in and out."""

from __future__ import annotations

import asyncio
import math
from http import HTTPStatus

from api.context import PASSWORDS, THROTTLE, TOKENS, USERS
from api.models.accounts import Login, Session, Signup
from api.operations import Access, Call, Cost, Routes
from api.problems import FieldError, ProblemError
from api.throttle import Key
from api.users import shown
from db.users import EmailTakenError, UserRow

routes = Routes("auth")


@routes.post(
    "/auth/signup",
    access=Access.ANYBODY,
    cost=Cost.SIGN_IN,
    status=HTTPStatus.CREATED,
    problems={HTTPStatus.CONFLICT: "There is an account with this email."},
)
async def signup(call: Call, body: Signup) -> Session:
    """Make an account, and sign in."""
    try:
        user = await call.app[USERS].create(
            email=body.email,
            password=await call.app[PASSWORDS].hash(body.password),
            name=body.name or body.email.partition("@")[0],
            age=body.age,
        )
    except EmailTakenError:
        taken = FieldError(field="email", message="is taken")
        raise ProblemError(
            HTTPStatus.CONFLICT, "There is an account with this email.", [taken]
        ) from None
    return await _session(call, user)


@routes.post("/auth/login", access=Access.ANYBODY, cost=Cost.SIGN_IN)
async def login(call: Call, body: Login) -> Session:
    """Sign in."""
    key = (call.address, body.email)
    _count_attempt(call, key)
    user = await call.app[USERS].by_email(body.email)
    hashed = user.password if user and user.is_active else None
    if not await call.app[PASSWORDS].verify(hashed, body.password) or user is None:
        raise ProblemError(HTTPStatus.UNAUTHORIZED, "Email or password is wrong.")
    call.app[THROTTLE].succeeded(key)
    await _renew_hash(call, user, body.password)
    return await _session(call, user)


def _count_attempt(call: Call, key: Key) -> None:
    throttle, now = call.app[THROTTLE], asyncio.get_running_loop().time()
    if wait := math.ceil(throttle.wait(key, now)):
        raise ProblemError(
            HTTPStatus.TOO_MANY_REQUESTS,
            f"Too many attempts to sign in. Try again in {wait} s.",
            headers={"Retry-After": str(wait)},
        )
    throttle.attempt(key, now)


async def _renew_hash(call: Call, user: UserRow, password: str) -> None:
    passwords = call.app[PASSWORDS]
    if passwords.is_outdated(user.password):
        await call.app[USERS].set_password(user.id, await passwords.hash(password))


async def _session(call: Call, user: UserRow) -> Session:
    token = await call.app[TOKENS].issue_for_user(user.id)
    return Session(token=token, user=shown(user))


@routes.post("/auth/logout", access=Access.GUEST, cost=Cost.WRITE)
async def logout(call: Call) -> None:
    """Sign out: the token is good no longer."""
    if call.identity:
        await call.app[TOKENS].revoke(call.identity)
