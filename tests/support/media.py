"""Which engine the tests of everything above it run on (by TERTULIA_ENGINE, as the server), and
ports for it."""

from __future__ import annotations

import os
import socket
from dataclasses import replace
from typing import Any

from sfu.server import MediaSettings

ENGINE = os.environ.get("TERTULIA_ENGINE") or "auto"
EXPECTED = "reference" if ENGINE == "reference" else "native"
"""What has to run then: tests are no place to fall back."""

HOST = "127.0.0.77"
"""Loopback, where nobody else is."""


def media_settings(**changes: Any) -> MediaSettings:  # noqa: ANN401 - any of the fields
    """Of a server on any free ports of the loopback address."""
    return replace(MediaSettings(port=0, engine=ENGINE), **changes)


def bound(port: int) -> socket.socket:
    """Raises OSError if it is taken."""
    taken = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        taken.bind((HOST, port))
    except BaseException:
        taken.close()
        raise
    return taken


def free_ports(count: int) -> int:
    """The first of so many, in a row."""
    for first in range(20_000, 30_000, count):
        try:
            for port in range(first, first + count):
                bound(port).close()
        except OSError:
            continue
        return first
    raise AssertionError("no port is free")
