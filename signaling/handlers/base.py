"""What handlers have in common."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from signaling.errors import RequestError
from signaling.hub import Hub
from signaling.meeting import Member
from signaling.messages import Request, Result
from signaling.session import Session

Handler = Callable[[Hub, Session, Any], Awaitable[Result]]
Table = Mapping[type[Request], Handler]


def member_of(session: Session) -> Member:
    if session.member is None:
        raise RequestError("not_joined", "Join a meeting first.")
    return session.member


def to_its_end(handler: Handler) -> Handler:
    """What it stores must come true in the live meeting, even if whoever asked is gone by then or
    the time for an answer is over."""

    async def handle(hub: Hub, session: Session, request: Request) -> Result:
        work = asyncio.ensure_future(handler(hub, session, request))
        _under_way.add(work)
        work.add_done_callback(_under_way.discard)
        return await asyncio.shield(work)

    return handle


_under_way: set[asyncio.Future[Result]] = set()
"""The loop itself keeps no task alive."""
