from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from sfu.engine.interface import Engine
from sfu.engine.native import NativeEngine
from sfu.engine.reference import ReferenceEngine
from tests.support.wire import Wire

ENGINES: dict[str, Callable[[], Engine]] = {"reference": ReferenceEngine, "native": NativeEngine}
"""The native engine is expected: where it cannot be loaded its tests fail."""

if os.environ.get("TERTULIA_WITHOUT_NATIVE") == "1":
    # A run that shows that Tertulia works where there is no compiler.
    del ENGINES["native"]


@pytest.fixture(params=sorted(ENGINES))
def engine(request: pytest.FixtureRequest) -> Engine:
    return ENGINES[request.param]()


@pytest.fixture
def wire(engine: Engine) -> Wire:
    return Wire(engine)
