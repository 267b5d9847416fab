"""Transport-wide feedback as a receiver writes it and a sender reads it, told once more and simply
(draft-holmer-rmcat-transport-wide-cc-extensions-01, section 3.1)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

TICKS = 4000
"""A second."""

TICK = 1 / TICKS

LOST, SMALL, LARGE = range(3)


def header(body_size: int) -> bytes:
    return bytes((0x80 | 15, 205)) + (body_size // 4).to_bytes(2, "big")


def chunks_of_runs(symbols: Sequence[int]) -> bytes:
    out = b""
    start = 0
    for end in range(1, len(symbols) + 1):
        if end == len(symbols) or symbols[end] != symbols[start] or end - start == 0x1FFF:
            out += (symbols[start] << 13 | end - start).to_bytes(2, "big")
            start = end
    return out


def chunks_of_vectors(symbols: Sequence[int], bits: int) -> bytes:
    if max(symbols) >> bits:
        raise OverflowError("a symbol needs more bits")
    out = b""
    span = 14 // bits
    for start in range(0, len(symbols), span):
        text = "".join(f"{symbol:0{bits}b}" for symbol in symbols[start : start + span])
        out += (int(("10" if bits == 1 else "11") + text.ljust(14, "0"), 2)).to_bytes(2, "big")
    return out


def feedback(
    arrivals: Mapping[int, float],
    *,
    first: int | None = None,
    last: int | None = None,
    count: int = 0,
    media: int = 1,
    chunks: str = "runs",
) -> bytes:
    """About the numbers `first`..`last`, which may go beyond 2^16, by the times (seconds) at which
    some of them came. Raises OverflowError where the format cannot say it."""
    first = min(arrivals) if first is None else first
    last = max(arrivals) if last is None else last
    ticks = {number: round(time / TICK) for number, time in arrivals.items()}
    reference = ticks[min(ticks)] // 256 if ticks else 0
    before = reference * 256
    symbols = []
    deltas = b""
    for number in range(first, last + 1):
        if number not in ticks:
            symbols.append(LOST)
            continue
        delta = ticks[number] - before
        before = ticks[number]
        small = 0 <= delta <= 255
        symbols.append(SMALL if small else LARGE)
        deltas += delta.to_bytes(1, "big") if small else delta.to_bytes(2, "big", signed=True)
    if chunks == "runs":
        packed = chunks_of_runs(symbols)
    else:
        packed = chunks_of_vectors(symbols, 1 if chunks == "narrow" else 2)
    body = (1).to_bytes(4, "big") + media.to_bytes(4, "big")
    body += (first & 0xFFFF).to_bytes(2, "big") + len(symbols).to_bytes(2, "big")
    body += (reference & 0xFFFFFF).to_bytes(3, "big") + bytes((count & 0xFF,)) + packed + deltas
    body += bytes(-len(body) % 4)
    return header(len(body)) + body


@dataclass(frozen=True)
class Feedback:
    sender: int
    media: int
    base: int
    count: int
    feedback_count: int
    ticks: dict[int, int]
    """When each number came that did, since the receiver's time began."""

    @property
    def seconds(self) -> dict[int, float]:
        return {number: ticks * TICK for number, ticks in self.ticks.items()}


def symbols_of(body: bytes, count: int) -> tuple[list[int], int]:
    """The symbols, and how many bytes the chunks had."""
    symbols: list[int] = []
    at = 0
    while len(symbols) < count:
        chunk = int.from_bytes(body[at : at + 2], "big")
        at += 2
        text = f"{chunk:016b}"
        if text[0] == "0":
            symbols += [int(text[1:3], 2)] * int(text[3:], 2)
        elif text[1] == "0":
            symbols += [int(bit) for bit in text[2:]]
        else:
            symbols += [int(text[i : i + 2], 2) for i in range(2, 16, 2)]
    return symbols[:count], at


def parse(packet: bytes) -> Feedback:
    """Of a well-formed packet."""
    assert packet[:2] == bytes((0x80 | 15, 205)), "no transport-wide feedback"
    assert len(packet) == 4 + 4 * int.from_bytes(packet[2:4], "big")
    body = packet[4:]
    base, count = (int.from_bytes(body[at : at + 2], "big") for at in (8, 10))
    symbols, size = symbols_of(body[16:], count)
    deltas = body[16 + size :]
    time = int.from_bytes(body[12:15], "big") * 256
    ticks = {}
    for place, symbol in enumerate(symbols):
        assert symbol <= LARGE
        if symbol == LOST:
            continue
        time += int.from_bytes(deltas[:symbol], "big", signed=symbol == LARGE)
        deltas = deltas[symbol:]
        ticks[(base + place) & 0xFFFF] = time
    assert len(deltas) < 4
    assert not any(deltas)
    return Feedback(
        int.from_bytes(body[:4], "big"),
        int.from_bytes(body[4:8], "big"),
        base,
        count,
        body[15],
        ticks,
    )


def is_feedback(packet: bytes) -> bool:
    return len(packet) >= 20 and packet[1] == 205 and packet[0] & 0x1F == 15


def tick(seconds: float) -> int:
    return math.floor(seconds * TICKS)
