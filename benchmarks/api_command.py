"""`python -m benchmarks api …`."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from benchmarks import api
from benchmarks.arguments import positive, progress

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def add_to(commands: Commands) -> None:
    parser = commands.add_parser("api", help="requests to the HTTP API, beside a meeting too")
    parser.set_defaults(run=run)
    parser.add_argument("--rate", type=float, default=200.0, help="requests a second (200)")
    parser.add_argument("--subscribers", type=positive, default=50, help="of the meeting (50)")
    parser.add_argument("--seconds", type=float, default=3.0, help="length of a window (3)")
    parser.add_argument(
        "--awake", action="store_true", help="keep the server's core from idling between requests"
    )
    parser.add_argument("--json", action="store_true", help="all figures, to keep")


def run(chosen: argparse.Namespace) -> None:
    options = api.Options(
        rate=chosen.rate,
        subscribers=chosen.subscribers,
        seconds=chosen.seconds,
        awake=chosen.awake,
    )
    measured = api.run(options, progress)
    print(api.as_json(measured) if chosen.json else api.as_table(measured))
