"""What handlers have in common."""

from __future__ import annotations

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
