"""`python -m benchmarks peers …`."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from benchmarks import peers, peers_report
from benchmarks.adapters import known_adapters
from benchmarks.arguments import add_engine, positive, progress
from benchmarks.burst import MAX_BURST
from benchmarks.network import HOST, enter_own_network
from benchmarks.traffic import even
from benchmarks.transport import Profile

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

_PROFILES: Final[dict[str, tuple[Profile, ...]]] = {
    "gcm": ("gcm",),
    "cm": ("cm",),
    "both": ("gcm", "cm"),
}
_NAMES: Final = tuple(known_adapters("auto"))


def add_to(commands: Commands) -> None:
    parser = commands.add_parser("peers", help="the same beside other servers, in one run")
    parser.set_defaults(run=run)
    parser.add_argument(
        "--servers",
        type=_names,
        default=_NAMES,
        help=f"comma list ({','.join(_NAMES)}); the others are compared with the first",
    )
    add_engine(parser)
    parser.add_argument("--profile", choices=_PROFILES, default="both", help="of SRTP (both)")
    parser.add_argument("--subscribers", type=positive, default=50, help="of each server (50)")
    parser.add_argument(
        "--frame-packets",
        type=positive,
        choices=range(1, MAX_BURST + 1),
        metavar="N",
        default=5,
        help="1,200-byte packets per frame (5)",
    )
    parser.add_argument("--rate", type=float, help="video packets a second (30 frames)")
    parser.add_argument("--windows", type=positive, default=5, help="for each server (5)")
    parser.add_argument("--seconds", type=float, default=2.0, help="length of a window (2)")
    parser.add_argument(
        "--check", action="store_true", help="only see that everything works, in seconds"
    )
    parser.add_argument("--json", action="store_true", help="all figures, to keep")


def run(chosen: argparse.Namespace) -> None:
    traffic = even(chosen.frame_packets)
    options = peers.Options(
        profiles=_PROFILES[chosen.profile],
        subscribers=chosen.subscribers,
        traffic=traffic if chosen.rate is None else traffic.at(chosen.rate),
        seconds=chosen.seconds,
        windows=chosen.windows,
    )
    if chosen.check:
        options = replace(options, subscribers=2, seconds=0.5, windows=1)
    known = known_adapters(chosen.engine)
    enter_own_network()
    report = peers.run({name: known[name] for name in chosen.servers}, options, HOST, progress)
    print(peers_report.as_json(report) if chosen.json else peers_report.as_table(report))


def _names(text: str) -> tuple[str, ...]:
    names = tuple(text.split(","))
    if unknown := set(names) - set(_NAMES):
        raise argparse.ArgumentTypeError(f"no such server: {', '.join(sorted(unknown))}")
    return names
