"""The web application, put together.

Whoever makes it closes what it was given (database, media) after it; it closes what it made itself.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime

from aiohttp import web

from api import client, socket
from api.addresses import Addresses
from api.avatars import AvatarMaker
from api.content import MAX_BODY
from api.context import (
    ADDRESSES,
    AUDIT,
    AVATAR_MAKER,
    AVATARS,
    BLOGS,
    CERTIFIED,
    CHAT,
    CORS_ORIGINS,
    CREDENTIALS,
    DATA_DIR,
    DATABASE,
    GATEWAY,
    IDEMPOTENCY_KEYS,
    INVITATIONS,
    LIMITER,
    MARKDOWN,
    MEDIA,
    MEETINGS,
    PASSWORDS,
    PUBLIC_URL,
    SESSIONS,
    SIGNUP,
    SOCKETS,
    STARTED_AT,
    THROTTLE,
    TOKENS,
    TRACER,
    USERS,
)
from api.cors import let_in
from api.dispatch import add_operations
from api.limits import Limiter, Sockets
from api.logins import watch
from api.markdown import Renderer
from api.meetings import invite_url
from api.metrics import INSTRUMENTS, METRICS_TOKEN, Instruments, add_metrics, measured
from api.middlewares import add_security_headers, problems, traced
from api.passwords import Passwords
from api.reference import add_reference
from api.resources import OPERATIONS
from api.secret import signing_key
from api.settings import Settings
from api.throttle import Throttle
from api.tokens import Tokens
from db.audit import Audit
from db.avatars import Avatars
from db.blogs import Blogs
from db.conversations import Conversations
from db.credentials import Credentials
from db.idempotency import IdempotencyKeys
from db.invitations import Invitations
from db.meetings import Meetings
from db.messages import Messages
from db.pool import Database, DatabaseUnavailableError
from db.sessions import Sessions
from db.users import Users
from sfu.server import MediaServer
from signaling.chat import Chat
from signaling.correlation import Tracer, Untraced
from signaling.limits import Limits
from signaling.socket import Gateway
from signaling.turn import Turn

CLEANING_INTERVAL = 3600.0
"""Seconds."""

_log = logging.getLogger(__name__)


def create_app(
    settings: Settings, database: Database, media: MediaServer, tracer: Tracer | None = None
) -> web.Application:
    """Call it within the event loop."""
    app = web.Application(client_max_size=MAX_BODY, middlewares=[measured, traced, problems])
    app[TRACER] = tracer or Untraced()
    app.on_response_prepare.append(add_security_headers)
    public_url = settings.public_url or f"http://localhost:{settings.port}"
    app[ADDRESSES] = Addresses(settings.trusted_proxies)
    app[CERTIFIED] = settings.tls_cert_file is not None
    app[CORS_ORIGINS] = settings.cors_origins
    app[LIMITER] = Limiter(settings.rate_limits)
    app[SOCKETS] = Sockets(settings.sockets_per_address, settings.rate_limits)
    app[INSTRUMENTS] = Instruments()
    app[METRICS_TOKEN] = settings.metrics_token or ""
    app[DATABASE] = database
    app[DATA_DIR] = settings.data_dir
    app[STARTED_AT] = datetime.now(UTC)
    app[IDEMPOTENCY_KEYS] = IdempotencyKeys(database)
    app[MEDIA] = media
    app[PUBLIC_URL] = public_url
    app[SIGNUP] = settings.signup
    app[USERS] = Users(database)
    app[CREDENTIALS] = Credentials(database)
    app[INVITATIONS] = Invitations(database)
    app[AVATARS] = Avatars(database)
    app[AVATAR_MAKER] = AvatarMaker()
    app[AUDIT] = Audit(database)
    app[MEETINGS] = Meetings(database)
    app[BLOGS] = Blogs(database)
    app[MARKDOWN] = Renderer()
    app[SESSIONS] = Sessions(database)
    app[TOKENS] = Tokens(
        settings.jwt_secret or signing_key(settings.data_dir),
        settings.jwt_expires_in,
        app[SESSIONS],
    )
    app[PASSWORDS] = Passwords()
    app[THROTTLE] = Throttle()
    app[GATEWAY] = Gateway(
        media,
        app[MEETINGS],
        app[TOKENS].authenticate,
        app[TOKENS].expiry,
        lambda meeting_id: invite_url(public_url, meeting_id),
        app[PASSWORDS].verify,
        _limits(settings),
        app[TRACER],
        Turn(settings.turn_urls, settings.turn_secret or "", time.time),
    )
    app[CHAT] = Chat(app[GATEWAY].hub, Conversations(database), Messages(database))
    app[GATEWAY].hub.chat = app[CHAT]
    app[GATEWAY].hub.observer = app[INSTRUMENTS]
    let_in(app, settings.cors_origins, add_operations(app, OPERATIONS))
    add_reference(app, OPERATIONS)
    add_metrics(app, serve=settings.metrics_port is None)
    app.router.add_routes(socket.routes)
    app.router.add_routes(client.routes())
    app.on_shutdown.append(_close_sockets)
    app.cleanup_ctx.extend((_password_pool, _avatar_pool, _markdown_pool, _cleaning, _watching))
    return app


def _limits(settings: Settings) -> Limits:
    usual = Limits()
    often = 1e6 if settings.rate_limits is None else settings.rate_limits
    return replace(
        usual,
        participants=settings.meeting_participants,
        connections_per_person=settings.sockets_per_account,
        connection_rate=usual.connection_rate * often,
        connection_burst=max(1.0, usual.connection_burst * often),
        chat_rate=usual.chat_rate * often,
        chat_burst=max(1.0, usual.chat_burst * often),
    )


async def _close_sockets(app: web.Application) -> None:
    """Before the server waits for its connections to end."""
    await app[GATEWAY].close()
    await app[CHAT].close()


async def _password_pool(app: web.Application) -> AsyncIterator[None]:
    yield
    app[PASSWORDS].close()


async def _avatar_pool(app: web.Application) -> AsyncIterator[None]:
    yield
    app[AVATAR_MAKER].close()


async def _markdown_pool(app: web.Application) -> AsyncIterator[None]:
    yield
    app[MARKDOWN].close()


async def _cleaning(app: web.Application) -> AsyncIterator[None]:
    tables = (app[SESSIONS], app[INVITATIONS], app[MEETINGS], app[IDEMPOTENCY_KEYS])
    async with _meanwhile(_delete_expired(*tables)):
        yield


async def _watching(app: web.Application) -> AsyncIterator[None]:
    async with _meanwhile(watch(app[GATEWAY].hub, app[SESSIONS])):
        yield


@asynccontextmanager
async def _meanwhile(work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def _delete_expired(
    *tables: Sessions | Invitations | Meetings | IdempotencyKeys,
) -> None:
    while True:
        try:
            for table in tables:
                await table.delete_expired()
        except DatabaseUnavailableError as error:
            _log.warning("what has expired was not deleted: %s", error)
        except Exception:  # the next time must come
            _log.exception("what has expired was not deleted")
        await asyncio.sleep(CLEANING_INTERVAL)
