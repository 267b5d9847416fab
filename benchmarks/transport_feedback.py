"""What a receiver tells of packets' arrival, transport-wide and per stream.

Written as draft-holmer-rmcat-transport-wide-cc-extensions-01 has it. A packet that comes late is
told of with what came after it, once more.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import Final

_TICK: Final = 0.00025
"""Seconds of a receive delta; the reference time counts 256 of them."""
_REFERENCE: Final = 256
_KEPT: Final = 2.0
"""Seconds for which arrivals are remembered."""
_NOT_RECEIVED, _SMALL, _LARGE = 0, 1, 2
_SYMBOLS: Final = 7
"""Two-bit symbols in one chunk."""
_LONGEST_RUN: Final = (1 << 13) - 1


class Unwrap16:
    """Sequence numbers without wrap-around."""

    def __init__(self) -> None:
        self._last: int | None = None

    def __call__(self, number: int) -> int:
        last = number if self._last is None else self._last
        sequence = last + ((number - last + 0x8000) & 0xFFFF) - 0x8000
        self._last = max(last, sequence)
        return sequence


class TransportFeedback:
    """Of one transport's packets. Times are in seconds of one clock."""

    def __init__(self, sender_ssrc: int) -> None:
        self._sender_ssrc = sender_ssrc
        self._unwrap = Unwrap16()
        self._arrivals: dict[int, float] = {}
        self._next: int | None = None
        """The first number not told of yet."""
        self._count = 0

    def add(self, now: float, number: int) -> None:
        sequence = self._unwrap(number)
        self._arrivals.setdefault(sequence, now)
        if self._next is None or sequence < self._next:
            self._next = sequence

    def build(self, now: float, media_ssrc: int) -> bytes | None:
        """Of what has come since the last; None: nothing has."""
        if self._next is None or not self._arrivals or max(self._arrivals) < self._next:
            return None
        last = max(self._arrivals)
        numbers = range(self._next, last + 1)
        arrivals = [self._arrivals.get(number) for number in numbers]
        base = min(number for number in numbers if number in self._arrivals)
        packet = _packet(
            self._sender_ssrc, media_ssrc, base, arrivals[base - self._next :], self._count
        )
        self._count = (self._count + 1) & 0xFF
        self._next = last + 1
        self._arrivals = {n: at for n, at in self._arrivals.items() if at > now - _KEPT}
        return packet


def _packet(
    sender_ssrc: int, media_ssrc: int, base: int, arrivals: Sequence[float | None], count: int
) -> bytes:
    first = next(at for at in arrivals if at is not None)
    reference = int(first / _TICK) // _REFERENCE
    symbols, deltas = _encode(arrivals, reference * _REFERENCE)
    body = struct.pack(
        "!IIHHI",
        sender_ssrc,
        media_ssrc,
        base & 0xFFFF,
        len(symbols),
        (reference & 0xFF_FFFF) << 8 | count,
    )
    body += b"".join(chunk.to_bytes(2, "big") for chunk in _chunks(symbols)) + deltas
    padding = -len(body) % 4
    if padding:
        body += bytes(padding - 1) + bytes([padding])
    return struct.pack("!BBH", 0x80 | bool(padding) << 5 | 15, 205, len(body) // 4) + body


def _encode(arrivals: Sequence[float | None], previous: int) -> tuple[list[int], bytes]:
    symbols, deltas = [], b""
    for at in arrivals:
        if at is None:
            symbols.append(_NOT_RECEIVED)
            continue
        ticks = int(at / _TICK)
        delta, previous = ticks - previous, ticks
        small = 0 <= delta < 256
        symbols.append(_SMALL if small else _LARGE)
        limited = max(-0x8000, min(0x7FFF, delta))
        deltas += struct.pack("!B", delta) if small else struct.pack("!h", limited)
    return symbols, deltas


def _chunks(symbols: Sequence[int]) -> Iterator[int]:
    """Runs where they pay, else seven symbols of two bits."""
    position = 0
    while position < len(symbols):
        run = position
        while run < len(symbols) and symbols[run] == symbols[position]:
            run += 1
        length = min(run - position, _LONGEST_RUN)
        if length > _SYMBOLS or run == len(symbols):
            yield symbols[position] << 13 | length
            position += length
            continue
        chunk = 0b11 << 14
        for place, symbol in enumerate(symbols[position : position + _SYMBOLS]):
            chunk |= symbol << 12 - 2 * place
        yield chunk
        position += _SYMBOLS
