"""The Dockerfile builds what runs: its steps, done here as far as they need no Docker engine."""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.containers.dockerfile import EVERY_STEP, LAYERS, ROOT, Builder, copy_context, stages
from tests.support.tertulia import Tertulia

TEXT = (ROOT / "Dockerfile").read_text(encoding="utf-8")
STAGES = stages(TEXT)
NOBODY = 65534
"""A user that this machine has, too: initdb asks for the name."""


@pytest.fixture(scope="module")
def built() -> Iterator[Path]:
    """Where somebody else may look, which pytest's own folders are not."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        root.chmod(0o755)
        copy_context(root / "context")
        builder = Builder(root, root / "context", {} if EVERY_STEP else LAYERS)
        for name in ("client", "build"):
            builder.build(STAGES[name])
        assert len(builder.ran) == 4, "npm ci, npm run build, pip install of others and of us"
        yield root


def test_make_installs_as_the_images_do() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    make = " ".join(text.replace("\\\n", " ").split())
    for command in LAYERS:
        assert command.split(" --no-compile ")[-1] in make


def test_images_run_as_somebody_without_rights() -> None:
    for name in ("server", "page"):
        (user,) = STAGES[name].all("USER")
        assert int(user) > 0
        assert STAGES[name].all("HEALTHCHECK")
    assert "tertulia health" in " ".join(json.loads(STAGES["server"].all("HEALTHCHECK")[0][-22:]))


async def test_what_was_built_serves_from_a_tree_it_may_not_write(built: Path) -> None:
    """As in the image: as nobody, with a folder of his own, and all else read-only."""
    prefix = built / "build" / "opt" / "tertulia"
    (environment,) = STAGES["server"].all("ENV")
    given = dict(word.split("=", 1) for word in environment.split() if "$" not in word)
    data = built / "data"
    data.mkdir(0o700)
    if os.getuid() == 0:
        os.chown(data, NOBODY, NOBODY)
    server = Tertulia(
        data,
        {**given, "DATA_DIR": str(data / "data"), "TMPDIR": str(data)},
        command=confined(data, str(prefix / "bin" / "tertulia")),
    )
    await server.start()
    try:
        health = await server.request("GET", "/health")
        assert (health["engine"], health["engine_reason"]) == ("native", None)
        async with asyncio.timeout(30):
            probe = await asyncio.create_subprocess_exec(
                prefix / "bin" / "tertulia",
                "health",
                env={"PATH": os.defpath, "PORT": str(server.port), "HOST": given["HOST"]},
                stdout=asyncio.subprocess.PIPE,
            )
            assert (await probe.communicate())[0] == b"ready\n"
        assert server.complaints() == []
    finally:
        await server.stop()


def confined(writable: Path, *command: str) -> tuple[str, ...]:
    """The command as nobody, who finds everything mounted read-only but `writable`."""
    script = (
        'mount --make-rprivate / && mount --bind "$0" "$0" && mount -o remount,bind,ro / '
        '&& exec "$@"'
    )
    become = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
    as_user = become if os.getuid() == 0 else ()
    return ("unshare", "--mount", "sh", "-ec", script, str(writable), *as_user, *command)
