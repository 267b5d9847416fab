"""The benchmark itself, at its smallest: a real server, one publisher, one subscriber."""

from __future__ import annotations

import json
import subprocess
import sys

ARGUMENTS = (
    "forward --engine reference --subscribers 1 --windows 1 --seconds 1 --sizes chromium "
    "--profile cm --floor --busy-loop --json"
)


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
    assert report["engine"] == "reference"
    for who in ("server", "floor"):
        (window,) = result["windows"][who]
        assert window["packets_out"] > 0
        assert window["packets_in"] > 0
        assert 0 <= window["lost"] <= window["packets_out"]
        assert result["latency"][who]["samples"] > 0
    assert result["latency"]["loopback"]["samples"] > 0
    assert result["verified"] > 0
    assert result["wrong"] == 0
    assert result["keyframe_requests"] > 0
    # the loop was held while nothing was sent
    assert result["idle_core_percent"] > 3
