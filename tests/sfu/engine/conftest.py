from __future__ import annotations

import pytest

from sfu.engine.interface import Engine
from sfu.engine.reference import ReferenceEngine
from tests.support.wire import Wire

ENGINES = {"reference": ReferenceEngine}


@pytest.fixture(params=sorted(ENGINES))
def engine(request: pytest.FixtureRequest) -> Engine:
    return ENGINES[request.param]()


@pytest.fixture
def wire(engine: Engine) -> Wire:
    return Wire(engine)
