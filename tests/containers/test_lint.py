"""What others say of our Dockerfile and shell scripts."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.containers.dockerfile import ROOT

SCRIPTS = sorted([*ROOT.glob("scripts/*.sh"), *ROOT.glob("containers/**/*.sh")])


def complaints(*command: str | Path) -> str:
    return subprocess.run(  # noqa: S603 - linters
        command, check=False, capture_output=True, text=True, timeout=60, cwd=ROOT
    ).stdout


def test_the_dockerfile() -> None:
    assert complaints(Path(sys.executable).with_name("hadolint"), "Dockerfile") == ""


@pytest.mark.skipif(
    not shutil.which("shellcheck") and "CI" not in os.environ, reason="shellcheck is not installed"
)
def test_the_scripts() -> None:
    assert len(SCRIPTS) > 5
    assert complaints("shellcheck", *SCRIPTS, ".ci/run") == ""
