"""Servers beside each other: the turns, the figures, and what is left of a failure."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from benchmarks.adapters.adapter import AdapterError
from benchmarks.crowd import NothingFlowsError
from benchmarks.peers import Options, Report, run
from benchmarks.peers_report import as_json, as_table
from benchmarks.traffic import even
from benchmarks.transport import Profile
from tests.benchmarks.forwarder import HOST, ForwarderAdapter

FAITHFUL = ForwarderAdapter("faithful")
CARELESS = ForwarderAdapter("careless", drop_every=20)


@pytest.fixture(autouse=True)
def kept_logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


def compare(*adapters: ForwarderAdapter, profiles: tuple[Profile, ...] = ("gcm",)) -> Report:
    options = Options(profiles, subscribers=2, traffic=even(5), seconds=0.5, windows=2)
    return run({adapter.name: adapter for adapter in adapters}, options, HOST, lambda _: None)


@pytest.fixture(scope="module")
def report() -> Report:
    return compare(FAITHFUL, CARELESS, profiles=("gcm", "cm"))


def test_every_server_gets_its_windows_with_every_profile(report: Report) -> None:
    assert [comparison.profile for comparison in report.comparisons] == ["gcm", "cm"]
    for comparison in report.comparisons:
        assert [result.name for result in comparison.results] == ["faithful", "careless"]
        for result in comparison.results:
            assert len(result.windows) == 2
            assert all(window.packets > 0 for window in result.windows)
            assert result.verified > 0
            assert result.wrong == 0
            assert result.cpu_us_per_packet > 0
            assert result.rss_mib > 1


def test_loss_is_the_servers_own(report: Report) -> None:
    for comparison in report.comparisons:
        faithful, careless = comparison.results
        assert faithful.loss == 0
        assert faithful.delivered == 1
        assert careless.loss == pytest.approx(0.05, abs=0.02)
        assert careless.delivered == pytest.approx(0.95, abs=0.01)


def test_others_are_compared_with_the_first(report: Report) -> None:
    [comparison, _] = report.comparisons
    first, second = comparison.results
    assert comparison.ratio(first) == 1
    assert comparison.ratio(second) == second.cpu_us_per_packet / first.cpu_us_per_packet
    rows = json.loads(as_json(report))["comparisons"][0]["results"]
    assert [row["ratio"] for row in rows] == [1, comparison.ratio(second)]


def test_the_table_has_a_column_for_each(report: Report) -> None:
    table = as_table(report)
    assert re.search(r"^AEAD_AES_128_GCM +faithful +careless$", table, re.MULTILINE)
    assert re.search(r"^AES128_CM_SHA1_80 +faithful +careless$", table, re.MULTILINE)
    assert re.search(r"^  times faithful +1\.0 +\d+\.\d$", table, re.MULTILINE)


def test_a_server_that_forwards_nothing_is_no_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.crowd._FLOW_TIMEOUT", 1)
    with pytest.raises(NothingFlowsError, match="only 0 of 4 streams"):
        compare(ForwarderAdapter("silent", drop_every=1))


def test_a_server_that_stops_forwarding_is_told_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.peers._FLOW_TIMEOUT", 1)
    with pytest.raises(NothingFlowsError, match="the subscribers of half does"):
        compare(ForwarderAdapter("half", drop_every=2))


def test_of_a_failure_the_logs_are_kept() -> None:
    with pytest.raises(AdapterError, match="does not start") as failure:
        compare(FAITHFUL, ForwarderAdapter("broken", broken=True))
    [note] = failure.value.__notes__
    logs = sorted(map(Path, note.partition(": ")[2].split(", ")))
    assert [log.read_text() for log in logs] == ["broken was here", "faithful was here"]
    assert sorted(logs[0].parent.iterdir()) == logs
