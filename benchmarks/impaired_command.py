"""`python -m benchmarks impaired …`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.arguments import add_engine, progress

if TYPE_CHECKING:
    from benchmarks.scenarios import Scenario

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def add_to(commands: Commands) -> None:
    parser = commands.add_parser("impaired", help="how meetings look on bad networks")
    parser.set_defaults(run=run)
    parser.add_argument("--scenario", default="all", help="names, comma list (all)")
    parser.add_argument("--list", action="store_true", help="the scenarios' names")
    parser.add_argument(
        "--no-browser", action="store_true", help="synthetic receivers alone: no Chromium"
    )
    parser.add_argument("--seconds", type=float, help="measured of each, for a quick look")
    parser.add_argument("--settle", type=float, help="seconds before that")
    parser.add_argument("--seed", type=int, default=1, help="of losses and jitter (1)")
    parser.add_argument("--json", nargs="?", type=Path, const=Path("-"), help="file (-: print)")
    add_engine(parser)


def run(chosen: argparse.Namespace) -> None:
    # what only this command needs: Playwright and encoders
    from benchmarks import impaired, impaired_report
    from benchmarks.analysis import analyse
    from benchmarks.machine import describe_machine, split_cpus
    from benchmarks.network import enter_own_network
    from benchmarks.scenarios import SCENARIOS

    if chosen.list:
        for scenario in SCENARIOS:
            print(f"{scenario.name:12} {scenario.meaning}")
        return
    options = impaired.Options(
        engine=chosen.engine,
        browser=not chosen.no_browser,
        seconds=chosen.seconds,
        settle=chosen.settle,
        seed=chosen.seed,
    )
    if options.browser:
        enter_own_network()  # a browser shall reach nobody else
    machine = describe_machine(*split_cpus())
    analyses = []
    for outcome in impaired.run(_selected(chosen.scenario, SCENARIOS), options, progress):
        analyses.append(analyse(outcome))
        if chosen.json != Path("-"):
            print(impaired_report.as_text(analyses[-1]), end="\n\n", flush=True)
    if chosen.json is not None:
        _write(chosen.json, impaired_report.as_json(machine, analyses))


def _selected(names: str, known: tuple[Scenario, ...]) -> list[Scenario]:
    if names == "all":
        return list(known)
    by_name = {scenario.name: scenario for scenario in known}
    unknown = set(names.split(",")) - by_name.keys()
    if unknown:
        raise argparse.ArgumentTypeError(f"no such scenario: {', '.join(sorted(unknown))}")
    return [by_name[name] for name in names.split(",")]


def _write(file: Path, text: str) -> None:
    if file == Path("-"):
        print(text)
    else:
        file.write_text(text + "\n")
