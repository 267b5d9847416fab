"""A report as JSON, for keeping and comparing, and as a table, for reading."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict

from benchmarks.forward import Report, Result

_ROWS: tuple[tuple[str, Callable[[Result], str]], ...] = (
    ("server CPU per forwarded packet, µs (median)", lambda r: f"{r.cpu_us_per_packet:.1f}"),
    ("  least … most of the windows", lambda r: _spread([w.cpu_us_per_packet for w in r.windows])),
    ("bare sendto, back to back, µs", lambda r: f"{r.bare_sendto.back_to_back_us:.1f}"),
    ("  forwarding in such sendtos", lambda r: f"{r.ratio:.1f}"),
    ("bare sendto at the publisher's pace, µs", lambda r: f"{r.bare_sendto.paced_us:.1f}"),
    ("packets in, 1/s", lambda r: f"{_mean([w.packets_in for w in r.windows]):.0f}"),
    ("packets out, 1/s", lambda r: f"{_mean([w.packets_out for w in r.windows]):.0f}"),
    ("lost, %", lambda r: f"{100 * r.loss:.3f}"),
    ("server core, %", lambda r: f"{_mean([w.core_percent for w in r.windows]):.1f}"),
    (
        "  by others, %",
        lambda r: f"{_mean([w.others_percent for w in r.windows]):.1f}",
    ),
    ("  connected, nothing sent, %", lambda r: f"{r.idle_core_percent:.1f}"),
    ("join, CPU ms: enter", lambda r: f"{r.join.enter_cpu_ms:.1f}"),
    ("join, CPU ms: connect", lambda r: f"{r.join.connect_cpu_ms:.1f}"),
    ("join, KiB of RSS: enter", lambda r: f"{r.join.enter_rss_kib:.0f}"),
    ("join, KiB of RSS: connect", lambda r: f"{r.join.connect_rss_kib:.0f}"),
    ("  both, with media flowing", lambda r: f"{r.rss_kib_per_participant:.0f}"),
    ("generator core, %", lambda r: f"{r.generator_percent:.0f}"),
    ("samples decrypted, right / wrong", lambda r: f"{r.verified} / {r.wrong}"),
)


def as_json(report: Report) -> str:
    document = asdict(report)
    for row, result in zip(document["results"], report.results, strict=True):
        row["ratio"] = result.ratio
    return json.dumps(document, indent=2, ensure_ascii=False)


def as_table(report: Report) -> str:
    machine = report.machine
    head = (
        f"{report.engine} engine, commit {machine.commit}, {machine.date}\n"
        f"{machine.cores} × {machine.cpu}, Linux {machine.kernel}, Python {machine.python}; "
        f"server on core {machine.server_cpus}, generator on {machine.generator_cpus}, "
        f"load before {machine.load:.1f}; the server's core may "
        f"{'not ' if report.options.awake else ''}sleep\n"
    )
    columns = [["subscribers"] + [name for name, _ in _ROWS]]
    for result in report.results:
        columns.append([str(result.subscribers)] + [cell(result) for _, cell in _ROWS])
    return head + "\n" + "\n".join(_lines(columns))


def _lines(columns: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in columns]
    return [
        "  ".join(
            cell.ljust(width) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in zip(*columns, strict=True)
    ]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _spread(values: Sequence[float]) -> str:
    return f"{min(values):.1f} … {max(values):.1f}"
