"""Arithmetic of numbers that wrap around (RFC 1982; RFC 3550, appendix A.1).

Exactly half the circle away a number is neither newer nor older.
"""

from __future__ import annotations


def distance16(a: int, b: int) -> int:
    """a - b on a circle of 2^16: -32768..32767."""
    return ((a - b + 0x8000) & 0xFFFF) - 0x8000


def newer16(a: int, b: int) -> bool:
    return 0 < (a - b) & 0xFFFF < 0x8000


def distance32(a: int, b: int) -> int:
    """a - b on a circle of 2^32: -2147483648..2147483647."""
    return ((a - b + 0x8000_0000) & 0xFFFF_FFFF) - 0x8000_0000


def newer32(a: int, b: int) -> bool:
    return 0 < (a - b) & 0xFFFF_FFFF < 0x8000_0000


class Unwrapper:
    """Extends wrapped numbers by the nearest one to the highest seen so far.

    The first number is lifted by one turn, so late ones before it stay positive.
    """

    __slots__ = ("_half", "_mask", "highest")

    def __init__(self, bits: int = 16) -> None:
        self._half = 1 << bits - 1
        self._mask = (1 << bits) - 1
        self.highest: int | None = None

    def unwrap(self, value: int) -> int:
        """`value` must be within the bits given."""
        highest = self.highest
        if highest is None:
            self.highest = number = value + self._mask + 1
            return number
        half = self._half
        number = highest + ((value - highest + half) & self._mask) - half
        if number > highest:
            self.highest = number
        return number
