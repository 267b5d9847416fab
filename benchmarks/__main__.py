"""`python -m benchmarks COMMAND`: figures anybody can repeat. See docs/benchmarks.md."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from typing import Final

from benchmarks import (
    api_command,
    chat_command,
    figures_command,
    forward_command,
    impaired_command,
    large_command,
    memory_command,
    page_command,
    peers_command,
    scrape_command,
    soak_command,
)
from benchmarks.adapters.adapter import AdapterError
from benchmarks.crowd import NothingFlowsError
from benchmarks.library import CompilerError
from benchmarks.network import NetworkError
from benchmarks.server import ServerError
from benchmarks.worker import WorkerError

_FAILURES: Final = (
    AdapterError,
    CompilerError,
    NetworkError,
    NothingFlowsError,
    OSError,
    ServerError,
    WorkerError,
)


def main(arguments: Sequence[str] | None = None) -> None:
    chosen = _parser().parse_args(arguments)
    # so that a terminated run stops its server and workers like an interrupted one
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        chosen.run(chosen)
    except KeyboardInterrupt:
        sys.exit(130)
    except _FAILURES as error:
        notes: list[str] = getattr(error, "__notes__", [])
        sys.exit("\n".join([f"The benchmark failed: {error}", *notes]))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    commands = parser.add_subparsers(required=True)
    for command in (
        forward_command,
        impaired_command,
        large_command,
        peers_command,
        memory_command,
        chat_command,
        api_command,
        page_command,
        scrape_command,
        soak_command,
        figures_command,
    ):
        command.add_to(commands)
    return parser


if __name__ == "__main__":
    main()
