"""A real server process of this checkout, on ports and data of its own, and what it costs."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.process import Process, descendants, run_process

START_TIMEOUT: Final = 60.0


class ServerError(Exception):
    """The server did not start, or refused what the benchmark needs."""


class Server(Process):
    """A running server. Made by `run_server`."""

    def __init__(self, pid: int, url: str) -> None:
        super().__init__(pid)
        self.url = url

    def create_meeting(self) -> str:
        """By a new account. The meeting's id."""
        email = f"{secrets.token_hex(8)}@example.com"
        account = self.post("/auth/signup", {"email": email, "password": secrets.token_hex(16)})
        meeting = self.post("/meetings", {"guests_allowed": True}, token=account["token"])
        return str(meeting["id"])

    def post(self, path: str, body: dict[str, object], token: str | None = None) -> dict[str, Any]:
        headers = {"Content-Type": "application/json"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        return self._open(path, json.dumps(body).encode(), headers)

    def health(self) -> dict[str, Any]:
        return self._open("/health", None, {})

    def _open(self, path: str, body: bytes | None, headers: dict[str, str]) -> dict[str, Any]:
        request = urllib.request.Request(self.url + path, data=body, headers=headers)  # noqa: S310
        with urllib.request.urlopen(request, timeout=15) as response:  # noqa: S310
            answer: dict[str, Any] = json.load(response)
        return answer


@contextlib.contextmanager
def run_server(
    engine: str,
    data: Path,
    cpus: Sequence[int],
    other_cpus: Sequence[int],
    *,
    engines: int = 1,
    busy_loop: bool = False,
    media_host: str = "127.0.0.1",
    media_port: int = 0,
    observations: Path | None = None,
    tasks: Path | None = None,
) -> Iterator[Server]:
    """The server on `cpus` alone, its PostgreSQL on `other_cpus`; both gone on leaving.

    `engines`: how many packet paths it has; `busy_loop`: see busy_server.py; `media_port`: of UDP,
    0 for any; `observations`: file for what observed_server.py notes; `tasks`: for what
    counted_server.py does.
    """
    port = free_port()
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "MEDIA_PORT": str(media_port),
        "MEDIA_ANNOUNCED": media_host,
        "DATA_DIR": str(data),
        "DRAIN": "0",
        "TERTULIA_ENGINE": engine,
        "LOG_LEVEL": "WARNING",
        "MEETING_PARTICIPANTS": "1000",
        "RATE_LIMITS": "off",
        "SOCKETS_PER_ADDRESS": "100000",
        "SOCKETS_PER_ACCOUNT": "100000",
    }
    if engines > 1:
        environment["MEDIA_ENGINES"] = str(engines)
    command: list[str | Path] = [Path(sysconfig.get_path("scripts")) / "tertulia"]
    if busy_loop:
        command = [sys.executable, "-P", Path(__file__).with_name("busy_server.py")]
    if observations is not None:
        inside = Path(__file__).with_name("observed_server.py")
        command = [sys.executable, "-P", inside, observations]
    if tasks is not None:
        command = [sys.executable, "-P", Path(__file__).with_name("counted_server.py"), tasks]
    with run_process(command, environment, cpus, data.with_suffix(".log")) as process:
        server = Server(process.pid, f"http://127.0.0.1:{port}")
        _await_health(server, process)
        for child in descendants(process.pid):
            os.sched_setaffinity(child, other_cpus)
        yield server


def _await_health(server: Server, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise ServerError("the server ended at once")
        with contextlib.suppress(urllib.error.URLError, ConnectionError):
            server.health()
            return
        time.sleep(0.05)
    raise ServerError(f"the server did not start within {START_TIMEOUT:.0f} s")


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
