"""What `tertulia backup` and `tertulia restore` do: all that must survive, in one file.

A tar of the database (pg_dump's custom format; avatars are in it) and of the keys in DATA_DIR. Who
has the file has everything, so it is readable by its owner alone.
"""

from __future__ import annotations

import contextlib
import os
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from api import secret
from api.database import reached
from api.settings import Settings
from db.cluster import CLUSTER
from db.dump import DumpError, dump, is_empty, restore
from db.pool import Address, Database, DatabaseUnavailableError

DATABASE = "database.dump"
KEYS = (secret.FILE, "tls.crt", "tls.key")
"""Files of DATA_DIR beside the database, where they exist."""
_OURS_ALONE = 0o600


class BackupError(Exception):
    """It could not be done; the message says why."""


async def back_up(settings: Settings, file: Path) -> str:
    """Whether the server runs or not. What there is to tell; raises BackupError, EmbeddedError."""
    if settings.database is None and not (settings.data_dir / CLUSTER).exists():
        raise BackupError(f"There is nothing to back up in DATA_DIR {settings.data_dir}.")
    with _failures(), _written(file) as draft, tempfile.TemporaryFile(dir=file.parent) as output:
        async with reached(settings) as (address, _):
            await dump(address, output)
        with tarfile.open(fileobj=draft, mode="w") as archive:
            for key in (settings.data_dir / name for name in KEYS):
                if key.exists():
                    archive.add(key, key.name, filter=_anonymous)
            _add(archive, output)
    return f"{file} has everything. Keep it secret."


async def put_back(settings: Settings, file: Path, *, replace: bool) -> str:
    """Into a database that is empty, or in place of what is there.

    Raises BackupError, EmbeddedError.
    """
    with _failures(), tarfile.open(file) as archive:
        source = _member(archive, DATABASE)
        if source is None:
            raise BackupError(f"{file} is not a backup of Tertulia's.")
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        # pg_restore wants a file of its own, for which memory (/tmp, perhaps) may be too small
        with source, tempfile.TemporaryFile(dir=settings.data_dir) as dumped:
            while part := source.read(1 << 20):
                dumped.write(part)
            dumped.seek(0)
            async with reached(settings, beside_a_server=False) as (address, _):
                await _put_back(address, dumped, replace=replace)
        for name in KEYS:
            if key := _member(archive, name):
                with key, _written(settings.data_dir / name) as draft:
                    draft.write(key.read())
    return f"Everything is as it was in {file}. Tertulia can be started."


async def _put_back(address: Address, dumped: IO[bytes], *, replace: bool) -> None:
    database = await Database.connect(address, connections=1)
    try:
        if not replace and not await is_empty(database):
            raise BackupError(
                "There is a database already. With --replace what is in it is deleted, and the "
                "backup put in its place."
            )
        await restore(address, database, dumped)
    finally:
        await database.close()


@contextmanager
def _failures() -> Iterator[None]:
    try:
        yield
    except DatabaseUnavailableError as error:
        raise BackupError(f"Cannot connect to PostgreSQL: {error}.") from error
    except (DumpError, OSError, tarfile.TarError) as error:
        raise BackupError(str(error)) from error


@contextmanager
def _written(file: Path) -> Iterator[IO[bytes]]:
    """In place whole or not at all, and readable by us alone."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        with open(draft, "xb", opener=lambda path, flags: os.open(path, flags, _OURS_ALONE)) as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        draft.replace(file)
    finally:
        with contextlib.suppress(FileNotFoundError):
            draft.unlink()


def _add(archive: tarfile.TarFile, output: IO[bytes]) -> None:
    about = tarfile.TarInfo(DATABASE)
    about.size = output.seek(0, os.SEEK_END)
    about.mode = _OURS_ALONE
    output.seek(0)
    archive.addfile(about, output)


def _anonymous(about: tarfile.TarInfo) -> tarfile.TarInfo:
    """The account it was made by may not exist where it is read."""
    about.uid = about.gid = 0
    about.uname = about.gname = ""
    return about


def _member(archive: tarfile.TarFile, name: str) -> IO[bytes] | None:
    try:
        return archive.extractfile(name)
    except KeyError:
        return None
