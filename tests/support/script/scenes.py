"""Scripts for what hardly happens by chance: limits reached, and what comes right after them.

In each of them slot 0 (with RTX) shows encoding 4, slot 3 (without) encoding 0.
"""

from __future__ import annotations

from sfu.engine.interface import Codec, SrtpProfile, Switch
from tests.support.script.commands import CloseSource, Join, Limit, OpenSink, Show
from tests.support.script.feedback import Ask, Report
from tests.support.script.network import Hold, Lose, Release, Stall, Tick
from tests.support.script.publishing import Frame, Jump, Nonsense, Repair
from tests.support.script.world import Step

FIRST, SECOND = 4, 0
"""The encodings."""
CAMERA = 3
"""The first one, among all cameras."""

BEGINNING: list[Step] = [
    Join(),
    Join(SrtpProfile.AES128_CM_SHA1_80, rtx=False),
    Show(0, CAMERA),
    Show(3, SECOND),
    Frame(FIRST, keyframe=True),
    Frame(SECOND, keyframe=True),
    Tick(0.01),
]


def _both(packets: int) -> list[Step]:
    return [Frame(FIRST, packets=packets, size=1), Frame(SECOND, packets=packets, size=1)]


def _ask_both(*back: int) -> list[Step]:
    return [Ask(0, back), Ask(1, back)]


def _asked_for_over_and_over(seconds: float) -> list[Step]:
    return [*_both(8), *([*_ask_both(0, 1, 5), Tick(seconds)] * 18)]


def _asked_for_at(*ages: float) -> list[Step]:
    """Seconds after it was sent."""
    steps, before = [*_both(8), Tick(0)], 0.0
    for number, age in enumerate(ages):
        steps += [Stall(age - before), *_ask_both(number), Tick(0)]
        before = age
    return steps


def _lost(count: int) -> list[Step]:
    return [Jump(FIRST, sequence=count), Jump(SECOND, sequence=count), *_both(2)]


SCENES: dict[str, list[Step]] = {
    "asked for more often than a round trip": _asked_for_over_and_over(0.03),
    "asked for as often as may be": [
        Tick(1.1),
        Report(0),
        Report(1, delay=0.005),
        *_asked_for_over_and_over(0.05),
    ],
    "asked for late": _asked_for_at(0.5, 0.89, 0.91, 0.99, 1.0, 1.000001, 1.1),
    "asked for what the history has no longer": [
        *_both(520),
        Tick(0.05),
        *_ask_both(0, 509, 510, 511, 512, 513, 519),
        Tick(0.05),
        *_both(520),
        Tick(0.05),
        *_ask_both(511, 512, 513, 1022, 1023, 1024, 1025, 1030),
    ],
    "asked for a thousand packets": [
        *_both(900),
        *_ask_both(*range(300)),
        *_ask_both(*range(899, 600, -1)),
        *_ask_both(*range(600, 300, -1)),
        Tick(0.12),
        *_both(200),
        *_ask_both(*range(0, 900, 3)),
        Tick(0.12),
        *_ask_both(*range(1100, 0, -3)),
    ],
    "very late": [
        *_both(2100),
        Tick(0.01),
        Repair(CAMERA, (0, 2000, 2046, 2047, 2048, 2049, 2099, 2100, 2101)),
    ],
    "late by more than the history": [
        Hold(0),
        *_both(5),
        Hold(2),
        Hold(4),
        *_both(600),
        Tick(0.01),
        Release(),
        *_ask_both(*range(595, 606)),
        Tick(0.2),
        *_both(1),
        *_ask_both(*range(595, 606)),
    ],
    "the beginning of a keyframe comes late": [
        Show(0, 4, Switch.LAYER),
        Frame(5, keyframe=True, packets=6),
        Hold(0),
        Tick(0.01),
        Frame(5, packets=20),
        Tick(0.01),
        Release(),
        Tick(0.01),
        Frame(5),
    ],
    "the beginning of a keyframe comes very late": [
        Show(0, 4, Switch.LAYER),
        Frame(5, keyframe=True, packets=6),
        Hold(0),
        Hold(2),
        Tick(0.01),
        Frame(5, packets=560, size=1),
        Tick(0.01),
        Hold(0),
        Release(),
        Tick(0.01),
        Frame(5),
    ],
    "hundreds are lost": [*_lost(300), Tick(0.3), *_lost(600), Tick(2)],
    "hundreds are lost while nobody looks": [
        *_lost(600),
        Stall(0.02),
        *_both(1),
        Stall(0.7),
        Tick(1),
    ],
    "hundreds are lost, and other things are due": [
        Limit(0, 300_000),
        *_lost(260),
        *_lost(10),
        Stall(0.011),
        Tick(0),
        Stall(1.7),
        *_lost(255),
        Stall(0.3),
        Tick(0),
        Tick(2),
    ],
    "just not a thousand are lost": [*_lost(999), Tick(0.05), *_lost(1), Tick(2)],
    "a thousand are lost": [*_lost(1000), Tick(0.05), *_lost(1), Tick(2)],
    "more than a thousand are lost": [*_lost(3), *_lost(1001), Tick(0.05), *_lost(1), Tick(2)],
    "sequence numbers go round": [
        step
        for _ in range(12)
        for step in (*_lost(0x3000), Tick(0.01), *_ask_both(0, 1), Tick(0.01))
    ],
    "timestamps go round": [
        step
        for _ in range(6)
        for step in (Jump(FIRST, timestamp=0x3FFF_FFFF), Frame(FIRST, keyframe=True), Tick(0.01))
    ],
    "extensions end too soon": [
        Nonsense(FIRST, 96, b"\x10\x10", b"\0\0\0\x28", 0x1000),
        Nonsense(FIRST, 96, b"\x10\x10", b"\x28\5\0\0", 0x1000),
        Nonsense(FIRST, 96, b"\x10\x10", b"\0\0\0\x11", 0xBEDE),
        Nonsense(FIRST, 96, b"\x10\x10", b"\x10\1\xf0\1", 0xBEDE),
    ],
    "two sources for one stream": [
        Show(0, 4, Switch.LAYER),
        CloseSource(FIRST),
        Frame(FIRST),
        Frame(5),
        Tick(0),
        Frame(5, keyframe=True),
        CloseSource(5),
        Frame(5),
    ],
    "codecs are negotiated by some": [
        OpenSink(0, codecs=(Codec.VP8,)),
        OpenSink(1, codecs=(Codec.H264, Codec.VP8), rtx=False),
        Show(0, CAMERA),
        Show(1, CAMERA),
        Frame(FIRST, keyframe=True),
        Lose(0),
        Frame(FIRST),
        Tick(0.6),
        Frame(FIRST, keyframe=True),
    ],
}
