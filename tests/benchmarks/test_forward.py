"""The benchmark itself, at its smallest: a real server, one publisher, one subscriber."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

ARGUMENTS = ["forward", "--engine", "reference", "--subscribers", "1", "--windows", "1"]


def benchmark(*arguments: str) -> str:
    finished = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "benchmarks", *ARGUMENTS, "--seconds", "1", *arguments],
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


@pytest.mark.parametrize("burst", [1, 4])
def test_packets_published_arrive_and_decrypt(burst: int) -> None:
    report = json.loads(benchmark("--json", "--burst", str(burst)))
    (result,) = report["results"]
    (window,) = result["windows"]
    assert report["engine"] == "reference"
    assert window["packets_out"] > 0
    assert window["packets_in"] > 0
    assert 0 <= window["lost"] <= window["packets_out"]
    assert result["verified"] > 0
    assert result["wrong"] == 0
    assert result["keyframe_requests"] > 0


def test_the_table_has_a_column_for_each_number_of_subscribers() -> None:
    header = next(line for line in benchmark().splitlines() if line.startswith("subscribers"))
    assert header.split() == ["subscribers", "1"]
