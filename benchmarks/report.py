"""A report as JSON, for keeping and comparing, and as a table, for reading."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Final

from benchmarks.forward import ONE_ENGINE, Report, Result
from benchmarks.options import Options
from benchmarks.room import FLOOR, LOOPBACK
from benchmarks.subscribers import SERVER
from benchmarks.window import Window

Cell = Callable[[Result], str]

NONE: Final = "–"
"""Not measured."""


def as_json(report: Report) -> str:
    document = asdict(report)
    for row, result in zip(document["results"], report.results, strict=True):
        row["cpu_us_per_packet"] = {who: result.cpu_us_per_packet(who) for who in result.windows}
        row["loss"] = {who: result.loss(who) for who in result.windows}
        row["times_the_floor"] = result.ratio(FLOOR)
        row["times_one_engine"] = result.ratio(ONE_ENGINE)
        row["generator_saturated"] = result.saturated
    return json.dumps(document, indent=2, ensure_ascii=False)


def as_table(report: Report) -> str:
    shown = [[(name, cell(result)) for name, cell in _ROWS] for result in report.results]
    rows = [row for row in zip(*shown, strict=True) if any(text != NONE for _, text in row)]
    columns = [["subscribers, SRTP profile"] + [row[0][0] for row in rows]]
    for index, result in enumerate(report.results):
        head = f"{result.subscribers}, {result.profile}"
        columns.append([head] + [row[index][1] for row in rows])
    return describe(report) + "\n" + "\n".join(lines(columns))


def describe(report: Report) -> str:
    machine, options = report.machine, report.options
    return (
        f"{report.engine} engine, commit {machine.commit}, {machine.date}\n"
        f"{machine.cores} × {machine.cpu}, Linux {machine.kernel}, Python {machine.python}; "
        f"server on core {machine.server_cpus}, generator on {machine.generator_cpus}, "
        f"load before {machine.load:.1f}; the server's core may "
        f"{'not ' if options.awake else ''}sleep\n"
        f"{_load(options)}\n"
    )


def _load(options: Options) -> str:
    traffic = options.traffic
    if options.sizes == "chromium":
        frames = f"{traffic.frame_rate:.1f} frames a second as Chromium sent them"
    else:
        frames = f"{traffic.frame_rate:.1f} frames a second of {options.frame_packets} packets"
    if options.rate == "max":
        frames = f"as many frames of {traffic.packets_per_frame:.1f} packets as get through"
    notes = [
        frames,
        "one room" if options.engines == 1 else f"{options.engines} engines, a room on each",
    ]
    if options.busy_loop:
        notes.append("the event loop is held 5 ms of every 20 ms, and its CPU time is in the µs")
    if not options.joined:
        notes.append("receivers take datagrams one by one")
    return "; ".join(notes)


def lines(columns: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in columns]
    return [
        "  ".join(
            cell.ljust(width) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in zip(*columns, strict=True)
    ]


def _mean(pick: Callable[[Window], float], digits: int = 0, who: str = SERVER) -> Cell:
    def cell(result: Result) -> str:
        windows = result.windows[who]
        return f"{sum(map(pick, windows)) / len(windows):.{digits}f}"

    return cell


def _cpu(who: str) -> Cell:
    def cell(result: Result) -> str:
        return f"{result.cpu_us_per_packet(who):.2f}" if who in result.windows else NONE

    return cell


def _spread(who: str) -> Cell:
    def cell(result: Result) -> str:
        values = [window.cpu_us_per_packet for window in result.windows.get(who, ())]
        return f"{min(values):.2f} … {max(values):.2f}" if values else NONE

    return cell


def _ratio(other: str) -> Cell:
    def cell(result: Result) -> str:
        ratio = result.ratio(other)
        return NONE if ratio is None else f"{ratio:.2f}"

    return cell


def _loss(who: str) -> Cell:
    def cell(result: Result) -> str:
        return f"{100 * result.loss(who):.3f}" if who in result.windows else NONE

    return cell


def _highest(who: str) -> Cell:
    def cell(result: Result) -> str:
        if who not in result.highest:
            return NONE
        found = result.highest[who]
        limited = " (generator's limit)" if found.generator_limited else ""
        return f"{found.packets_out:,.0f}{limited}"

    return cell


def _latency(who: str) -> Cell:
    def cell(result: Result) -> str:
        found = result.latency.get(who)
        if found is None:
            return NONE
        return f"{found.p50} / {found.p99} / {found.most}"

    return cell


def _added(result: Result) -> str:
    server, loopback = result.latency[SERVER], result.latency[LOOPBACK]
    if server is None or loopback is None:
        return NONE
    return f"{server.p50 - loopback.p50} / {server.p99 - loopback.p99}"


_ROWS: Final[tuple[tuple[str, Cell], ...]] = (
    ("server CPU per forwarded packet, µs (median)", _cpu(SERVER)),
    ("  least … most of the windows", _spread(SERVER)),
    ("floor: bare loop, µs (median)", _cpu(FLOOR)),
    ("  least … most of the windows", _spread(FLOOR)),
    ("  forwarding in times the floor", _ratio(FLOOR)),
    ("one engine loaded, µs (median)", _cpu(ONE_ENGINE)),
    ("  all engines in times one", _ratio(ONE_ENGINE)),
    ("highest rate without loss, packets out, 1/s", _highest(SERVER)),
    ("  of the floor", _highest(FLOOR)),
    ("latency, µs: p50 / p99 / most", _latency(SERVER)),
    ("  of the floor", _latency(FLOOR)),
    ("  of the generator alone", _latency(LOOPBACK)),
    ("  added by the server: p50 / p99", _added),
    ("packets in, 1/s", _mean(lambda w: w.packets_in)),
    ("packets out, 1/s", _mean(lambda w: w.packets_out)),
    ("lost, %", _loss(SERVER)),
    ("  by the floor", _loss(FLOOR)),
    ("server core, %", _mean(lambda w: w.core_percent, 1)),
    ("  by others, %", _mean(lambda w: w.others_percent, 1)),
    ("  connected, nothing sent, %", lambda r: f"{r.idle_core_percent:.1f}"),
    ("generator core, %", _mean(lambda w: w.generator_percent)),
    ("  generator saturated", lambda r: "YES: void" if r.saturated else "no"),
    ("join, CPU ms: enter", lambda r: f"{r.join.enter_cpu_ms:.1f}"),
    ("join, CPU ms: connect", lambda r: f"{r.join.connect_cpu_ms:.1f}"),
    ("join, KiB of RSS: enter", lambda r: f"{r.join.enter_rss_kib:.0f}"),
    ("join, KiB of RSS: connect", lambda r: f"{r.join.connect_rss_kib:.0f}"),
    ("  both, with media flowing", lambda r: f"{r.rss_kib_per_participant:.0f}"),
    ("one more publisher, KiB of RSS", lambda r: f"{r.rss_kib_per_publisher:.0f}"),
    ("samples decrypted, right / wrong", lambda r: f"{r.verified} / {r.wrong}"),
)
