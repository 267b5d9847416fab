"""coturn as the containers run it, on loopback."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.containers.dockerfile import ROOT
from tests.support.polling import until

needs_coturn = pytest.mark.skipif(
    not shutil.which("turnserver") and "CI" not in os.environ, reason="coturn is not installed"
)


@asynccontextmanager
async def coturn(directory: Path, port: int, secret: str, media: str) -> AsyncIterator[None]:
    """With our conf, on a port of loopback, in front of what `media` announces. Peers on loopback,
    which it never serves unasked, are what a test has."""
    log = directory / "log"
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            ROOT / "containers" / "coturn" / "start.sh",
            *(f"--listening-port={port}", "--listening-ip=127.0.0.1", "--relay-ip=127.0.0.1"),
            *("--allow-loopback-peers", f"--pidfile={directory}/pid", f"--userdb={directory}/db"),
            env={
                "PATH": os.environ["PATH"],
                "TMPDIR": str(directory),
                "TURN_SECRET": secret,
                "MEDIA_ANNOUNCED": media,
            },
            stdout=output,
            stderr=output,
        )

    async def listens() -> bool:
        if process.returncode is not None:
            raise RuntimeError(log.read_text())
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    try:
        await until(listens)
        yield
        assert "Bad configuration" not in log.read_text()
    finally:
        process.kill()
        await process.wait()
