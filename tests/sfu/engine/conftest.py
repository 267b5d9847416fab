from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest

from sfu.engine.interface import Engine
from sfu.engine.native import NativeEngine
from sfu.engine.reference import ReferenceEngine
from tests.support.same import both, equal_numbers
from tests.support.wire import Wire

ENGINES: dict[str, Callable[..., Engine]] = {"reference": ReferenceEngine, "native": NativeEngine}
"""The native engine is expected: where it cannot be loaded its tests fail."""

if os.environ.get("TERTULIA_WITHOUT_NATIVE") == "1":
    # A run that shows that Tertulia works where there is no compiler.
    del ENGINES["native"]


@pytest.fixture(params=[*ENGINES, "same"] if "native" in ENGINES else [*ENGINES])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Each engine, and both at once, which then must answer alike to the last byte."""
    if request.param != "same":
        yield ENGINES[request.param]()
        return
    with equal_numbers():
        yield both(*(make() for make in ENGINES.values()))


@pytest.fixture
def wire(engine: Engine) -> Wire:
    return Wire(engine)
