"""Debian's nginx with the conf of the image, on ports and paths of a test."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from api.certificate import self_signed
from api.client import FOLDER
from tests.containers.dockerfile import ROOT
from tests.support.polling import until
from tests.support.tertulia import free_port

CONF = ROOT / "containers" / "nginx"
MIME_TYPES = Path("/etc/nginx/mime.types")


@dataclass(frozen=True)
class Nginx:
    plain: str
    """URL."""
    tls: str


def binary() -> str | None:
    return shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin")


@asynccontextmanager
async def nginx(directory: Path, server: str) -> AsyncIterator[Nginx]:
    """In front of `server`, host and port."""
    plain, tls = free_port(), free_port()
    _write_conf(directory, server, plain, tls)
    program = binary()
    assert program
    log = directory / "log"
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            program, "-p", directory, "-c", "nginx.conf", "-g", "daemon off;",
            stdout=output, stderr=output,
        )  # fmt: skip
    try:
        await until(lambda: _listens(process, tls, log))
        yield Nginx(f"http://localhost:{plain}", f"https://localhost:{tls}")
    finally:
        if process.returncode is None:
            process.terminate()
        async with asyncio.timeout(10):
            await process.wait()


async def _listens(process: asyncio.subprocess.Process, port: int, log: Path) -> bool:
    if process.returncode is not None:
        raise RuntimeError(log.read_text())  # noqa: ASYNC240 - it is over
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except ConnectionError:
        return False
    writer.close()
    return True


def _write_conf(directory: Path, server: str, plain: int, tls: int) -> None:
    certificate, key = self_signed(directory)
    shutil.copy(MIME_TYPES, directory)
    changes = {
        r" /tmp/": f" {directory}/",  # before others bring such paths in
        r"listen 3000;": f"listen 127.0.0.1:{plain};",
        r"listen 3443 ": f"listen 127.0.0.1:{tls} ",
        r"/etc/tertulia/tls/certificate\.pem": str(certificate),
        r"/etc/tertulia/tls/key\.pem": str(key),
        r"/usr/share/tertulia": str(FOLDER),
        r"server:8080": server,
    }
    found = set()
    for file in CONF.iterdir():
        text = file.read_text(encoding="utf-8")
        for old, new in changes.items():
            text, count = re.subn(old, new, text)
            if count:
                found.add(old)
        (directory / file.name).write_text(text, encoding="utf-8")
    assert found == set(changes), "what is not changed would be tested where nothing of it is"
