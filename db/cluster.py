"""The directory of the embedded PostgreSQL: made once, locked while in use.

It is handed to PostgreSQL's programs as an open descriptor, under the path /proc/self/fd/N. So the
unprivileged user they run as needs no way through the folders above (a clone under /root stays
closed), and the socket's path is short wherever the clone is (107 bytes are allowed).

Two locks (flock) keep everybody else out. The one on the data directory is ours: a second server is
refused at once. The one on the cluster is also held, by inheritance, by every PostgreSQL process:
after a kill -9 of ours we wait until the last of them has gone, and then know that a postmaster.pid
left behind is stale, even if its process id has been given to somebody else since.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import secrets
import shutil
from pathlib import Path

from db.binaries import MAJOR
from db.child import Account, spawn, wait

CLUSTER = "postgres"
PASSWORD = "postgres.password"  # noqa: S105 - a file name
LOG = "postgres.log"
USER = "tertulia"
LEFTOVER_TIMEOUT = 15.0
"""Seconds that the PostgreSQL of a killed server may take to stop."""


class EmbeddedError(Exception):
    """The embedded PostgreSQL cannot start; the message says what to do."""


class InUseError(EmbeddedError):
    """Another process serves the data directory."""


def lock_data_dir(data_dir: Path) -> int:
    """A descriptor that holds the data directory until it is closed. Raises InUseError."""
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(data_dir, os.O_RDONLY | os.O_DIRECTORY)
    if not _lock(descriptor):
        os.close(descriptor)
        raise InUseError(
            f"Another Tertulia is running with the data directory {data_dir}. "
            "Stop it, or set another DATA_DIR."
        )
    return descriptor


def open_cluster(data_dir: Path) -> int:
    """A descriptor of the existing cluster, checked to be ours to use."""
    cluster = data_dir / CLUSTER
    try:
        descriptor = os.open(cluster, os.O_RDONLY | os.O_DIRECTORY)
    except PermissionError as error:
        raise EmbeddedError(
            f"{cluster} belongs to another user ({cluster.owner()}). Start Tertulia as the user "
            "who started it first (perhaps root), or set another DATA_DIR."
        ) from error
    try:
        _check_version(cluster, in_descriptor(descriptor) / "PG_VERSION")
    except EmbeddedError:
        os.close(descriptor)
        raise
    return descriptor


def _check_version(cluster: Path, file: Path) -> None:
    found = file.read_text().strip()
    if found != str(MAJOR):
        raise EmbeddedError(
            f"{cluster} was made by PostgreSQL {found}, but this version of Tertulia brings "
            f"PostgreSQL {MAJOR}, which cannot read it. Dump it with PostgreSQL {found} (pg_dump), "
            "move the directory away, start Tertulia once, and restore the dump with psql; "
            f"or run a PostgreSQL {found} on it yourself and set DATABASE_URL."
        )


def in_descriptor(descriptor: int) -> Path:
    """The directory a descriptor is open on, for this process or a child that inherits it."""
    return Path(f"/proc/self/fd/{descriptor}")


def reopen(cluster: int) -> None:
    """Under the same number. The lock then is held by PostgreSQL's processes alone, if any."""
    fresh = os.open(in_descriptor(cluster), os.O_RDONLY | os.O_DIRECTORY)
    os.dup2(fresh, cluster, inheritable=False)
    os.close(fresh)


async def claim(cluster: int) -> None:
    """Wait until nobody uses the cluster, lock it, and clear what a killed PostgreSQL left."""
    deadline = asyncio.get_running_loop().time() + LEFTOVER_TIMEOUT
    while not _lock(cluster):
        if asyncio.get_running_loop().time() > deadline:
            raise EmbeddedError(
                "The PostgreSQL of an earlier run is still stopping. Try again in a moment."
            )
        await asyncio.sleep(0.05)
    for name in ("postmaster.pid", ".s.PGSQL.5432", ".s.PGSQL.5432.lock"):
        (in_descriptor(cluster) / name).unlink(missing_ok=True)


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


async def create_cluster(data_dir: Path, bin_dir: Path, account: Account) -> None:
    """Make the cluster whole or not at all: initdb works on a draft, renamed at the end."""
    draft = data_dir / f"{CLUSTER}.draft"
    if draft.exists():
        shutil.rmtree(draft)
    draft.mkdir(mode=0o700)
    os.chown(draft, account.uid, account.gid)
    descriptor = os.open(draft, os.O_RDONLY | os.O_DIRECTORY)
    try:
        await _initdb(descriptor, new_password(data_dir), bin_dir, account, data_dir / LOG)
    finally:
        os.close(descriptor)
    draft.rename(data_dir / CLUSTER)


async def _initdb(cluster: int, password: str, bin_dir: Path, account: Account, log: Path) -> None:
    # A memory file, as the account may not read one of ours.
    secret = os.memfd_create("password")
    try:
        os.write(secret, f"{password}\n".encode())
        command = [
            str(bin_dir / "initdb"),
            f"--pgdata={in_descriptor(cluster)}",
            f"--username={USER}",
            f"--pwfile={in_descriptor(secret)}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
        ]
        with log.open("wb") as output:
            status = await wait(spawn(command, account, output, (cluster, secret)))
    finally:
        os.close(secret)
    if status != 0:
        raise EmbeddedError(f"initdb failed:\n{tail(log)}")


def new_password(data_dir: Path) -> str:
    password = secrets.token_urlsafe(24)
    file = data_dir / PASSWORD
    file.unlink(missing_ok=True)
    with open(file, "x", opener=lambda path, flags: os.open(path, flags, 0o600)) as output:
        output.write(password)
        output.flush()
        os.fsync(output.fileno())
    return password


def read_password(data_dir: Path) -> str:
    try:
        return (data_dir / PASSWORD).read_text().strip()
    except FileNotFoundError as error:
        raise EmbeddedError(
            f"{data_dir / PASSWORD} is missing. Restore it: it is the database's password."
        ) from error


def tail(log: Path, size: int = 2000) -> str:
    """The last characters of a log file."""
    return log.read_text(errors="replace")[-size:].strip()
