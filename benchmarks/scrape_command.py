"""`python -m benchmarks scrape …`."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from benchmarks import scrape
from benchmarks.arguments import add_engine, positive

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def add_to(commands: Commands) -> None:
    parser = commands.add_parser("scrape", help="what telling metrics costs")
    parser.set_defaults(run=run)
    add_engine(parser)
    parser.add_argument("--participants", type=positive, default=500, help="in meetings (500)")
    parser.add_argument("--scrapes", type=positive, default=100, help="how many (100)")


def run(chosen: argparse.Namespace) -> None:
    options = scrape.Options(chosen.participants, chosen.scrapes, chosen.engine)
    print(scrape.as_text(scrape.run(options)))
