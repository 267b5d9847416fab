"""How figures are shown."""

from __future__ import annotations

import json
import re

import pytest

from benchmarks.forward import BareSendto, Join, Options, Report, Result, Window
from benchmarks.machine import describe_machine
from benchmarks.report import as_json, as_table


@pytest.fixture
def report() -> Report:
    options = Options("reference", (1, 5), seconds=1, windows=3, burst=1, awake=False)
    results = [result(subscribers=count) for count in options.subscribers]
    return Report(describe_machine([0], [1]), options, "reference", results)


def result(subscribers: int) -> Result:
    windows = [Window(cpu, 206, 206 * subscribers, 0, 1.5, 0.5) for cpu in (9.0, 8.0, 13.0)]
    return Result(
        subscribers=subscribers,
        cpu_us_per_packet=9.0,
        bare_sendto=BareSendto(back_to_back_us=3.0, paced_us=8.0),
        loss=0.001,
        join=Join(enter_cpu_ms=4, connect_cpu_ms=3, enter_rss_kib=50, connect_rss_kib=90),
        rss_kib_per_participant=200,
        idle_core_percent=0.5,
        generator_percent=20,
        verified=10,
        wrong=0,
        keyframe_requests=1,
        windows=windows,
    )


def test_json_keeps_every_window_and_the_ratio(report: Report) -> None:
    document = json.loads(as_json(report))
    assert [row["subscribers"] for row in document["results"]] == [1, 5]
    assert document["results"][0]["ratio"] == 3.0
    assert len(document["results"][1]["windows"]) == 3
    assert document["machine"]["server_cpus"] == [0]


def test_the_table_shows_median_spread_and_ratio(report: Report) -> None:
    rows = [re.split(r"\s{2,}", line.strip()) for line in as_table(report).splitlines()[3:]]
    shown = {name: last for name, *_, last in rows}
    assert shown["server CPU per forwarded packet, µs (median)"] == "9.0"
    assert shown["least … most of the windows"] == "8.0 … 13.0"
    assert shown["forwarding in such sendtos"] == "3.0"
    assert shown["lost, %"] == "0.100"
