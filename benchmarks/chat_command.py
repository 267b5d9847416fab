"""`python -m benchmarks chat …`."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from benchmarks import chat
from benchmarks.arguments import positive, progress

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def add_to(commands: Commands) -> None:
    parser = commands.add_parser("chat", help="server CPU per delivered message")
    parser.set_defaults(run=run)
    parser.add_argument("--clients", type=positive, default=200, help="connections (200)")
    parser.add_argument("--people", type=positive, default=20, help="accounts they belong to (20)")
    parser.add_argument(
        "--rates",
        type=_rates,
        default=chat.RATES,
        help="comma list of messages a second, or flood: as many as it takes (5,50,flood)",
    )
    parser.add_argument("--seconds", type=float, default=5.0, help="length of a window (5)")
    parser.add_argument("--windows", type=positive, default=3, help="measured per rate (3)")
    parser.add_argument(
        "--awake", action="store_true", help="keep the server's core from idling between messages"
    )
    parser.add_argument("--json", action="store_true", help="all figures, to keep")


def run(chosen: argparse.Namespace) -> None:
    options = chat.Options(
        clients=chosen.clients,
        people=chosen.people,
        rates=chosen.rates,
        seconds=chosen.seconds,
        windows=chosen.windows,
        awake=chosen.awake,
    )
    measured = chat.run(options, progress)
    print(chat.as_json(measured) if chosen.json else chat.as_table(measured))


def _rates(text: str) -> tuple[float | None, ...]:
    return tuple(None if part == "flood" else float(part) for part in text.split(","))
