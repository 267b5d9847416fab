"""From settings to a running server, and back.

Opened in this order: the web server's port (so that a second server fails at once), PostgreSQL, its
schema, the media port, the application. Closed in the reverse order, so that nothing loses what it
stands on.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import signal
import socket
import ssl
import sys
from collections.abc import Coroutine
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

from api.addresses import Addresses
from api.app import create_app
from api.certificate import self_signed, server_context
from api.connections import PER_SOCKET, Connections, Site, room_for_connections
from api.context import GATEWAY
from api.metrics import metrics_app
from api.network import reachable, url
from api.settings import Settings
from db.embedded import EmbeddedPostgres
from db.migrate import migrate
from db.pool import Database, DatabaseUnavailableError
from sfu.engine.interface import Codec
from sfu.server import MediaPortError, MediaServer, MediaSettings

if TYPE_CHECKING:
    from api.tracing import Tracing

SHUTDOWN_TIMEOUT = 1.0
"""Seconds for requests being answered when we are told to stop."""

_log = logging.getLogger(__name__)


class StartError(Exception):
    """The server cannot start; the message says why and what to do."""


async def serve(settings: Settings) -> None:
    """Until SIGINT, or until SIGTERM and the end of the meetings that run then.

    Raises StartError, db.cluster.EmbeddedError, MigrationError.
    """
    loop = asyncio.get_running_loop()
    drain = asyncio.Event()
    running = loop.create_task(_run(settings, drain))

    def stop() -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, _already_stopping)
        running.cancel()

    def stop_soon() -> None:
        loop.add_signal_handler(signal.SIGTERM, stop)
        drain.set()

    loop.add_signal_handler(signal.SIGINT, stop)
    loop.add_signal_handler(signal.SIGTERM, stop_soon)
    with suppress(asyncio.CancelledError):
        await running


def _already_stopping() -> None:
    """An impatient further signal must not cut the clean-up short."""


async def _run(settings: Settings, drain: asyncio.Event) -> None:
    async with AsyncExitStack() as stack:
        listener = stack.enter_context(_listen(settings.host, settings.port))
        settings = _with_real_port(settings, listener.getsockname()[1])
        _make_directory(settings.data_dir)
        tls = _tls(settings)
        tracing = _open_tracing(settings, stack)
        database, postgres = await _open_database(settings, tracing, stack)
        media = await _open_media(settings, tracing)
        stack.push_async_callback(media.close)
        app = create_app(settings, database, media, tracing)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_TIMEOUT)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await Site(runner, listener, _connections(settings), tls).start()
        await _serve_metrics(settings, app, tls, stack)
        sys.stdout.write(_greeting(settings))
        sys.stdout.flush()
        await _first(_go_on(postgres), _drain(app, drain, settings.drain))


async def _serve_metrics(
    settings: Settings, app: web.Application, tls: ssl.SSLContext | None, stack: AsyncExitStack
) -> None:
    """On a port of their own, if that is wanted."""
    if settings.metrics_port is None:
        return
    runner = web.AppRunner(metrics_app(app), access_log=None)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    listener = _listen(settings.host, settings.metrics_port, "METRICS_PORT")
    await web.SockSite(runner, listener, ssl_context=tls).start()


def _connections(settings: Settings) -> Connections:
    most_per_address = PER_SOCKET * settings.sockets_per_address
    return Connections(
        room_for_connections(), most_per_address, Addresses(settings.trusted_proxies)
    )


def _listen(host: str, port: int, port_name: str = "PORT") -> socket.socket:
    family = socket.AF_INET6 if ip_address(host).version == 6 else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise StartError(_cannot_listen(error, "HOST", host, port_name, f"TCP {port}")) from error
    return listener


def _cannot_listen(error: OSError, host_name: str, host: str, port_name: str, port: str) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return (
                f"Port {port} is in use, perhaps by another Tertulia. "
                f"Stop that program, or set another {port_name}."
            )
        case errno.EADDRNOTAVAIL:
            return f"{host_name}: {host} is not an address of this machine."
        case errno.EACCES:
            return f"Port {port} may only be used by root. Set another {port_name}."
    return f"Cannot listen on {host}, port {port}: {error.strerror or error}."


def _make_directory(path: Path) -> None:
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StartError(f"DATA_DIR: {path} cannot be made: {error.strerror or error}.") from error


def _with_real_port(settings: Settings, port: int) -> Settings:
    """With the port that PORT=0 came to, and the address people open."""
    scheme = "https" if settings.tls else "http"
    host = next(iter(reachable(settings.host)), "localhost")
    return replace(settings, port=port, public_url=settings.public_url or url(scheme, host, port))


def _tls(settings: Settings) -> ssl.SSLContext | None:
    if not settings.tls:
        return None
    if settings.tls_cert_file is None or settings.tls_key_file is None:
        return server_context(*self_signed(settings.data_dir))
    try:
        return server_context(settings.tls_cert_file, settings.tls_key_file)
    except OSError as error:
        raise StartError(
            f"TLS_CERT_FILE and TLS_KEY_FILE are not a certificate and its key: {error}"
        ) from error


def _open_tracing(settings: Settings, stack: AsyncExitStack) -> Tracing | None:
    if not settings.otlp_endpoint:
        return None
    from api.tracing import Tracing  # costs nobody who does not want it

    tracing = Tracing(settings.log_addresses)
    stack.callback(tracing.close)
    return tracing


async def _open_database(
    settings: Settings, tracing: Tracing | None, stack: AsyncExitStack
) -> tuple[Database, EmbeddedPostgres | None]:
    address, postgres = settings.database, None
    if address is None:
        postgres = await EmbeddedPostgres.start(settings.data_dir, settings.database_pool)
        stack.push_async_callback(postgres.stop)
        address = postgres.address
    try:
        told = tracing.statement if tracing else None
        database = await Database.connect(address, settings.database_pool, told)
        stack.push_async_callback(database.close)
        await migrate(database)
    except DatabaseUnavailableError as error:
        raise StartError(
            f"Cannot connect to PostgreSQL: {error}. Check DATABASE_URL or DATABASE_HOST and its "
            "like; with neither set, Tertulia starts a PostgreSQL of its own."
        ) from error
    return database, postgres


async def _open_media(settings: Settings, tracing: Tracing | None) -> MediaServer:
    wanted = MediaSettings(
        port=settings.media_port,
        host=settings.media_host,
        tcp=settings.media_tcp,
        announced=settings.media_announced,
        engine=settings.engine,
        engines=settings.media_engines,
        camera_codec=Codec(settings.media_camera_codec),
        speakers=settings.media_speakers,
    )
    try:
        return await MediaServer.start(wanted, tracing)
    except MediaPortError as error:
        port = f"UDP {error.port}"
        raise StartError(
            _cannot_listen(error, "MEDIA_HOST", wanted.host, "MEDIA_PORT", port)
        ) from error
    except RuntimeError as error:  # the engine asked for cannot run
        raise StartError(f"TERTULIA_ENGINE={settings.engine}: {error}.") from error


def _greeting(settings: Settings) -> str:
    scheme = "https" if settings.tls else "http"
    own = ip_address(settings.host)
    here = "localhost" if own.is_loopback or own.is_unspecified else own
    home = url(scheme, here, settings.port)
    lines = [f"Tertulia is running: {home}"]
    others = [url(scheme, host, settings.port) for host in reachable(settings.host)]
    if others:
        lines.append(f"Others can open:     {'  '.join(others)}")
    if settings.share and settings.tls_cert_file is None:
        lines.append("The certificate is self-signed: browsers warn once, accept it there.")
    if settings.public_url not in (home, *others):
        lines.append(f"Invite links:        {settings.public_url}")
    return "\n".join([*lines, "Press Ctrl-C to stop.", ""])


async def _drain(app: web.Application, wanted: asyncio.Event, longest: timedelta) -> None:
    """Once that is wanted."""
    await wanted.wait()
    hub = app[GATEWAY].hub
    _log.info("stopping: no meeting begins any more, %d go on", len(hub.meetings))
    await app[GATEWAY].drain(longest.total_seconds())
    _log.info("stopped with %d meetings running", len(hub.meetings))


async def _first(*works: Coroutine[None, None, None]) -> None:
    """Until one of them is done, or fails."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    for task in done:
        task.result()


async def _go_on(postgres: EmbeddedPostgres | None) -> None:
    """For ever, that is, until cancelled, or until PostgreSQL cannot be kept running."""
    if postgres is None:
        await asyncio.Event().wait()
    else:
        await postgres.keep()
