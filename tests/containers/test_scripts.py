"""scripts/build.sh and rebuild.sh, with a `docker` that notes what it is asked for."""

from __future__ import annotations

import os
import re
import shutil
import ssl
import stat
import subprocess
from pathlib import Path

import pytest

from api.settings import ALL, load
from tests.containers.dockerfile import ROOT
from tests.containers.test_compose import SERVICES, interpolated
from tests.containers.test_compose import TEXT as COMPOSE


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    docker = tmp_path / "bin" / "docker"
    docker.parent.mkdir()
    docker.write_text('#!/bin/sh\necho "$*" >>asked\n', encoding="utf-8")
    docker.chmod(0o755)
    return tmp_path


def run(tree: Path, script: str, *words: str) -> tuple[int, list[str]]:
    """Its exit code, and what Docker was asked for."""
    asked = tree / "asked"
    asked.write_text("")
    done = subprocess.run(  # noqa: S603 - ours
        [tree / "scripts" / script, *words],
        env={"PATH": f"{tree / 'bin'}:{os.environ['PATH']}"},
        cwd="/",
        check=False,
        capture_output=True,
        text=True,
    )
    assert (done.returncode == 0) == (done.stderr == ""), done.stderr
    return done.returncode, asked.read_text().splitlines()


def test_build_makes_what_containers_need_once(tree: Path) -> None:
    assert run(tree, "build.sh") == (0, ["compose build server nginx"])
    environment = (tree / ".env").read_text()
    given = dict(re.findall(r"^(\w+)=(.+)$", environment, re.MULTILINE))
    assert set(re.findall(r"\$\{(\w+):\?", COMPOSE)) <= set(given)
    secrets = [value for name, value in given.items() if re.search("PASS|TOKEN|SECRET", name)]
    assert len(set(secrets)) == len(secrets) == 5
    assert all(len(secret) == 64 for secret in secrets)
    private = tree / "containers" / "private"
    assert (private / "metrics-token").read_text().strip() == given["METRICS_TOKEN"]
    assert stat.S_IMODE((tree / ".env").stat().st_mode) == 0o600
    assert stat.S_IMODE(private.stat().st_mode) == 0o700
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(private / "tls" / "certificate.pem", private / "tls" / "key.pem")
    certificate = (private / "tls" / "certificate.pem").read_bytes()
    run(tree, "build.sh", "all")
    assert (tree / ".env").read_text() == environment
    assert (private / "tls" / "certificate.pem").read_bytes() == certificate


def test_the_server_understands_what_it_is_given(tree: Path) -> None:
    run(tree, "build.sh")
    variables = dict(re.findall(r"^(\w+)=(.+)$", (tree / ".env").read_text(), re.MULTILINE))
    environment = {
        name: interpolated(value, variables)
        for name, value in SERVICES["server"]["environment"].items()
    }
    known = {setting.name for setting in ALL}
    assert {name for name, value in environment.items() if value} <= known
    settings = load(environment)
    assert settings.public_url == variables["PUBLIC_URL"]
    assert settings.metrics_token == variables["METRICS_TOKEN"]
    assert settings.database is not None


def test_every_service_can_be_built_or_got(tree: Path) -> None:
    for name, service in SERVICES.items():
        verb = "build" if "build" in service else "pull"
        assert run(tree, "build.sh", name) == (0, [f"compose {verb} {name}"])
    assert run(tree, "build.sh", "sever") == (2, [])


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        (("all", "soft"), ["build server nginx", "up --detach"]),
        (
            ("all", "hard"),
            [
                "build --no-cache --pull server nginx",
                "pull --ignore-buildable",
                "up --detach --force-recreate",
            ],
        ),
        (("server", "soft"), ["build server", "up --detach --no-deps server"]),
        (
            ("postgres", "hard"),
            ["pull postgres", "up --detach --force-recreate --no-deps postgres"],
        ),
        (("server",), None),
        (("server", "harder"), None),
        (("sever", "hard"), None),
    ],
)
def test_rebuild(tree: Path, words: tuple[str, ...], asked: list[str] | None) -> None:
    expected = (2, []) if asked is None else (0, [f"compose {each}" for each in asked])
    assert run(tree, "rebuild.sh", *words) == expected
