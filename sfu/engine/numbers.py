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
    bits = secrets.randbits(14 + 31 + 14)  # at once: every join draws for two dozen streams
    return InitialNumbers(bits & 0x3FFF, bits >> 14 & 0x7FFF_FFFF, bits >> 45)
