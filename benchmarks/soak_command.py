"""`python -m benchmarks soak …`."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from benchmarks import soak
from benchmarks.arguments import add_engine, positive

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def add_to(commands: Commands) -> None:
    parser = commands.add_parser("soak", help="what grows in a server that is used for long")
    parser.set_defaults(run=run)
    add_engine(parser)
    parser.add_argument("--minutes", type=positive, default=60, help="of use (60)")
    parser.add_argument("--people", type=positive, default=12, help="present at a time (12)")
    parser.add_argument("--meetings", type=positive, default=3, help="they are in (3)")
    parser.add_argument("--seed", type=int, default=1, help="of what they do (1)")


def run(chosen: argparse.Namespace) -> None:
    """Exits with 1 if something has grown or failed, or an error was logged."""
    report = soak.run(
        soak.Options(
            chosen.minutes, chosen.people, chosen.meetings, chosen.engine, seed=chosen.seed
        )
    )
    print(soak.as_text(report))
    if not report.flat or report.failures or report.end.errors:
        sys.exit(1)
