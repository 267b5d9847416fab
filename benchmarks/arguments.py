"""What several commands ask for alike on the command line."""

from __future__ import annotations

import argparse
import sys


def positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a positive number")
    return number


def counts(text: str) -> tuple[int, ...]:
    return tuple(positive(part) for part in text.split(","))


def add_engine(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--engine", choices=("auto", "native", "reference"), default="auto", help="packet path"
    )


def progress(line: str) -> None:
    """Beside the result, which goes to standard output."""
    print(line, file=sys.stderr, flush=True)
