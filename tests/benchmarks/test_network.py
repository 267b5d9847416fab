"""A network of a benchmark's own. Like browser tests, this needs the right to make one."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from benchmarks.network import NetworkError, enter_own_network

INSIDE = """\
import socket
from benchmarks.network import HOST, enter_own_network
enter_own_network()
one, other = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
one.bind((HOST, 0))
other.settimeout(10)
other.bind((HOST, 0))
one.sendto(b"arrives", other.getsockname())
print(other.recv(10))
"""


def test_its_address_is_reached_and_only_in_there() -> None:
    outside = os.readlink("/proc/self/ns/net")
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", INSIDE], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "b'arrives'\n"
    assert os.readlink("/proc/self/ns/net") == outside


def test_without_its_tool_the_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    with pytest.raises(NetworkError, match="apt-get install iproute2"):
        enter_own_network()
