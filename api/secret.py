"""The key that signs access tokens."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

FILE = "jwt.secret"


def signing_key(data_dir: Path) -> str:
    """The key kept in the data directory, readable by us alone; made if there is none."""
    file = data_dir / FILE
    if not file.exists():
        _create(file)
    return file.read_text().strip()


def _create(file: Path) -> None:
    """Two servers on one data directory end up with the same key: the first link wins."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = file.with_name(f"{FILE}.{os.getpid()}")
    with open(draft, "w", opener=lambda path, flags: os.open(path, flags, 0o600)) as output:
        output.write(secrets.token_urlsafe(48))
        output.flush()
        os.fsync(output.fileno())
    try:
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
