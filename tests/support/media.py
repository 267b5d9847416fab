"""Which engine the tests of everything above it run on: as the server, by TERTULIA_ENGINE."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

from sfu.server import MediaSettings

ENGINE = os.environ.get("TERTULIA_ENGINE") or "auto"
EXPECTED = "reference" if ENGINE == "reference" else "native"
"""What has to run then: tests are no place to fall back."""


def media_settings(**changes: Any) -> MediaSettings:  # noqa: ANN401 - any of the fields
    """Of a server on any free ports of the loopback address."""
    return replace(MediaSettings(port=0, engine=ENGINE), **changes)
