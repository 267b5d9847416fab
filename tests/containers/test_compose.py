"""docker-compose.yml: what is promised of it, and that the files it names are there."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import Any

import pytest
import yaml

from tests.containers.dockerfile import ROOT

TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, Any] = COMPOSE["services"]
SECRET = re.compile(r"PASSWORD|SECRET|TOKEN")
SECRET_GIVEN = re.compile(r"\$\{\w+:\?run scripts/build\.sh\}|\$\{TURN_URLS:\+\$\{TURN_SECRET\}\}")


def interpolated(value: object, variables: dict[str, str]) -> str:
    """As Compose does it: ${NAME}; after :- a default, after :+ what is instead, after :? why."""

    def replace(match: re.Match[str]) -> str:
        name, how, word = match.groups()
        given = variables.get(name, "")
        assert given or how != "?", name
        if how == "+":
            return word if given else ""
        return given or word or ""

    text, count = re.subn(r"\$\{(\w+)(?::([-?+])([^{}]*))?\}", replace, str(value))
    return interpolated(text, variables) if count else text


def published(service: str) -> list[str]:
    ports: list[str] = SERVICES[service].get("ports", [])
    return ports


def test_only_the_page_and_media_are_open_to_others() -> None:
    ports = {interpolated(port, {}) for service in SERVICES for port in published(service)}
    local = {port for port in ports if port.startswith("127.0.0.1:")}
    assert local >= {"127.0.0.1:8080:8080", "127.0.0.1:5432:5432", "127.0.0.1:5050:80"}
    assert ports - local == {"3000:3000", "3443:3443", "7882:7882/udp", "7882:7882/tcp"}
    assert [n for n, s in SERVICES.items() if s.get("network_mode")] == ["coturn"]


def test_nginx_finds_the_server_and_is_the_one_proxy_believed() -> None:
    conf = (ROOT / "containers" / "nginx" / "site.conf").read_text(encoding="utf-8")
    match = re.search(r"set \$server (\w+):(\d+);", conf)
    assert match
    assert match[1] in SERVICES
    assert f"127.0.0.1:8080:{match[2]}" in published(match[1])
    address = SERVICES["nginx"]["networks"]["front"]["ipv4_address"]
    assert SERVICES[match[1]]["environment"]["TRUSTED_PROXIES"] == address
    assert "front" in SERVICES[match[1]]["networks"]


def test_profiles_bring_what_not_everybody_wants() -> None:
    optional = {name: s["profiles"] for name, s in SERVICES.items() if "profiles" in s}
    assert optional == {
        "prometheus": ["monitoring"],
        "grafana": ["monitoring"],
        "coturn": ["turn"],
    }


def test_no_secret_has_a_default() -> None:
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if SECRET.search(name):
                assert SECRET_GIVEN.fullmatch(str(value)), name


@pytest.mark.parametrize("name", ["server", "nginx", "prometheus", "grafana", "coturn"])
def test_containers_that_can_be_are_hardened(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


def test_files_it_mounts_are_in_the_tree() -> None:
    mounts = [
        volume.split(":")[0].removeprefix("./")
        for service in SERVICES.values()
        for volume in service.get("volumes", [])
        if volume.startswith("./")
    ]
    assert mounts
    missing = [path for path in mounts if not (ROOT / path).exists()]
    assert all(path.startswith("containers/private/") for path in missing)


def test_the_server_is_given_time_to_drain() -> None:
    server = SERVICES["server"]
    assert server["environment"]["DRAIN"] == "1m"
    assert int(server["stop_grace_period"].removesuffix("s")) > 60


@pytest.mark.skipif(
    not shutil.which("docker")
    or subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode  # noqa: S607
    != 0,
    reason="docker compose is not here",
)
def test_compose_reads_it() -> None:
    secrets = dict.fromkeys(re.findall(r"\$\{(\w+):\?", TEXT), "x")
    subprocess.run(
        ["docker", "compose", "--profile", "*", "config", "--quiet"],  # noqa: S607
        cwd=ROOT,
        env=secrets | {"PATH": "/usr/bin:/bin:/usr/local/bin"},
        check=True,
    )
