"""The real command `tertulia` as a process of its own, and its HTTP interface as a client."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import ssl
import sys
from asyncio.subprocess import Process
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from tests.support.polling import TIMEOUT, until

INHERITED = ("PATH", "HOME", "PYTHONPATH", "TERTULIA_ENGINE")
COMMAND = (str(Path(sys.executable).with_name("tertulia")),)
COMPLAINT = re.compile(r" (WARNING|ERROR|CRITICAL) |^Traceback")


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """Nobody else can take it within a network of one's own."""
    with socket.socket(socket.AF_INET, kind) as candidate:
        candidate.bind(("127.0.0.1", 0))
        port: int = candidate.getsockname()[1]
        return port


def free_media_port() -> int:
    """Of UDP, and of TCP."""
    while True:
        port = free_port(socket.SOCK_DGRAM)
        with socket.socket() as candidate, suppress(OSError):
            candidate.bind(("127.0.0.1", port))
            return port


@dataclass
class Tertulia:
    """One server with its own embedded database, on ports that stay the same over a restart."""

    directory: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    media_port: int = field(default_factory=free_media_port)
    command: Sequence[str] = COMMAND
    process: Process | None = None

    @property
    def url(self) -> str:
        scheme = "https" if self.environment.get("SHARE") == "1" else "http"
        return f"{scheme}://localhost:{self.port}"

    @property
    def log(self) -> Path:
        return self.directory / "log"

    async def start(self) -> None:
        """Return when it answers. Raises RuntimeError with its log when it ends instead."""
        with self.log.open("ab") as log:
            # a session of its own, since Linux shares processors out by session (sched(7)) and
            # each browser, encoding video, has one
            self.process = await asyncio.create_subprocess_exec(
                *self.command,
                cwd=self.directory,
                env=self._settings(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        await until(self._answers)

    async def kill(self) -> None:
        await self._end(signal.SIGKILL)

    async def stop(self) -> None:
        await self._end(signal.SIGINT)

    def complaints(self) -> list[str]:
        """What it logged and should not have had to."""
        return [line for line in self.log.read_text().splitlines() if COMPLAINT.search(line)]

    async def sign_up(self, name: str) -> str:
        """The new user's token."""
        body = {"email": f"{name.lower()}@example.com", "password": "password123", "name": name}
        token: str = (await self.request("POST", "/auth/signup", body))["token"]
        return token

    async def administer(self, *arguments: str) -> str:
        """The last word of what `tertulia admin` says."""
        environment = {"PATH": os.defpath, "DATA_DIR": str(self.directory / "data")}
        command = await asyncio.create_subprocess_exec(
            *self.command, "admin", *arguments, env=environment, stdout=asyncio.subprocess.PIPE
        )
        output, _ = await command.communicate()
        return output.decode().split()[-1]

    async def create_meeting(self, token: str) -> str:
        """Its id."""
        meeting: str = (await self.request("POST", "/meetings", {"title": "Tertulia"}, token))["id"]
        return meeting

    async def request(
        self,
        method: str,
        path: str,
        body: object = None,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:  # noqa: ANN401 - any JSON
        headers = {**(headers or {}), **({"Authorization": f"Bearer {token}"} if token else {})}
        async with (
            aiohttp.ClientSession(raise_for_status=True) as client,
            client.request(
                method, self.url + path, json=body, headers=headers, ssl=_trusting_anybody()
            ) as response,
        ):
            return await response.json()

    async def _answers(self) -> bool:
        if self.process is None or self.process.returncode is not None:
            raise RuntimeError(self.log.read_text())
        try:
            await self.request("GET", "/health")
        except aiohttp.ClientConnectionError:
            return False
        return True

    async def _end(self, how: signal.Signals) -> None:
        if self.process is None or self.process.returncode is not None:
            return
        self.process.send_signal(how)
        async with asyncio.timeout(TIMEOUT):
            await self.process.wait()

    def _settings(self) -> dict[str, str]:
        inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
        return {
            **inherited,
            "PORT": str(self.port),
            "MEDIA_PORT": str(self.media_port),
            "DATA_DIR": str(self.directory / "data"),
            **self.environment,
        }


def _trusting_anybody() -> ssl.SSLContext:
    """For a self-signed certificate."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
