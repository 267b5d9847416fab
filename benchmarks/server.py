"""A real server process of this checkout, on ports and data of its own, and what it costs."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import secrets
import signal
import socket
import subprocess
import sysconfig
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.core import process_seconds

START_TIMEOUT: Final = 60.0
STOP_TIMEOUT: Final = 15.0
_PR_SET_PDEATHSIG: Final = 1


class ServerError(Exception):
    """The server did not start, or refused what the benchmark needs."""


class Server:
    """A running server. Made by `run_server`."""

    def __init__(self, pid: int, url: str) -> None:
        self.pid = pid
        self.url = url

    def cpu(self) -> float:
        """Seconds of CPU used by the server process since its start: all its threads, user and
        system, but not PostgreSQL, which is a process of its own."""
        return process_seconds(self.pid)

    def rss(self) -> int:
        """KiB of memory the server process holds."""
        rollup = Path(f"/proc/{self.pid}/smaps_rollup").read_text()
        return int(rollup.partition("\nRss:")[2].split()[0])

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
    engine: str, data: Path, cpus: Sequence[int], other_cpus: Sequence[int]
) -> Iterator[Server]:
    """The server on `cpus` alone, its PostgreSQL on `other_cpus`; both gone on leaving."""
    port = _free_port(socket.SOCK_STREAM)
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "MEDIA_PORT": str(_free_port(socket.SOCK_DGRAM)),
        "MEDIA_ANNOUNCED": "127.0.0.1",
        "DATA_DIR": str(data),
        "TERTULIA_ENGINE": engine,
        "LOG_LEVEL": "WARNING",
    }
    log = data.with_suffix(".log")
    with log.open("w") as output:
        process = subprocess.Popen(  # noqa: S603
            [Path(sysconfig.get_path("scripts")) / "tertulia"],
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # an interrupt is ours to pass on
            preexec_fn=lambda: _in_child(cpus),  # noqa: PLW1509 - forked from the only thread
        )
    try:
        server = Server(process.pid, f"http://127.0.0.1:{port}")
        _await_health(server, process)
        for child in _descendants(process.pid):
            os.sched_setaffinity(child, other_cpus)
        yield server
    except Exception as error:
        error.add_note(f"The server said:\n{log.read_text()[-4000:]}")
        raise
    finally:
        _stop(process)


def _in_child(cpus: Sequence[int]) -> None:
    os.sched_setaffinity(0, cpus)
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


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


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_TIMEOUT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _descendants(pid: int) -> Iterator[int]:
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, children.read_text().split()):
            yield child
            yield from _descendants(child)


def _free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
