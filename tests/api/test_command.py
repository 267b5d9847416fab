"""The command `tertulia` as people use it: started, stopped, killed, and told wrong things."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import aiohttp
import pytest

from db.cluster import CLUSTER
from db.pool import Address
from tests.support.media import HOST, bound, free_ports
from tests.support.processes import alive, family, wait_until_gone
from tests.support.tertulia import COMMAND, Tertulia

ADA = {"email": "ada@example.com", "password": "password123"}
TIMEOUT = 60.0


def changed(change: str) -> Sequence[str]:
    """The command, with something in it changed before."""
    return (
        sys.executable,
        "-c",
        f"{change}; import sys; from api.main import main; sys.exit(main())",
    )


WITHOUT_NATIVE = changed("import sys; sys.modules['sfu.engine._native'] = None")
WITHOUT_RESTARTS = changed("import db.embedded; db.embedded.RESTARTS = 0")


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Tertulia]:
    server = Tertulia(tmp_path)
    await server.start()
    yield server
    await server.stop()


def pid_of(server: Tertulia) -> int:
    assert server.process
    return server.process.pid


def run(
    *arguments: str, command: Sequence[str] = COMMAND, **environment: str
) -> subprocess.CompletedProcess[str]:
    """To its end."""
    return subprocess.run(  # noqa: S603 - ourselves
        [*command, *arguments],
        env={"PATH": os.defpath, **environment},
        check=False,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
    )


async def test_it_says_where_it_is_and_answers_there(server: Tertulia) -> None:
    assert f"Tertulia is running: http://localhost:{server.port}\n" in server.log.read_text()
    assert (await server.request("GET", "/health"))["status"] == "ok"
    token = await server.sign_up("Ada")
    meeting = await server.request("GET", f"/meetings/{await server.create_meeting(token)}")
    assert meeting["url"] == f"http://localhost:{server.port}/m/{meeting['id']}"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_stops_everything_and_data_stay(
    server: Tertulia, number: signal.Signals
) -> None:
    await server.sign_up("Ada")
    processes = family(pid_of(server))
    assert len(processes) > 2
    assert server.process
    server.process.send_signal(number)
    assert await server.process.wait() == 0
    assert [pid for pid in processes if alive(pid)] == []
    assert server.complaints() == []

    await server.start()
    assert (await server.request("POST", "/auth/login", ADA))["user"]["name"] == "Ada"


async def test_an_open_websocket_does_not_hold_it_up(server: Tertulia) -> None:
    token = await server.sign_up("Ada")
    async with aiohttp.ClientSession() as client, client.ws_connect(f"{server.url}/ws") as ws:
        await ws.send_json({"type": "authenticate", "id": 1, "token": token})
        assert (await ws.receive_json())["type"] == "reply"
        processes = family(pid_of(server))
        await server.stop()  # while the client reads nothing
        wait_until_gone(processes)
        assert (await ws.receive_json())["type"] == "closing"


async def test_kill_9_loses_nothing_and_leaves_nothing(server: Tertulia) -> None:
    token = await server.sign_up("Ada")
    meeting = await server.create_meeting(token)
    processes = family(pid_of(server))
    await server.kill()
    await server.start()
    wait_until_gone(processes)
    assert (await server.request("GET", f"/meetings/{meeting}", token=token))["id"] == meeting
    assert (await server.request("GET", "/users/me", token=token))["name"] == "Ada"


async def test_it_does_not_go_on_without_its_database(tmp_path: Path) -> None:
    server = Tertulia(tmp_path, command=WITHOUT_RESTARTS)
    await server.start()
    pid = int((tmp_path / "data" / CLUSTER / "postmaster.pid").read_text().split()[0])
    os.kill(pid, signal.SIGINT)
    assert server.process
    assert await asyncio.wait_for(server.process.wait(), TIMEOUT) == 1
    assert "PostgreSQL has stopped by itself" in server.log.read_text()


async def test_a_second_one_says_what_is_in_its_way(server: Tertulia) -> None:
    data_dir = str(server.directory / "data")
    same_port = run(DATA_DIR=data_dir, PORT=str(server.port))
    assert same_port.returncode == 1
    assert f"Port TCP {server.port} is in use" in same_port.stderr
    same_data = run(DATA_DIR=data_dir, PORT="0")
    assert same_data.returncode == 1
    assert f"Another Tertulia is running with the data directory {data_dir}" in same_data.stderr
    assert (await server.request("GET", "/health"))["status"] == "ok"


def test_a_media_port_in_use_is_named(tmp_path: Path) -> None:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as other:
        other.bind(("127.0.0.1", 0))
        port = str(other.getsockname()[1])
        failed = run(DATA_DIR=str(tmp_path), PORT="0", MEDIA_HOST="127.0.0.1", MEDIA_PORT=port)
    assert failed.returncode == 1
    assert f"Port UDP {port} is in use" in failed.stderr
    assert "MEDIA_PORT" in failed.stderr


def test_of_several_media_ports_the_one_in_use_is_named(tmp_path: Path) -> None:
    port = free_ports(2)
    media = {"MEDIA_HOST": HOST, "MEDIA_PORT": str(port), "MEDIA_ENGINES": "2"}
    with closing(bound(port + 1)):
        failed = run(DATA_DIR=str(tmp_path), PORT="0", **media)
    assert failed.returncode == 1
    assert f"Port UDP {port + 1} is in use" in failed.stderr


async def test_with_an_external_database_nothing_is_embedded(
    blank: Address, tmp_path: Path
) -> None:
    assert blank.host
    environment = {
        # Our descriptor means nothing to another process; the way to the directory does.
        "DATABASE_HOST": os.readlink(blank.host),
        "DATABASE_NAME": str(blank.database),
        "DATABASE_USER": str(blank.user),
        "DATABASE_PASSWORD": str(blank.password),
    }
    server = Tertulia(tmp_path, environment)
    await server.start()
    await server.sign_up("Ada")
    assert family(pid_of(server)) == {pid_of(server)}
    assert not (tmp_path / "data" / CLUSTER).exists()
    await server.stop()


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"DATABASE_URL": "postgresql://nobody@127.0.0.1:9/x"}, "Cannot connect to PostgreSQL"),
        ({"HOST": "192.0.2.1"}, "HOST: 192.0.2.1 is not an address of this machine"),
        ({"TLS_CERT_FILE": __file__, "TLS_KEY_FILE": __file__}, "TLS_CERT_FILE"),
    ],
)
def test_what_hinders_the_start_is_told_shortly(
    tmp_path: Path, environment: Mapping[str, str], told: str
) -> None:
    failed = run(DATA_DIR=str(tmp_path), **{"PORT": "0", "MEDIA_PORT": "0", **environment})
    assert failed.returncode == 1
    assert told in failed.stderr
    assert "Traceback" not in failed.stderr


def test_the_native_engine_is_missed_where_it_is_wanted(tmp_path: Path) -> None:
    settings = {"PORT": "0", "MEDIA_PORT": "0", "TERTULIA_ENGINE": "native"}
    failed = run(DATA_DIR=str(tmp_path), command=WITHOUT_NATIVE, **settings)
    assert failed.returncode == 1
    told = "tertulia: TERTULIA_ENGINE=native: the native engine cannot run: it is not built"
    assert told in failed.stderr
    assert "Traceback" not in failed.stderr


async def test_the_native_engine_is_missed_loudly_where_it_would_be_better(tmp_path: Path) -> None:
    server = Tertulia(tmp_path, {"TERTULIA_ENGINE": "auto"}, command=WITHOUT_NATIVE)
    await server.start()
    health = await server.request("GET", "/health")
    await server.stop()
    assert health["engine"] == "reference"
    (complaint,) = server.complaints()
    assert f"The native engine cannot run: {health['engine_reason']}." in complaint


def test_a_wrong_setting_ends_it_with_2() -> None:
    failed = run(PORT="eighty")
    assert failed.returncode == 2
    assert failed.stderr == (
        "tertulia: PORT: 'eighty' is not allowed. "
        "Allowed: a whole number from 0 to 65535, 0 for any free port.\n"
    )


def test_help_and_version() -> None:
    told = run("--help")
    assert told.returncode == 0
    assert "JWT_EXPIRES_IN" in told.stdout
    assert run("--version").stdout.startswith("tertulia ")
    assert run("--nonsense").returncode == 2
