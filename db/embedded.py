"""A PostgreSQL of our own, started as a child process: no set-up, the same dialect everywhere.

It listens on a unix socket inside its own directory only, asks for a password (scram), and never
outlives us, however we end. `start` in the main thread (see db/child.py); whoever started it
stops it.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
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
    tail,
)
from db.pool import Address

START_TIMEOUT = 120.0
"""Seconds; recovery after a crash of the machine takes a while."""
STOP_STEPS = ((signal.SIGINT, 2.5), (signal.SIGQUIT, 1.0), (signal.SIGKILL, 1.0))
"""Ways to stop and seconds they get: fast; at once, recovering at the next start; by the kernel."""


class EmbeddedPostgres:
    """A running server. `exited` is done when it has stopped, be it by itself."""

    def __init__(
        self, process: subprocess.Popen[bytes], address: Address, descriptors: tuple[int, ...]
    ) -> None:
        self.address = address
        self.pid = process.pid
        self.exited = asyncio.create_task(wait(process))
        self._descriptors = descriptors

    @classmethod
    async def start(cls, data_dir: Path) -> EmbeddedPostgres:
        """Make the cluster if there is none, and serve it. Raises EmbeddedError."""
        try:
            return await cls._start(data_dir)
        except OSError as error:
            raise EmbeddedError(f"PostgreSQL cannot be started in {data_dir}: {error}") from error

    @classmethod
    async def _start(cls, data_dir: Path) -> EmbeddedPostgres:
        descriptors = [lock_data_dir(data_dir)]
        try:
            account = _account(data_dir / CLUSTER)
            bin_dir = installation(account) / "bin"
            if not (data_dir / CLUSTER).exists():
                await create_cluster(data_dir, bin_dir, account)
            descriptors.append(cluster := open_cluster(data_dir))
            await claim(cluster)
            address = Address(
                host=str(in_descriptor(cluster)),
                port=5432,
                database="postgres",
                user=USER,
                password=read_password(data_dir),
            )
            with (data_dir / LOG).open("wb") as log:
                process = spawn(_command(bin_dir, cluster), account, log, (cluster,))
        except BaseException:
            _close(descriptors)
            raise
        server = cls(process, address, tuple(descriptors))
        await server._ready(in_descriptor(cluster) / "postmaster.pid", data_dir / LOG)
        return server

    async def _ready(self, status: Path, log: Path) -> None:
        try:
            async with asyncio.timeout(START_TIMEOUT):
                while not _says_ready(status):
                    await asyncio.wait({self.exited}, timeout=0.01)
                    if self.exited.done():
                        raise EmbeddedError(f"PostgreSQL did not start:\n{tail(log)}")
        except TimeoutError as error:
            await self.stop()
            raise EmbeddedError(f"PostgreSQL takes too long to start:\n{tail(log)}") from error
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop it, normally in milliseconds. Idempotent."""
        for number, seconds in STOP_STEPS:
            if self.exited.done():
                break
            os.kill(self.pid, number)
            await asyncio.wait({self.exited}, timeout=seconds)
        _close(self._descriptors)
        self._descriptors = ()


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


def _command(bin_dir: Path, cluster: int) -> list[str]:
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(in_descriptor(cluster)),
        "unix_socket_permissions": "0700",
        "max_connections": "50",
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


def _close(descriptors: tuple[int, ...] | list[int]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)
