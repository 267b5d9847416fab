"""The inputs the fuzzer keeps, under sanitizers, with any compiler: what was found once is found
again, and a target that no longer builds is noticed. How to fuzz: docs/fuzzing.md."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
CORE = HERE.parents[1] / "sfu/engine/core"
TARGETS = sorted(folder.name for folder in (HERE / "corpus").iterdir())
FLAGS = (
    *("-std=gnu11", "-g", "-pthread", "-fno-strict-aliasing", "-ffp-contract=off"),
    *("-fsanitize=address,undefined", "-fno-sanitize-recover=all", f"-I{CORE}", f"-I{HERE}"),
)


@pytest.fixture(scope="session")
def objects(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The core, compiled once for all targets."""
    if shutil.which("gcc") is None:
        pytest.skip("needs a C compiler")
    folder = tmp_path_factory.mktemp("core")
    sources = [str(source) for source in sorted(CORE.glob("*.c"))]
    scarce = ["-include", str(HERE / "memory.h")]
    subprocess.run(["gcc", *FLAGS, *scarce, "-c", *sources], check=True, cwd=folder)  # noqa: S603, S607
    return folder


@pytest.mark.parametrize("target", TARGETS)
def test_nothing_is_found_again(objects: Path, target: str) -> None:
    program = objects / target
    parts = [HERE / f"{target}.c", HERE / "replay.c", HERE / "memory.c", *objects.glob("*.o")]
    subprocess.run(["gcc", *FLAGS, "-o", program, *parts, "-lm"], check=True)  # noqa: S603, S607
    inputs = sorted((HERE / "corpus" / target).iterdir())
    assert inputs
    environment = os.environ | {"ASAN_OPTIONS": "detect_leaks=1"}
    run = subprocess.run(  # noqa: S603
        [program, *inputs], capture_output=True, text=True, env=environment, check=False
    )
    assert run.returncode == 0, run.stderr[-4000:]
