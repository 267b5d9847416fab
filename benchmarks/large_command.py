"""`python -m benchmarks large …`."""

from __future__ import annotations

import argparse
import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.arguments import add_engine, positive, progress

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def add_to(commands: Commands) -> None:
    parser = commands.add_parser("large", help="a meeting of many")
    parser.set_defaults(run=run)
    parser.add_argument("--participants", type=positive, default=200, help="in all (200)")
    parser.add_argument("--cameras", type=positive, default=20, help="of them send video (20)")
    parser.add_argument("--visible", type=positive, default=9, help="pictures each shows (9)")
    parser.add_argument("--seconds", type=float, default=20.0, help="measured (20)")
    parser.add_argument("--no-browser", action="store_true", help="nobody is a real Chromium")
    parser.add_argument("--json", nargs="?", type=Path, const=Path("-"), help="file (-: print)")
    add_engine(parser)


def run(chosen: argparse.Namespace) -> None:
    # what only this command needs: Playwright and encoders
    from benchmarks import large
    from benchmarks.machine import describe_machine, split_cpus
    from benchmarks.network import enter_own_network

    options = large.Options(
        participants=chosen.participants,
        cameras=chosen.cameras,
        visible=chosen.visible,
        seconds=chosen.seconds,
        engine=chosen.engine,
        browser=not chosen.no_browser,
    )
    if options.browser:
        enter_own_network()  # a browser shall reach nobody else
    machine = describe_machine(*split_cpus())
    report = large.run(options, progress)
    content = {"machine": dataclasses.asdict(machine), **dataclasses.asdict(report)}
    if chosen.json == Path("-"):
        print(json.dumps(content, indent=2))
        return
    print(large.as_text(report))
    if chosen.json is not None:
        chosen.json.write_text(json.dumps(content, indent=2) + "\n")
