"""The numbers an outgoing stream begins with. Both engines draw them here, so that tests can make
them equal."""

from __future__ import annotations

import secrets
from typing import NamedTuple


class InitialNumbers(NamedTuple):
    sequence: int
    timestamp: int
    rtx_sequence: int


def initial_numbers() -> InitialNumbers:
    """Low sequence numbers: a receiver that sees a stream only after a wrap-around cannot decrypt
    it."""
    return InitialNumbers(
        secrets.randbelow(1 << 14), secrets.randbits(31), secrets.randbelow(1 << 14)
    )
