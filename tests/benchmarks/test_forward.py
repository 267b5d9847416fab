"""The benchmark itself, at its smallest: a real server, one publisher, one subscriber."""

from __future__ import annotations

import json
import subprocess
import sys

ARGUMENTS = "forward --engine reference --subscribers 1 --windows 1 --seconds 1 --burst 4 --json"


def test_packets_published_arrive_and_decrypt() -> None:
    finished = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "benchmarks", *ARGUMENTS.split()],
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    report = json.loads(finished.stdout)
    (result,) = report["results"]
    (window,) = result["windows"]
    assert report["engine"] == "reference"
    assert window["packets_out"] > 0
    assert window["packets_in"] > 0
    assert 0 <= window["lost"] <= window["packets_out"]
    assert result["verified"] > 0
    assert result["wrong"] == 0
    assert result["keyframe_requests"] > 0
