from __future__ import annotations

import ctypes

import pytest

from tests.sfu.engine.core.library import STRUCTURES


@pytest.mark.parametrize("name", STRUCTURES)
def test_structures_are_laid_out_as_in_the_headers(core: ctypes.CDLL, name: str) -> None:
    size_of = core[f"size_of_{name}"]
    size_of.restype = ctypes.c_size_t
    assert ctypes.sizeof(STRUCTURES[name]) == size_of()
