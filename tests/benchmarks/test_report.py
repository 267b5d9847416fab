"""How figures are told."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from benchmarks.forward import ONE_ENGINE, Report, Result
from benchmarks.join import Join
from benchmarks.latency import Latency
from benchmarks.machine import describe_machine
from benchmarks.options import Options
from benchmarks.report import as_json, as_table
from benchmarks.room import FLOOR, LOOPBACK
from benchmarks.subscribers import SERVER
from benchmarks.trial import Highest
from benchmarks.window import Window

WINDOW = Window(
    seconds=2.0,
    packets=999,
    cpu_us_per_packet=9.0,
    packets_in=200,
    packets_out=1000,
    lost=0,
    core_percent=1.5,
    others_percent=0.5,
    generator_percent=40,
    overflown=0,
)


@pytest.fixture
def report() -> Report:
    options = Options("reference", (1, 5), seconds=1, windows=3)
    results = [result(subscribers=count) for count in options.subscribers]
    return Report(describe_machine([0], [1]), options, "reference", results)


def windows(*cpu: float) -> list[Window]:
    return [replace(WINDOW, cpu_us_per_packet=value) for value in cpu]


def result(subscribers: int) -> Result:
    return Result(
        subscribers=subscribers,
        profile="gcm",
        windows={SERVER: windows(9.0, 8.0, 13.0), FLOOR: windows(3.0, 2.0, 5.0)},
        latency={
            SERVER: Latency(100, 90, 400, 500),
            FLOOR: Latency(100, 50, 60, 70),
            LOOPBACK: Latency(100, 30, 40, 45),
        },
        join=Join(enter_cpu_ms=4, connect_cpu_ms=3, enter_rss_kib=50, connect_rss_kib=90),
        rss_kib_per_participant=200,
        rss_kib_per_publisher=900,
        idle_core_percent=0.5,
        verified=10,
        wrong=0,
        keyframe_requests=1,
    )


def rows(report: Report) -> dict[str, str]:
    shown = as_table(report).split("\n\n", 1)[1]
    cells = [re.split(r"\s{2,}", line.strip()) for line in shown.splitlines()]
    return {name: last for name, *_, last in reversed(cells)}


def test_json_keeps_every_window_and_the_ratios(report: Report) -> None:
    document = json.loads(as_json(report))
    assert [row["subscribers"] for row in document["results"]] == [1, 5]
    first, second = document["results"]
    assert first["times_the_floor"] == 3.0
    assert first["times_one_engine"] is None
    assert first["cpu_us_per_packet"] == {SERVER: 9.0, FLOOR: 3.0}
    assert first["latency"][SERVER]["p99"] == 400
    assert len(second["windows"][SERVER]) == 3
    assert document["machine"]["server_cpus"] == [0]


def test_the_table_shows_medians_spreads_and_ratios(report: Report) -> None:
    shown = rows(report)
    assert shown["server CPU per forwarded packet, µs (median)"] == "9.00"
    assert shown["least … most of the windows"] == "8.00 … 13.00"
    assert shown["floor: bare loop, µs (median)"] == "3.00"
    assert shown["forwarding in times the floor"] == "3.00"
    assert shown["latency, µs: p50 / p99 / most"] == "90 / 400 / 500"
    assert shown["added by the server: p50 / p99"] == "60 / 360"
    assert shown["generator saturated"] == "no"


def test_what_was_not_measured_is_not_shown(report: Report) -> None:
    shown = rows(report)
    assert "one engine loaded, µs (median)" not in shown
    assert "highest rate without loss, packets out, 1/s" not in shown


def test_several_engines_are_compared_with_one(report: Report) -> None:
    report.results[1].windows[ONE_ENGINE] = windows(8.0, 10.0, 10.0)
    assert rows(report)["all engines in times one"] == "0.90"


def test_the_highest_rate_says_whose_limit_it_is(report: Report) -> None:
    found = Highest(15_000, 752_500, [], generator_limited=True)
    report.results[1].highest[SERVER] = found
    name = "highest rate without loss, packets out, 1/s"
    assert rows(report)[name] == "752,500 (generator's limit)"


def test_loss_of_all_windows_together(report: Report) -> None:
    report.results[1].windows[SERVER][0] = replace(WINDOW, packets=997, lost=5)
    assert rows(report)["lost, %"] == "0.167"


@pytest.mark.parametrize(
    "trouble", [replace(WINDOW, generator_percent=99.0), replace(WINDOW, overflown=1)]
)
def test_a_saturated_generator_makes_figures_void(report: Report, trouble: Window) -> None:
    report.results[1].windows[FLOOR][2] = trouble
    assert rows(report)["generator saturated"] == "YES: void"
