"""Writes down what the impaired scenarios yielded."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Sequence
from itertools import groupby

from benchmarks.analysis import Analysis, Figures
from benchmarks.machine import Machine


def as_json(machine: Machine, analyses: Sequence[Analysis]) -> str:
    content = {
        "machine": dataclasses.asdict(machine),
        "scenarios": [dataclasses.asdict(analysis) for analysis in analyses],
    }
    return json.dumps(content, indent=2)


def as_text(analysis: Analysis) -> str:
    return "\n".join(_lines(analysis))


def _lines(analysis: Analysis) -> Iterator[str]:
    yield f"## {analysis.scenario}: {analysis.meaning}"
    link = "no limit" if analysis.link is None else f"{_kbit(analysis.link)}"
    yield (
        f"link {link}, offered {_kbit(analysis.offered)}, best set {_kbit(analysis.best)}, "
        f"best even set {_kbit(analysis.even)} kbit/s"
    )
    bystanders = [one for one in analysis.receivers if one.name.startswith("bystander")]
    for figures in analysis.receivers:
        if figures not in bystanders[1:]:
            yield from _receiver(figures, analysis)
    yield (
        f"server {analysis.server_cpu:.0%} of a core, event loop late by p50 "
        f"{analysis.loop_lag_ms[0]:.1f} p99 {analysis.loop_lag_ms[1]:.1f} ms; "
        f"relays late by p50 {analysis.relay_lag_ms[0]:.1f} p99 {analysis.relay_lag_ms[1]:.1f} ms"
    )
    for publisher in analysis.publishers:
        yield f"publisher: {publisher}"
    yield from map(str, analysis.verdicts)


def _receiver(figures: Figures, analysis: Analysis) -> Iterator[str]:
    shares = [] if analysis.link is None else [f"{figures.received / analysis.link:.0%} of link"]
    shares += [] if not analysis.best else [f"{figures.received / analysis.best:.0%} of best set"]
    shares += [] if not analysis.even else [f"{figures.received / analysis.even:.0%} of even set"]
    yield (
        f"{figures.name}: received {_kbit(figures.received)} kbit/s ({', '.join(shares)}), "
        f"of it resent {_kbit(figures.resent)}; padding {_kbit(figures.padding)}"
    )
    if (estimate := figures.estimate) is not None:
        share = "" if analysis.link is None else f" ({estimate.median / analysis.link:.0%} of link)"
        low, high = _kbit(estimate.low), _kbit(estimate.high)
        yield f"  estimate {_kbit(estimate.median)} kbit/s{share}, p10 {low}, p90 {high}"
    first = figures.time_to_first_frame
    yield (
        f"  freezes {figures.freezes} ({figures.frozen:.1f} s), paused {figures.paused:.1f} s, "
        f"first frame after {'never' if first is None else f'{first:.2f} s'}, "
        f"pleas {figures.pleas}, nacks {figures.nacks}"
        + "".join(f", {name} {value:g}" for name, value in figures.others.items())
    )
    recovered = "" if figures.recovered is None else f", recovered {figures.recovered:.4%}"
    yield (
        f"  queue standing {1000 * figures.standing_queue:.0f} ms, longest "
        f"{1000 * figures.longest_queue:.0f} ms; lost on the way "
        f"{figures.lost_on_the_way:.2%}{recovered}"
    )
    for number, layers in enumerate(figures.layers):
        yield f"  picture {number}: {_runs(layers)}"


def _runs(layers: Sequence[str]) -> str:
    """`720p ×12 s` for a dozen seconds in a row, frames a second as their least and most."""
    parts = []
    for height, group in groupby(layers, key=lambda layer: layer.partition("p")[0]):
        seconds = list(group)
        rates = [int(layer.partition("p")[2] or 0) for layer in seconds]
        many = f"{min(rates)}–{max(rates)}" if min(rates) != max(rates) else f"{rates[0]}"
        what = "nothing" if height == "-" else f"{height}p at {many}/s"
        parts.append(f"{what} × {len(seconds)} s")
    return ", ".join(parts)


def _kbit(bitrate: float | None) -> str:
    return "–" if bitrate is None else f"{bitrate / 1000:,.0f}"
