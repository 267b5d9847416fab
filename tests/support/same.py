"""Two engines as one: both get every command and every datagram, and must answer alike.

Equal keys, order numbers and plain bytes make equal SRTP, so datagrams are compared as they leave:
that is stricter than to compare what a peer decrypts, and both ciphers are streams, so the first
byte that differs is the first plain byte that differs.

What may differ is the order of datagrams of different streams: an engine may serve one receiver
after the other, or one packet after the other. Within one SSRC, and among the RTCP of one peer, it
may not. Everything else is equal to the last bit, floats too: both do the same sums.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from itertools import zip_longest
from typing import Any, cast
from unittest import mock

from sfu.engine.interface import Datagram, Engine, EngineStats, EngineTotals, Output, Path
from sfu.engine.numbers import InitialNumbers
from sfu.rtp.rtcp import is_rtcp

NUMBERS = InitialNumbers(sequence=7, timestamp=77, rtx_sequence=777)

Stream = tuple[Path, str, int]


class DifferenceError(AssertionError):
    """The engines did not answer alike."""


def both(expected: Engine, other: Engine) -> Engine:
    """An engine that is both; it answers what `expected` does, or raises DifferenceError."""
    return cast(Engine, _Both(expected, other))


class _Both:
    name = "both"
    transport_cc = False

    def __init__(self, expected: Engine, other: Engine) -> None:
        self._engines = expected, other
        self.on_command: Callable[[], None] | None = None

    def __getattr__(self, name: str) -> Callable[..., None]:
        """Any command."""
        commands = [getattr(engine, name) for engine in self._engines]

        def run(*arguments: object) -> None:
            for command in commands:
                command(*arguments)
            if self.on_command is not None:
                self.on_command()

        return run

    def handle(self, now: float, batch: Sequence[Datagram]) -> Output:
        expected, other = (engine.handle(now, batch) for engine in self._engines)
        assert_same_output(expected, other)
        return expected

    def stats(self) -> EngineStats:
        expected, other = (engine.stats() for engine in self._engines)
        assert_same_stats(expected, other)
        return expected

    def totals(self) -> EngineTotals:
        expected, other = (engine.totals() for engine in self._engines)
        _assert_same("totals", [expected], [other], repr)
        return expected


def assert_same_output(expected: Output, other: Output) -> None:
    if expected == other:
        return
    streams, others = _by_stream(expected.datagrams), _by_stream(other.datagrams)
    for stream in {**streams, **others}:
        _assert_same(f"to {stream}", streams.get(stream, []), others.get(stream, []), _seen)
    _assert_same("events", expected.events, other.events, repr)
    _assert_same("wake_at", [expected.wake_at], [other.wake_at], repr)


def assert_same_stats(expected: EngineStats, other: EngineStats) -> None:
    if expected == other:
        return
    ours, theirs = (dict(_flat((), asdict(stats))) for stats in (expected, other))
    for place in sorted({**ours, **theirs}, key=repr):
        _assert_same(f"stats{list(place)}", [ours.get(place)], [theirs.get(place)], repr)


def _flat(place: tuple[object, ...], node: Mapping[Any, Any]) -> Iterator[tuple[Any, object]]:
    """Leaves only, but also the identifiers of what has none."""
    for key, value in node.items():
        if isinstance(value, Mapping):
            yield (*place, key), "table"
            yield from _flat((*place, key), value)
        else:
            yield (*place, key), value


def _by_stream(datagrams: Sequence[Datagram]) -> dict[Stream, list[bytes]]:
    streams: dict[Stream, list[bytes]] = {}
    for path, data in datagrams:
        streams.setdefault(_stream(path, data), []).append(data)
    return streams


def _stream(path: Path, data: bytes) -> Stream:
    if len(data) < 12 or data[0] < 128:
        return path, "STUN or DTLS", 0
    if is_rtcp(data):
        return path, "RTCP", 0
    return path, "RTP", int.from_bytes(data[8:12], "big")


def _assert_same(
    what: str, expected: Sequence[Any], other: Sequence[Any], show: Callable[[Any], str]
) -> None:
    if list(expected) == list(other):
        return
    for index, (one, two) in enumerate(zip_longest(expected, other)):
        if one != two:
            raise DifferenceError(
                f"{what}, {index} of {len(expected)} and {len(other)}:\n"
                f"  expected {show(one)}\n  got      {show(two)}{_place(one, two)}"
            )


def _seen(data: bytes | None) -> str:
    """What is readable without keys."""
    if data is None:
        return "nothing"
    if len(data) < 12 or is_rtcp(data) or data[0] < 128:
        return f"{len(data)} bytes {data[:12].hex(' ')}"
    sequence, timestamp = int.from_bytes(data[2:4], "big"), int.from_bytes(data[4:8], "big")
    marker, number = data[1] >> 7, data[1] & 0x7F
    return f"{len(data)} bytes, type {number}, marker {marker}, #{sequence}, at {timestamp}"


def _place(one: object, two: object) -> str:
    if not isinstance(one, bytes) or not isinstance(two, bytes):
        return ""
    pairs = enumerate(zip_longest(one, two))
    at, (left, right) = next((at, pair) for at, pair in pairs if pair[0] != pair[1])
    return f"\n  from byte {at} on: {left} and {right}"


@contextmanager
def equal_numbers(numbers: InitialNumbers = NUMBERS) -> Iterator[None]:
    """Every sink of every engine begins with these numbers, which are drawn at random else."""
    with (
        mock.patch("sfu.engine.sink.initial_numbers", return_value=numbers),
        mock.patch("sfu.engine.native.initial_numbers", return_value=numbers),
    ):
        yield
