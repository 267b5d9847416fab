"""`python -m benchmarks figures`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import figures
from benchmarks.arguments import progress

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def add_to(commands: Commands) -> None:
    parser = commands.add_parser("figures", help="all figures that have a goal, in one table")
    parser.set_defaults(run=run)
    parser.add_argument("--check", action="store_true", help="only see that everything works")
    parser.add_argument("--json", type=Path, metavar="FILE", help="all of them, to keep")


def run(chosen: argparse.Namespace) -> None:
    measured = figures.measure(progress, check=chosen.check)
    if chosen.json is not None:
        chosen.json.write_text(figures.as_json(measured) + "\n")
    print(figures.as_table(measured))
