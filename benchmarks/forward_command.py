"""`python -m benchmarks forward …`."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Final

from benchmarks import forward, report
from benchmarks.arguments import add_engine, counts, positive, progress
from benchmarks.burst import MAX_BURST
from benchmarks.options import Options

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

_PROFILES: Final = ("gcm", "cm")


def add_to(commands: Commands) -> None:
    parser = commands.add_parser("forward", help="server CPU per forwarded packet")
    parser.set_defaults(run=run)
    _add_load(parser)
    _add_server(parser)
    _add_measuring(parser)


def run(chosen: argparse.Namespace) -> None:
    measured = forward.run(options(chosen), progress)
    print(report.as_json(measured) if chosen.json else report.as_table(measured))


def options(chosen: argparse.Namespace) -> Options:
    return Options(
        engine=chosen.engine,
        subscribers=chosen.subscribers,
        seconds=chosen.seconds,
        windows=chosen.windows,
        sizes=chosen.sizes,
        frame_packets=chosen.frame_packets,
        rate=chosen.rate,
        engines=chosen.engines,
        profiles=_PROFILES if chosen.profile == "both" else (chosen.profile,),
        busy_loop=chosen.busy_loop,
        floor=chosen.floor,
        joined=not chosen.plain_receivers,
        awake=chosen.awake,
    )


def _add_load(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--subscribers", type=counts, default=(1, 5, 20, 50), help="comma list (1,5,20,50)"
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
        "--profile", choices=(*_PROFILES, "both"), default="gcm", help="of SRTP (gcm)"
    )
    parser.add_argument(
        "--plain-receivers", action="store_true", help="who do not let the kernel join datagrams"
    )


def _add_server(parser: argparse.ArgumentParser) -> None:
    add_engine(parser)
    parser.add_argument(
        "--engines", type=positive, default=1, help="packet paths, a room on each (1)"
    )
    parser.add_argument(
        "--busy-loop", action="store_true", help="hold the event loop 5 ms of every 20 ms"
    )
    parser.add_argument(
        "--awake", action="store_true", help="keep the server's core from idling between packets"
    )


def _add_measuring(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--windows", type=positive, default=5, help="measured per number of subscribers (5)"
    )
    parser.add_argument("--seconds", type=float, default=2.0, help="length of a window (2)")
    parser.add_argument("--floor", action="store_true", help="measure a bare loop in turn")
    parser.add_argument("--json", action="store_true", help="all figures, to keep")


def _frame(text: str) -> int:
    number = positive(text)
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
