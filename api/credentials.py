"""The check of an account's password, wherever somebody says one."""

from __future__ import annotations

import asyncio
import math
from http import HTTPStatus

from api.addresses import subscriber
from api.context import PASSWORDS, THROTTLE
from api.operations import Call
from api.problems import ProblemError


async def is_password(call: Call, email: str, hashed: str | None, password: str) -> bool:
    """`hashed` is None where nobody may sign in with this email; that takes as long.

    Raises ProblemError 429 after too many guesses.
    """
    throttle, now = call.app[THROTTLE], asyncio.get_running_loop().time()
    address = subscriber(call.address)
    if wait := math.ceil(throttle.wait(address, email, now)):
        raise ProblemError(
            HTTPStatus.TOO_MANY_REQUESTS,
            f"Too many wrong passwords. Try again in {wait} s.",
            headers={"Retry-After": str(wait)},
        )
    throttle.attempt(address, email, now)
    right = await call.app[PASSWORDS].verify(hashed, password)
    if right:
        throttle.succeeded(address, email)
    else:
        throttle.failed()
    return right
