"""`python -m benchmarks forward …`: figures anybody can repeat. See docs/benchmarks.md."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

from benchmarks import engine_memory, figures, forward, report
from benchmarks.burst import MAX_BURST
from benchmarks.crowd import NothingFlowsError
from benchmarks.library import CompilerError
from benchmarks.machine import split_cpus
from benchmarks.options import Options
from benchmarks.server import ServerError
from benchmarks.worker import WorkerError

PROFILES: Final = ("gcm", "cm")


def main(arguments: Sequence[str] | None = None) -> None:
    chosen = _parser().parse_args(arguments)
    # so that a terminated run stops its server and workers like an interrupted one
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        chosen.run(chosen)
    except KeyboardInterrupt:
        sys.exit(130)
    except (ServerError, NothingFlowsError, WorkerError, CompilerError, OSError) as error:
        notes: list[str] = getattr(error, "__notes__", [])
        sys.exit("\n".join([f"The benchmark failed: {error}", *notes]))


def parse_options(arguments: Sequence[str]) -> Options:
    """Those of `forward`."""
    return _options(_parser().parse_args(arguments))


def _options(chosen: argparse.Namespace) -> Options:
    return Options(
        engine=chosen.engine,
        subscribers=chosen.subscribers,
        seconds=chosen.seconds,
        windows=chosen.windows,
        sizes=chosen.sizes,
        frame_packets=chosen.frame_packets,
        rate=chosen.rate,
        engines=chosen.engines,
        profiles=PROFILES if chosen.profile == "both" else (chosen.profile,),
        busy_loop=chosen.busy_loop,
        floor=chosen.floor,
        joined=chosen.gro,
        awake=chosen.awake,
    )


def _forward(chosen: argparse.Namespace) -> None:
    measured = forward.run(_options(chosen), _progress)
    print(report.as_json(measured) if chosen.json else report.as_table(measured))


def _memory(chosen: argparse.Namespace) -> None:
    server_cpus, _ = split_cpus()
    memory = engine_memory.measure(chosen.engine, server_cpus[0])
    shown = json.dumps(asdict(memory)) if chosen.json else engine_memory.as_table(memory)
    print(shown)


def _figures(chosen: argparse.Namespace) -> None:
    measured = figures.measure(_progress)
    if chosen.json is not None:
        chosen.json.write_text(figures.as_json(measured) + "\n")
    print(figures.as_table(measured))


def _progress(line: str) -> None:
    print(line, file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    commands = parser.add_subparsers(required=True)
    forwarding = commands.add_parser("forward", help="server CPU per forwarded packet")
    forwarding.set_defaults(run=_forward)
    _add_load(forwarding)
    _add_server(forwarding)
    forwarding.add_argument(
        "--windows", type=_positive, default=5, help="measured per number of subscribers (5)"
    )
    forwarding.add_argument("--seconds", type=float, default=2.0, help="length of a window (2)")
    forwarding.add_argument("--floor", action="store_true", help="measure a bare loop in turn")
    forwarding.add_argument("--json", action="store_true", help="all figures, to keep")
    memory = commands.add_parser("memory", help="what the engine alone keeps per participant")
    memory.set_defaults(run=_memory)
    _add_engine(memory)
    memory.add_argument("--json", action="store_true")
    everything = commands.add_parser("figures", help="all figures that have a goal, in one table")
    everything.set_defaults(run=_figures)
    everything.add_argument("--json", type=Path, help="file for all of them, to keep")
    return parser


def _add_load(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--subscribers", type=_counts, default=(1, 5, 20, 50), help="comma list (1,5,20,50)"
    )
    parser.add_argument(
        "--frame-packets", type=_frame, default=5, help="1,200-byte packets per frame (5)"
    )
    parser.add_argument(
        "--rate", type=_rate, help="video packets a second (30 frames), or max: the highest"
    )
    parser.add_argument(
        "--sizes", choices=("even", "chromium"), default="even", help="packet sizes (even)"
    )
    parser.add_argument(
        "--profile", choices=(*PROFILES, "both"), default="gcm", help="of SRTP (gcm)"
    )
    parser.add_argument(
        "--gro", action="store_true", help="receivers let the kernel join datagrams"
    )


def _add_server(parser: argparse.ArgumentParser) -> None:
    _add_engine(parser)
    parser.add_argument(
        "--engines", type=_positive, default=1, help="packet paths, a room on each (1)"
    )
    parser.add_argument(
        "--busy-loop", action="store_true", help="hold the event loop 5 ms of every 20 ms"
    )
    parser.add_argument(
        "--awake", action="store_true", help="keep the server's core from idling between packets"
    )


def _add_engine(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--engine", choices=("auto", "native", "reference"), default="auto", help="packet path"
    )


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a positive number")
    return number


def _frame(text: str) -> int:
    number = _positive(text)
    if number > MAX_BURST:
        raise argparse.ArgumentTypeError(f"a frame has at most {MAX_BURST} packets")
    return number


def _rate(text: str) -> float | str:
    if text == "max":
        return text
    rate = float(text)
    if not rate > 0:
        raise argparse.ArgumentTypeError(f"{text} is not a positive number")
    return rate


def _counts(text: str) -> tuple[int, ...]:
    return tuple(_positive(part) for part in text.split(","))


if __name__ == "__main__":
    main()
