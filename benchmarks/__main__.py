"""`python -m benchmarks forward …`: figures anybody can repeat. See docs/benchmarks.md."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence

from benchmarks import forward, report
from benchmarks.crowd import NothingFlowsError
from benchmarks.server import ServerError
from benchmarks.worker import WorkerError


def main(arguments: Sequence[str] | None = None) -> None:
    chosen = _parser().parse_args(arguments)
    # so that a terminated run stops its server and workers like an interrupted one
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    options = forward.Options(
        engine=chosen.engine,
        subscribers=chosen.subscribers,
        seconds=chosen.seconds,
        windows=chosen.windows,
        burst=chosen.burst,
        awake=chosen.awake,
    )
    try:
        figures = forward.run(options, lambda line: print(line, file=sys.stderr))
    except KeyboardInterrupt:
        sys.exit(130)
    except (ServerError, NothingFlowsError, WorkerError, OSError) as error:
        notes: list[str] = getattr(error, "__notes__", [])
        sys.exit("\n".join([f"The benchmark failed: {error}", *notes]))
    print(report.as_json(figures) if chosen.json else report.as_table(figures))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    commands = parser.add_subparsers(required=True)
    forwarding = commands.add_parser("forward", help="server CPU per forwarded packet")
    forwarding.add_argument(
        "--engine", choices=("auto", "native", "reference"), default="auto", help="packet path"
    )
    forwarding.add_argument(
        "--subscribers", type=_counts, default=(1, 5, 20, 50), help="comma list (1,5,20,50)"
    )
    forwarding.add_argument(
        "--windows", type=_positive, default=5, help="measured per number of subscribers (5)"
    )
    forwarding.add_argument("--seconds", type=float, default=2.0, help="length of a window (2)")
    forwarding.add_argument(
        "--burst", type=_positive, default=1, help="video packets of one frame, back to back (1)"
    )
    forwarding.add_argument(
        "--awake", action="store_true", help="keep the server's core from idling between packets"
    )
    forwarding.add_argument("--json", action="store_true", help="all figures, to keep")
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a positive number")
    return number


def _counts(text: str) -> tuple[int, ...]:
    return tuple(_positive(part) for part in text.split(","))


if __name__ == "__main__":
    main()
