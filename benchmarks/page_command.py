"""`python -m benchmarks page …`."""

from __future__ import annotations

import argparse
import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.arguments import positive, progress

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def add_to(commands: Commands) -> None:
    parser = commands.add_parser("page", help="joining, CPU and memory in a real Chromium")
    parser.set_defaults(run=run)
    parser.add_argument("--joins", type=positive, default=15, help="measured (15)")
    parser.add_argument(
        "--seconds", type=float, default=15.0, help="of each measurement of CPU (15)"
    )
    parser.add_argument("--visits", type=positive, default=100, help="of others, in all (100)")
    parser.add_argument("--json", type=Path, help="file for all figures")


def run(chosen: argparse.Namespace) -> None:
    # what only this command needs: Playwright and encoders
    from benchmarks import page
    from benchmarks.machine import describe_machine, split_cpus
    from benchmarks.network import enter_own_network

    enter_own_network()  # a browser shall reach nobody else
    machine = describe_machine(*split_cpus())
    report = page.run(page.Options(chosen.joins, chosen.seconds, chosen.visits), progress)
    print(page.as_text(report))
    if chosen.json is not None:
        content = {"machine": dataclasses.asdict(machine), **dataclasses.asdict(report)}
        chosen.json.write_text(json.dumps(content, indent=2) + "\n")
