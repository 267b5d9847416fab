"""Keeping a connection alive."""

from __future__ import annotations

from signaling.errors import RequestError
from signaling.handlers.base import Table
from signaling.hub import Hub
from signaling.messages import Authenticate, Empty, Ping, Result
from signaling.session import Session


async def authenticate(hub: Hub, session: Session, request: Authenticate) -> Result:
    raise RequestError("already_authenticated", "This connection is authenticated.")


async def ping(hub: Hub, session: Session, request: Ping) -> Result:
    return Empty()


HANDLERS: Table = {Authenticate: authenticate, Ping: ping}
