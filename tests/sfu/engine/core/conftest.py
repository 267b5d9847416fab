from __future__ import annotations

import ctypes

import pytest

from tests.sfu.engine.core.library import Edge, build, find_compiler


@pytest.fixture(scope="session")
def core(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    compiler = find_compiler()
    if compiler is None:
        pytest.skip("needs a C compiler")
    return build(compiler, tmp_path_factory.mktemp("core"))


@pytest.fixture(scope="session")
def edge() -> Edge:
    return Edge()
