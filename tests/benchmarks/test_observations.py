"""What the observed server notes, read back."""

from __future__ import annotations

import io
import json
from pathlib import Path

from benchmarks import observations
from benchmarks.observed_server import Observer
from sfu.engine.interface import BandwidthEstimate, BandwidthSource, TransportId


def test_notes_are_read_back(tmp_path: Path) -> None:
    lines = [
        {"time": 1.0, "lag": 0.002},
        {"time": 1.5, "ufrag": "abc", "estimate": 300},
        {"time": 2.0, "lag": 0.004},
        {"time": 2.5, "ufrag": None, "estimate": 1},
        {"time": 3.0, "ufrag": "abc", "estimate": 500},
    ]
    file = tmp_path / "notes"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines) + '{"time": 4')
    found = observations.read(file)
    assert found.lag(0.5, 0.0, 1.9) == 0.002
    assert found.lag(1.0, 0.0, 9.0) == 0.004
    assert found.lag(0.5, 5.0, 9.0) == 0.0
    assert found.estimate("abc", 0.95, 1.45) == []
    assert found.estimate("abc", 1.0, 2.0) == [300] * 5
    assert found.estimate("abc", 2.55, 3.55) == [300] * 5 + [500] * 5
    assert found.estimate("other", 0.0, 9.0) == []


def test_an_estimate_of_nobody_known_names_nobody() -> None:
    output = io.TextIOWrapper(io.BytesIO())
    observer = Observer(output)
    observer.see(BandwidthEstimate(TransportId(3), 1000, BandwidthSource.REMB))
    output.seek(0)
    note = json.loads(output.read())
    assert (note["ufrag"], note["estimate"]) == (None, 1000)


def test_percentiles() -> None:
    values = [float(n) for n in range(100)]
    assert observations.percentile(values, 0.0) == 0
    assert observations.percentile(values, 0.5) == 50
    assert observations.percentile(values, 1.0) == 99
    assert observations.percentile([], 0.5) == 0
