"""Ends what is open on /ws by logins that have ended without a request to this server.

Such as by `tertulia admin`, in another server of the same database, or by SQL. What ends by a
request here need not wait for this.
"""

from __future__ import annotations

import asyncio
import logging
from uuid import UUID

from db.pool import DatabaseUnavailableError
from db.sessions import Sessions
from signaling.hub import Hub

INTERVAL = 2.0
"""Seconds. One query for all that are connected; a notification by PostgreSQL would come sooner,
but would not when its connection is lost."""

_log = logging.getLogger(__name__)


async def watch(hub: Hub, sessions: Sessions) -> None:
    """For ever."""
    while True:
        await asyncio.sleep(INTERVAL)
        try:
            await end_what_has_ended(hub, sessions)
        except DatabaseUnavailableError as error:
            _log.debug("logins cannot be looked up: %s", error)  # the pool says so louder
        except Exception:  # the next time must come
            _log.exception("logins cannot be looked up")


async def end_what_has_ended(hub: Hub, sessions: Sessions) -> None:
    connected = {UUID(session.identity.session_id) for session in hub.sessions.values()}
    if not connected:
        return
    ended = {str(session_id) for session_id in await sessions.ended(connected)}
    if ended:
        hub.revoke(lambda identity: identity.session_id in ended)
