"""A recorded meeting comes out as it always did."""

from __future__ import annotations

import json

import pytest

from tests.sfu.engine.conftest import ENGINES
from tests.sfu.engine.corpus import EXPECTED, UNIX, digests
from tests.support.same import equal_numbers


@pytest.mark.parametrize("name", ENGINES)
def test_recorded_meeting(name: str) -> None:
    with equal_numbers():
        found = digests(ENGINES[name](UNIX))
    assert found == json.loads(EXPECTED.read_text())
