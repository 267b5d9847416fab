"""`tertulia doctor` finds what is wrong, and finds nothing where nothing is."""

from __future__ import annotations

import resource
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api import certificate
from api.doctor import Finding, Level, data, examine, machine, network, report
from api.settings import Settings, load
from db.pool import Address, Database
from tests.api.test_command import run
from tests.support.media import free_ports
from tests.support.tertulia import Tertulia, free_port

HERE = {"MEDIA_HOST": "127.0.0.1", "HOST": "127.0.0.1"}


def texts(findings: Sequence[Finding], level: Level) -> str:
    return "\n".join(finding.text for finding in findings if finding.level is level)


def only(findings: Iterator[Finding]) -> Finding:
    (finding,) = findings
    return finding


@pytest.fixture
def settings(tmp_path: Path) -> Callable[..., Settings]:
    def made(**environment: str) -> Settings:
        ports = {"PORT": str(free_port()), "MEDIA_PORT": str(free_ports(2))}
        return load({"DATA_DIR": str(tmp_path), **HERE, **ports, **environment})

    return made


async def test_nothing_is_wrong_before_the_first_start(settings: Callable[..., Settings]) -> None:
    findings = await examine(settings())
    assert texts(findings, Level.PROBLEM) == ""
    told = texts(findings, Level.OK)
    assert "will be set up at the first start" in told
    assert "is free" in told
    assert report(findings).splitlines()[-1].endswith("0 to be mended")


async def test_a_running_server_is_looked_at_as_it_is(tmp_path: Path) -> None:
    server = Tertulia(tmp_path, HERE)
    await server.start()
    try:
        data_dir, port = str(tmp_path / "data"), str(server.port)
        environment = HERE | {"DATA_DIR": data_dir, "PORT": port}
        seen = run("doctor", MEDIA_PORT=str(server.media_port), **environment)
        assert seen.returncode == 0, seen.stdout
        assert f"A Tertulia serves TCP port {port}" in seen.stdout
        assert f"UDP port {server.media_port} of 127.0.0.1 is in use, as it should" in seen.stdout
        assert "answers, and its schema is up to date" in seen.stdout
    finally:
        await server.stop()
    stopped = run("doctor", MEDIA_PORT=str(server.media_port), **environment)
    assert f"TCP port {port} of 127.0.0.1 is free" in stopped.stdout
    assert "The embedded PostgreSQL answers" in stopped.stdout
    assert server.complaints() == []


async def test_ports_that_others_have(settings: Callable[..., Settings]) -> None:
    with (
        closing(socket.create_server(("127.0.0.1", 0))) as web,
        closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as media,
    ):
        media.bind(("127.0.0.1", 0))
        taken = settings(
            PORT=str(web.getsockname()[1]),
            MEDIA_PORT=str(media.getsockname()[1]),
            HOST="127.0.0.1",
        )
        for finding in (
            only(network.web_port(taken, running=False)),
            only(network.media_ports(taken, running=False)),
        ):
            assert finding.level is Level.PROBLEM
            assert "Address already in use" in finding.text
            assert "Stop the program that has it" in finding.advice


@pytest.mark.parametrize(
    ("environment", "level", "told"),
    [
        ({}, Level.OK, "send media to 127.0.0.1"),
        ({"PUBLIC_URL": "http://localhost:8080"}, Level.OK, "send media to"),
        ({"PUBLIC_URL": "http://meet.example.org"}, Level.PROBLEM, "no camera without HTTPS"),
        ({"PUBLIC_URL": "https://meet.example.org"}, Level.WARNING, "internet does not reach"),
        (
            {"PUBLIC_URL": "https://meet.example.org", "MEDIA_ANNOUNCED": "9.9.9.9"},
            Level.OK,
            "send media to 9.9.9.9",
        ),
    ],
)
def test_what_browsers_are_told(
    settings: Callable[..., Settings], environment: dict[str, str], level: Level, told: str
) -> None:
    findings = list(network.reach(settings(**environment)))
    assert told in texts(findings, level)
    assert not any(finding.level is Level.PROBLEM for finding in findings if level is Level.OK)


@pytest.mark.parametrize(
    ("days", "level"), [(300, Level.OK), (5, Level.WARNING), (-1, Level.PROBLEM)]
)
def test_certificates_end(
    settings: Callable[..., Settings], tmp_path: Path, days: int, level: Level
) -> None:
    made = datetime.now(UTC) + timedelta(days=days) - certificate.LIFETIME
    files = certificate.self_signed(tmp_path, made)
    given = settings(TLS_CERT_FILE=str(files[0]), TLS_KEY_FILE=str(files[1]))
    assert only(network.certificate(given)).level is level
    files[1].write_text("no key")
    assert only(network.certificate(given)).level is Level.PROBLEM


def test_the_machine(
    settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (256, 256))
    assert "may open 256 files" in only(machine.files(settings())).text
    (tmp_path / "rmem_max").write_text("212992\n")
    (tmp_path / "wmem_max").write_text("99999999\n")
    monkeypatch.setattr(machine, "_LIMITS", tmp_path)
    assert [each.level for each in machine.buffers()] == [Level.WARNING, Level.OK]
    monkeypatch.setitem(sys.modules, "sfu.engine._native", None)
    assert only(machine.engine(settings(TERTULIA_ENGINE="auto"))).level is Level.WARNING
    assert only(machine.engine(settings(TERTULIA_ENGINE="native"))).level is Level.PROBLEM
    assert only(machine.engine(settings(TERTULIA_ENGINE="reference"))).level is Level.OK


def test_where_the_data_are(
    settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert only(data.directory(settings(DATA_DIR=str(tmp_path / "not" / "yet")))).level is Level.OK
    secret = tmp_path / "jwt.secret"
    secret.touch(0o644)
    assert f"Others may read {secret}" in texts(list(data.directory(settings())), Level.WARNING)
    secret.chmod(0o600)
    for name, level in (("LOW_DISK", Level.WARNING), ("LEAST_DISK", Level.PROBLEM)):
        monkeypatch.setattr(data, name, 2**80)
        assert only(data.directory(settings())).level is level


async def judged(settings: Settings) -> list[Finding]:
    return [finding async for finding in data.database(settings)]


async def test_a_database_of_others(
    settings: Callable[..., Settings], database: Database, postgres: Address
) -> None:
    name = (await database.one("SELECT current_database() AS name"))["name"]
    given = {
        "DATABASE_HOST": str(postgres.host),
        "DATABASE_PORT": str(postgres.port),
        "DATABASE_NAME": name,
        "DATABASE_USER": str(postgres.user),
        "DATABASE_PASSWORD": str(postgres.password),
    }
    assert [each.level for each in await judged(settings(**given))] == [Level.OK]
    many = await judged(settings(**given, DATABASE_POOL="1000"))
    assert "DATABASE_POOL is 1000" in texts(many, Level.PROBLEM)
    await database.execute("INSERT INTO schema_migrations VALUES (9999, 'later', '', now())")
    newer = await judged(settings(**given))
    assert "newer Tertulia (migrations [9999])" in texts(newer, Level.PROBLEM)
    away = await judged(settings(**given | {"DATABASE_PORT": str(free_port())}))
    assert "does not answer" in texts(away, Level.PROBLEM)


def test_problems_are_an_exit_code(tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = str(taken.getsockname()[1])
        found = run("doctor", DATA_DIR=str(tmp_path), PORT=port, MEDIA_PORT=str(free_ports(1)))
    assert found.returncode == 1
    assert found.stdout.splitlines()[-1].endswith("1 to be mended")
    assert found.stderr == ""
