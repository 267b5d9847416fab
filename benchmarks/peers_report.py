"""Servers beside each other, as JSON and as a table."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from statistics import mean
from typing import Final

from benchmarks.peers import Comparison, Options, Report, Result
from benchmarks.report import lines
from benchmarks.window import Window

_PROFILES: Final = {"gcm": "AEAD_AES_128_GCM", "cm": "AES128_CM_SHA1_80"}


def as_json(report: Report) -> str:
    document = asdict(report)
    for rows, comparison in zip(document["comparisons"], report.comparisons, strict=True):
        for row, result in zip(rows["results"], comparison.results, strict=True):
            row["ratio"] = comparison.ratio(result)
    return json.dumps(document, indent=2, ensure_ascii=False)


def as_table(report: Report) -> str:
    machine = report.machine
    head = (
        f"commit {machine.commit}, {machine.date}\n"
        f"{machine.cores} × {machine.cpu}, Linux {machine.kernel}, Python {machine.python}; "
        f"servers on core {machine.server_cpus}, generator on {machine.generator_cpus}, "
        f"load before {machine.load:.1f}\n"
        f"{_load(report.options)}\n"
    )
    return "\n".join([head, *map(_compare, report.comparisons)])


def _load(options: Options) -> str:
    traffic = options.traffic
    return (
        f"{options.subscribers} subscribers of each; {traffic.frame_rate:.1f} frames a second of "
        f"{traffic.packets_per_frame:.1f} packets; {options.windows} windows of "
        f"{options.seconds:g} s each, in turn"
    )


def _compare(comparison: Comparison) -> str:
    first = comparison.results[0].name
    columns = [[_PROFILES[comparison.profile], _CPU, f"  times {first}", *_ROWS]]
    for result in comparison.results:
        columns.append(
            [
                result.name,
                f"{result.cpu_us_per_packet:.2f}",
                f"{comparison.ratio(result):.1f}",
                *(cell(result) for cell in _ROWS.values()),
            ]
        )
    return "\n".join(lines(columns)) + "\n"


def _mean(figure: Callable[[Window], float], digits: int = 1) -> Callable[[Result], str]:
    return lambda result: f"{mean(map(figure, result.windows)):.{digits}f}"


def _spread(result: Result) -> str:
    values = [window.cpu_us_per_packet for window in result.windows]
    return f"{min(values):.2f} … {max(values):.2f}"


def _saturated(result: Result) -> str:
    return "YES: void" if any(window.saturated for window in result.windows) else "no"


_CPU: Final = "server CPU per forwarded packet, µs (median)"
_ROWS: Final[dict[str, Callable[[Result], str]]] = {
    "  least … most of the windows": _spread,
    "lost, %": lambda r: f"{100 * r.loss:.3f}",
    "delivered of what was sent, %": lambda r: f"{100 * r.delivered:.3f}",
    "RSS, MiB": lambda r: f"{r.rss_mib:.0f}",
    "  growth per subscriber, KiB": lambda r: f"{r.rss_kib_per_subscriber:.0f}",
    "packets in, 1/s": _mean(lambda w: w.packets_in, 0),
    "packets out, 1/s": _mean(lambda w: w.packets_out, 0),
    "server core, %": _mean(lambda w: w.core_percent),
    "  by others, %": _mean(lambda w: w.others_percent),
    "generator core, %": _mean(lambda w: w.generator_percent),
    "  generator saturated": _saturated,
    "samples decrypted, right / wrong": lambda r: f"{r.verified} / {r.wrong}",
}
