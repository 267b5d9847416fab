"""`python -m benchmarks memory …`."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from benchmarks import engine_memory
from benchmarks.arguments import add_engine
from benchmarks.machine import split_cpus

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def add_to(commands: Commands) -> None:
    parser = commands.add_parser("memory", help="what the engine alone keeps per participant")
    parser.set_defaults(run=run)
    add_engine(parser)
    parser.add_argument("--json", action="store_true")


def run(chosen: argparse.Namespace) -> None:
    server_cpus, _ = split_cpus()
    memory = engine_memory.measure(chosen.engine, server_cpus[0])
    print(json.dumps(asdict(memory)) if chosen.json else engine_memory.as_table(memory))
