"""A PostgreSQL of our own, started as a child process: no set-up, the same dialect everywhere.

It listens on a unix socket inside its own directory only, asks for a password (scram), and never
outlives us, however we end. `start` in the main thread (see db/child.py); whoever started it
stops it.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from db.binaries import installation
from db.child import UNPRIVILEGED, Account, spawn, wait
from db.cluster import (
    CLUSTER,
    LOG,
    USER,
    EmbeddedError,
    claim,
    create_cluster,
    in_descriptor,
    lock_data_dir,
    open_cluster,
    read_password,
    reopen,
    tail,
)
from db.pool import CONNECTIONS, Address

START_TIMEOUT = 120.0
"""Seconds; recovery after a crash of the machine takes a while."""
STOP_STEPS = ((signal.SIGINT, 2.5), (signal.SIGQUIT, 1.0), (signal.SIGKILL, 1.0))
"""Ways to stop and seconds they get: fast; at once, recovering at the next start; by the kernel."""
RESTARTS = 5
"""How often in a row it is started again; whoever ran for `STEADY` begins a new row."""
STEADY = 60.0
PAUSE = 0.5
"""Before the second restart in a row, and twice as long before each one after it. In seconds."""
SPARE_CONNECTIONS = 40
"""Beside our pool: for its operator, and for connections that are just being closed."""

_log = logging.getLogger(__name__)


class EmbeddedPostgres:
    """A running server. `exited` is done when it has stopped, be it by itself."""

    pid: int
    exited: asyncio.Task[int]

    def __init__(self, data_dir: Path, cluster: int, account: Account, command: list[str]) -> None:
        self.address = _address(data_dir, cluster)
        self._log = data_dir / LOG
        self._cluster = cluster
        self._account = account
        self._command = command
        self._held = ExitStack()

    @classmethod
    async def start(cls, data_dir: Path, connections: int = CONNECTIONS) -> EmbeddedPostgres:
        """Make the cluster if there is none, and serve it, to a pool of so many `connections`.

        Raises EmbeddedError.
        """
        try:
            return await cls._start(data_dir, connections)
        except OSError as error:
            raise EmbeddedError(f"PostgreSQL cannot be started in {data_dir}: {error}") from error

    @classmethod
    async def _start(cls, data_dir: Path, connections: int) -> EmbeddedPostgres:
        with ExitStack() as held:
            held.callback(os.close, lock_data_dir(data_dir))
            account = _account(data_dir / CLUSTER)
            bin_dir = installation(account) / "bin"
            if not (data_dir / CLUSTER).exists():
                await create_cluster(data_dir, bin_dir, account)
            cluster = open_cluster(data_dir)
            held.callback(os.close, cluster)
            server = cls(data_dir, cluster, account, _command(bin_dir, cluster, connections))
            server._log.write_bytes(b"")
            await server._serve()
            server._held = held.pop_all()
            return server

    async def keep(self) -> None:
        """Start it again whenever it stops by itself. Raises EmbeddedError when that is no use."""
        restarts = 0
        while True:
            running_since = time.monotonic()
            await asyncio.wait({self.exited})
            if time.monotonic() - running_since >= STEADY:
                restarts = 0
            if restarts == RESTARTS:
                raise EmbeddedError(
                    f"PostgreSQL has stopped by itself, and again after each of {RESTARTS} "
                    f"restarts. {self._log} says why:\n{tail(self._log)}"
                )
            _log.error("PostgreSQL has stopped by itself (%s); starting it again", self._status())
            await asyncio.sleep(PAUSE * (2**restarts - 1))
            restarts += 1
            await self._serve_again()

    async def stop(self) -> None:
        """Stop it, normally in milliseconds. Idempotent."""
        await self._end()
        self._held.close()

    async def _serve_again(self) -> None:
        try:
            reopen(self._cluster)
            await self._serve()
        except (EmbeddedError, OSError) as error:
            _log.error("PostgreSQL does not start again: %s", error)
        else:
            _log.warning("PostgreSQL runs again")

    async def _serve(self) -> None:
        """Start it and wait until it takes connections. Raises EmbeddedError, OSError."""
        await claim(self._cluster)
        with self._log.open("ab") as log:
            process = spawn(self._command, self._account, log, (self._cluster,))
        self.pid = process.pid
        self.exited = asyncio.create_task(wait(process))
        try:
            await self._ready()
        except BaseException:
            await self._end()
            raise

    async def _ready(self) -> None:
        status = in_descriptor(self._cluster) / "postmaster.pid"
        try:
            async with asyncio.timeout(START_TIMEOUT):
                while not _says_ready(status):
                    await asyncio.wait({self.exited}, timeout=0.01)
                    if self.exited.done():
                        raise EmbeddedError(f"PostgreSQL did not start:\n{tail(self._log)}")
        except TimeoutError as error:
            raise EmbeddedError(
                f"PostgreSQL takes too long to start:\n{tail(self._log)}"
            ) from error

    async def _end(self) -> None:
        for number, seconds in STOP_STEPS:
            if self.exited.done():
                break
            os.kill(self.pid, number)
            await asyncio.wait({self.exited}, timeout=seconds)

    def _status(self) -> str:
        code = self.exited.result()
        return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit status {code}"


@contextmanager
def served_by_another(data_dir: Path) -> Iterator[Address]:
    """The way to the server of another process. Raises EmbeddedError.

    The socket is inside the cluster, which whoever may be a client can open, too.
    """
    try:
        cluster = open_cluster(data_dir)
    except FileNotFoundError as error:
        raise EmbeddedError(f"Tertulia is just being set up in {data_dir}. Try again.") from error
    try:
        yield _address(data_dir, cluster)
    finally:
        os.close(cluster)


def _address(data_dir: Path, cluster: int) -> Address:
    return Address(
        host=str(in_descriptor(cluster)),
        port=5432,
        database="postgres",
        user=USER,
        password=read_password(data_dir),
    )


def _account(cluster: Path) -> Account:
    """Who serves the cluster: its owner where we may choose, else ourselves."""
    if os.getuid() == 0 and cluster.exists():
        owner = cluster.stat()
        return Account(owner.st_uid, owner.st_gid)
    try:
        return Account.unprivileged()
    except KeyError as error:
        raise EmbeddedError(
            f"PostgreSQL does not run as root, and there is no user {UNPRIVILEGED} to run it as. "
            "Start Tertulia as an ordinary user, or set DATABASE_URL."
        ) from error


def _command(bin_dir: Path, cluster: int, connections: int) -> list[str]:
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(in_descriptor(cluster)),
        "unix_socket_permissions": "0700",
        "max_connections": str(connections + SPARE_CONNECTIONS),
        "log_checkpoints": "off",
        "log_min_error_statement": "panic",  # statements carry people's data
    }
    options = [f"--{name}={value}" for name, value in settings.items()]
    return [str(bin_dir / "postgres"), "-D", str(in_descriptor(cluster)), *options]


def _says_ready(status: Path) -> bool:
    """The eighth line of postmaster.pid."""
    try:
        return status.read_text().splitlines()[7].strip() == "ready"
    except (FileNotFoundError, IndexError):
        return False
