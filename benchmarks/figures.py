"""All figures of docs/benchmarks.md in one go, beside the goals that the native engine has."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from benchmarks import engine_memory, forward, report
from benchmarks.forward import ONE_ENGINE, Report, Result
from benchmarks.goal import Goal
from benchmarks.machine import split_cpus
from benchmarks.options import Options
from benchmarks.room import FLOOR, LOOPBACK
from benchmarks.subscribers import SERVER

Values = dict[str, float]
"""What was measured, by what it is."""


@dataclass(frozen=True, slots=True)
class Row:
    what: str
    value: float
    goal: Goal | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """One call of `forward`, and which of its figures have a goal."""

    title: str
    options: Options
    values: Callable[[Result], Values]
    goals: dict[tuple[int, str], Goal]
    """By number of subscribers and what is measured."""

    @property
    def command(self) -> str:
        return f"python -m benchmarks forward {arguments(self.options)}"


CPU, TIMES = "µs per packet", "times the floor"
ADDED_99, RATE, RSS = "p99 added, µs", "packets/s out", "process, KiB per subscriber"
TIMES_ONE: Final = "times one engine"


def arguments(options: Options) -> str:
    """The command line that asks for these options."""
    parts = [f"--engine {options.engine}", f"--subscribers {_joined(options.subscribers)}"]
    parts += [f"--windows {options.windows}", f"--seconds {options.seconds:g}"]
    if options.sizes == "even":
        parts.append(f"--frame-packets {options.frame_packets}")
    else:
        parts.append(f"--sizes {options.sizes}")
    if options.rate is not None:
        parts.append(f"--rate {options.rate}")
    if options.engines > 1:
        parts.append(f"--engines {options.engines}")
    if options.profiles != ("gcm",):
        parts.append(f"--profile {'both' if len(options.profiles) > 1 else options.profiles[0]}")
    flags = {"--busy-loop": options.busy_loop, "--floor": options.floor}
    flags |= {"--plain-receivers": not options.joined, "--awake": options.awake}
    return " ".join([*parts, *(flag for flag, on in flags.items() if on)])


def _joined(counts: tuple[int, ...]) -> str:
    return ",".join(map(str, counts))


def _cost(result: Result) -> Values:
    values = {CPU: result.cpu_us_per_packet()}
    if (ratio := result.ratio(FLOOR)) is not None:
        values[TIMES] = ratio
    return values


def _cost_and_memory(result: Result) -> Values:
    return {**_cost(result), RSS: result.rss_kib_per_participant}


def _cost_and_rate(result: Result) -> Values:
    rates = {RATE: result.highest[SERVER].packets_out}
    if FLOOR in result.highest:
        rates[f"{RATE}, floor"] = result.highest[FLOOR].packets_out
    return {**_cost(result), **rates}


def _latency(result: Result) -> Values:
    server, alone = result.latency[SERVER], result.latency[LOOPBACK]
    if server is None or alone is None:
        return {}
    return {ADDED_99: server.p99 - alone.p99, "p99, µs": server.p99, "p50, µs": server.p50}


def _cost_beside_one(result: Result) -> Values:
    return {CPU: result.cpu_us_per_packet(), TIMES_ONE: result.ratio(ONE_ENGINE) or 0.0}


def runs() -> tuple[Run, ...]:
    native = "native"
    return (
        Run(
            "frames of 5",
            Options(native, (5, 50, 200), floor=True),
            _cost_and_memory,
            {
                (5, CPU): Goal(most=5),
                (50, CPU): Goal(most=1.5),
                (50, TIMES): Goal(most=1.5),
                (200, CPU): Goal(most=1.5),
                (200, TIMES): Goal(most=1.5),
                (200, RSS): Goal(most=160),
            },
        ),
        Run(
            "frames of 5, plain receivers",
            Options(native, (50,), floor=True, joined=False),
            _cost,
            {},
        ),
        Run(
            "frames of 5, AES128_CM_SHA1_80",
            Options(native, (50,), profiles=("cm",), floor=True),
            _cost,
            {},
        ),
        Run(
            "single packets",
            Options(native, (50,), frame_packets=1, rate=156.25, floor=True),
            _cost,
            {(50, CPU): Goal(most=2.2)},
        ),
        Run(
            "sizes of Chromium",
            Options(native, (50,), sizes="chromium", floor=True),
            _cost,
            {},
        ),
        Run(
            "saturated, frames of 8",
            Options(native, (50,), frame_packets=8, rate="max", floor=True),
            _cost_and_rate,
            {(50, TIMES): Goal(most=1.3), (50, RATE): Goal(least=750_000)},
        ),
        Run(
            "event loop held",
            Options(native, (50,), busy_loop=True, windows=3),
            _latency,
            {(50, ADDED_99): Goal(most=2000)},
        ),
        Run(
            "event loop held, reference engine",
            Options("reference", (50,), busy_loop=True, windows=3),
            _latency,
            {},
        ),
        Run(
            "two engines",
            Options(native, (50,), engines=2),
            _cost_beside_one,
            {(50, TIMES_ONE): Goal(most=1.1)},
        ),
    )


@dataclass(frozen=True, slots=True)
class Figures:
    reports: list[tuple[Run, Report]]
    memory: engine_memory.EngineMemory

    def rows(self) -> list[Row]:
        rows = [row for run, of in self.reports for row in rows_of(run, of.results)]
        memory = self.memory
        return [
            *rows,
            Row("engine alone, KiB per subscriber", memory.per_subscriber, Goal(most=32)),
            Row("engine alone, KiB per publisher", memory.per_publisher, Goal(most=1024)),
        ]


def rows_of(run: Run, results: list[Result]) -> list[Row]:
    return [
        Row(
            f"{run.title}, N={result.subscribers}: {what}",
            value,
            run.goals.get((result.subscribers, what)),
            "generator saturated" if result.saturated else "",
        )
        for result in results
        for what, value in run.values(result).items()
    ]


def measure(progress: Callable[[str], None], *, check: bool = False) -> Figures:
    """`progress` gets each report as soon as it is there. `check`: windows so short that they only
    show that everything works."""
    reports = []
    for run in map(_shortened, runs()) if check else runs():
        progress(f"\n{run.title}: {run.command}")
        reports.append((run, forward.run(run.options, progress)))
        progress(report.as_table(reports[-1][1]))
    progress("python -m benchmarks memory --engine native")
    server_cpus, _ = split_cpus()
    return Figures(reports, engine_memory.measure("native", server_cpus[0]))


def _shortened(run: Run) -> Run:
    return replace(run, options=replace(run.options, windows=1, seconds=0.3))


def as_table(figures: Figures) -> str:
    cells = [["", "measured", "goal", "", ""]]
    for row in figures.rows():
        verdict = "" if row.goal is None else "met" if row.goal.met(row.value) else "MISSED"
        goal = "" if row.goal is None else str(row.goal)
        cells.append([row.what, _shown(row.value), goal, verdict, row.note])
    columns = [[line[place] for line in cells] for place in range(len(cells[0]))]
    return "\n".join(report.lines(columns))


def _shown(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"


def as_json(figures: Figures) -> str:
    document: dict[str, Any] = {
        "rows": [asdict(row) for row in figures.rows()],
        "memory": asdict(figures.memory),
        "runs": [
            {"title": run.title, "command": run.command, "report": json.loads(report.as_json(of))}
            for run, of in figures.reports
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)
