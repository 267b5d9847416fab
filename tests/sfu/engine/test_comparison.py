"""The comparison of engines can fail: an engine that is a little different is told apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module

import pytest

from sfu.engine.interface import (
    Datagram,
    Drop,
    EngineStats,
    Output,
    Path,
    SourceId,
    SourceSilent,
    SourceStats,
    TransportId,
    TransportStats,
)
from sfu.engine.reference import ReferenceEngine
from tests.support.same import (
    DifferenceError,
    assert_same_output,
    assert_same_stats,
    both,
    equal_numbers,
)
from tests.support.script.scenes import BEGINNING, SCENES
from tests.support.script.world import World

ONE, TWO = Path("192.0.2.1", 1, ""), Path("192.0.2.2", 2, "")


def rtp(sequence: int, ssrc: int = 7) -> bytes:
    return b"\x80\x60" + sequence.to_bytes(2, "big") + bytes(4) + ssrc.to_bytes(4, "big") + b"media"


def rtcp(kind: int) -> bytes:
    return bytes((0x80, kind, 0, 2)) + bytes(24)


def output(*datagrams: tuple[Path, bytes], silent: int = 1, wake_at: float = 3.0) -> Output:
    sent = [Datagram(path, data) for path, data in datagrams]
    return Output(sent, [SourceSilent(SourceId(silent))], wake_at)


SENT = [(ONE, rtp(1)), (ONE, rtp(2)), (ONE, rtp(9, ssrc=8)), (TWO, rtcp(200)), (TWO, rtcp(201))]


def test_streams_may_leave_in_any_order() -> None:
    assert_same_output(output(*SENT), output(*(SENT[place] for place in (3, 2, 0, 4, 1))))


@pytest.mark.parametrize(
    "other",
    [
        output(*SENT[:-1]),
        output(*SENT, SENT[0]),
        output(SENT[1], SENT[0], *SENT[2:]),
        output(*SENT[:3], SENT[4], SENT[3]),
        output((TWO, SENT[0][1]), *SENT[1:]),
        output((ONE, SENT[0][1][:-1] + b"b"), *SENT[1:]),
        output(*SENT, silent=2),
        output(*SENT, wake_at=3.0000000000000004),
    ],
    ids=["lost", "twice", "order", "RTCP order", "path", "byte", "event", "wake_at"],
)
def test_output_that_differs(other: Output) -> None:
    with pytest.raises(DifferenceError):
        assert_same_output(output(*SENT), other)


def stats(packets: int = 5, jitter: float = 0.1, transports: int = 1) -> EngineStats:
    return EngineStats(
        {Drop.EMPTY: 1},
        {TransportId(number): TransportStats(1, 2, 3, 4) for number in range(transports)},
        {SourceId(1): SourceStats(packets, jitter=jitter)},
        {},
    )


@pytest.mark.parametrize(
    "other", [stats(packets=6), stats(jitter=0.10000000000000002), stats(transports=2)]
)
def test_statistics_that_differ(other: EngineStats) -> None:
    assert_same_stats(stats(), stats())
    with pytest.raises(DifferenceError):
        assert_same_stats(stats(), other)


def with_constant(module: str, name: str, value: object) -> Callable[[], ReferenceEngine]:
    """Reference engines for which one constant is another."""
    home = import_module(module)
    usual = getattr(home, name)

    class Altered(ReferenceEngine):
        def handle(self, now: float, batch: Sequence[Datagram]) -> Output:
            setattr(home, name, value)
            try:
                return super().handle(now, batch)
            finally:
                setattr(home, name, usual)

    return Altered


CONSTANTS: list[tuple[str, str, object]] = [
    ("sfu.engine.keyframes", "INTERVAL", 0.51),
    ("sfu.engine.reports", "MAX_COMPOUND", 1100),
    ("sfu.engine.source", "HISTORY", 256),
    ("sfu.engine.stream", "WINDOW", 1024),
    ("sfu.engine.sink", "SEGMENTS", 3),
    ("sfu.engine.sink", "PLACES", 63),
    ("sfu.engine.rates", "INTERVAL", 0.4),
    ("sfu.engine.rates", "MIN_WINDOW", 0.35),
    ("sfu.rtp.nack", "MAX_ASKED", 249),
    ("sfu.rtp.history", "MAX_RESENDS", 9),
    ("sfu.rtp.clock", "MAX_DISAGREEMENT", 2.5),
    ("sfu.rtp.levels", "HANGOVER", 0.4),
]


@pytest.mark.parametrize(("module", "name", "value"), CONSTANTS)
def test_some_scene_tells_another_constant(module: str, name: str, value: object) -> None:
    make = with_constant(module, name, value)

    def run() -> None:
        for scene in SCENES.values():
            World(both(ReferenceEngine(), make())).run([*BEGINNING, *scene])

    with equal_numbers(), pytest.raises(DifferenceError):
        run()
