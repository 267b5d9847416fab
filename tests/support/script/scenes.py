"""Scripts for what hardly happens by chance: limits reached, and what comes right after them.

In each of them slot 0 (with RTX) shows encoding 4, slot 3 (without) encoding 0.
"""

from __future__ import annotations

from collections.abc import Iterable

from sfu.engine.interface import Codec, Extension, Kind, SrtpProfile, Switch
from tests.support.script.commands import (
    CloseSource,
    Count,
    Join,
    Limit,
    OpenSink,
    Select,
    Show,
    Validate,
)
from tests.support.script.feedback import Ask, Control, Crowd, Report, SenderReport
from tests.support.script.network import Hold, Lose, Noise, Release, Stall, Stun, Tick
from tests.support.script.publishing import (
    ChangeCodec,
    Everybody,
    Frame,
    Jump,
    Nonsense,
    Picture,
    Redundant,
    Repair,
)
from tests.support.script.world import Step
from tests.support.wire import PUBLISHED_EXTENSIONS

FIRST, SECOND = 4, 0
"""The encodings."""
VOICE = 7
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


def _flat(parts: Iterable[list[Step]]) -> list[Step]:
    return [step for part in parts for step in part]


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


def _speak(*packets: tuple[int, float]) -> list[Step]:
    """Audio level bytes, and the seconds after each."""
    steps: list[Step] = []
    for level, seconds in packets:
        said = ((PUBLISHED_EXTENSIONS[Extension.AUDIO_LEVEL], bytes((level,))),)
        steps += [Frame(VOICE, packets=1, seconds=0.02, extra=said), Tick(seconds)]
    return steps


def _begin_again() -> list[Step]:
    """A new segment, whose timestamps tell what the clocks believe."""
    return [Show(0, None), Show(0, CAMERA), Frame(FIRST, keyframe=True), Tick(0.04)]


def _show_another() -> list[Step]:
    return [Show(0, CAMERA + 1), Frame(5, keyframe=True), Tick(0.04)]


def _estimate(exponent: int) -> Step:
    """REMB of 18 bits, all set, times 2 to that."""
    head = b"\0\0\0\1\0\0\0\0REMB\1"
    return Control(0, ((206, 0x8F, head + bytes((exponent << 2 | 3, 255, 255)) + bytes(4)),))


def _want(spatial: int | None, temporal: int | None) -> Step:
    """Of what slot 0 shows, some layers."""
    return Show(0, CAMERA, Switch.LAYER, spatial=spatial, temporal=temporal)


def _layered(codec: Codec, mode: int, described: bool) -> list[Step]:
    """Limits come and go, while packets are lost, late and asked for again."""
    picture = Picture(FIRST, mode, described)
    steps: list[Step] = [
        *(ChangeCodec(FIRST, codec), Picture(FIRST, mode, described, keyframe=True), Tick(0.04)),
        *(Show(3, 3, spatial=0, temporal=1), Tick(0.01)),
    ]
    for turn, limits in enumerate([(0, 0), (2, 2), (None, 0), (1, 1), (None, None), (0, None)]):
        steps += [_want(*limits), picture, Tick(0.04), picture, Hold(0), Tick(0.04)]
        steps += [picture, Hold(2), picture, Tick(0.03), Release(), picture, Lose(1), Tick(0.04)]
        steps += [Picture(FIRST, mode, described, turn % 3 == 1), Tick(0.04)]
        steps += _flat([[picture, Tick(0.04)]] * 6)
        steps += [*_ask_both(*range(24)), Tick(0.2), Count()]
    return steps


def _pictures(count: int) -> list[Step]:
    picture: Step = Picture(FIRST, packets=1)
    return [picture] * count


SCENES: dict[str, list[Step]] = {
    "asked for more often than a round trip": _asked_for_over_and_over(0.03),
    "asked for as often as may be": [
        Tick(1.1),
        Report(0),
        Report(1, round_trip=0.001),
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
    "a keyframe far behind the highest number": [
        Show(0, 4, Switch.LAYER),
        Frame(5),
        Tick(0),
        Jump(5, sequence=-2000),
        Frame(5, keyframe=True),
        Hold(0),
        Tick(0),
        Release(),
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
    "sequence numbers go round": _flat(
        [*_lost(0x3000), Tick(0.01), *_ask_both(0, 1), Tick(0.01)] for _ in range(12)
    ),
    "timestamps go round": _flat(
        [Jump(FIRST, timestamp=0x3FFF_FFFF), Frame(FIRST, keyframe=True), Tick(0.01)]
        for _ in range(6)
    ),
    "voices begin and end": _speak(
        *[(0x80 | 51, 0.02), (0x80 | 50, 0.02), (0x80 | 51, 0.02), (0x80 | 50, 0.02)],
        *[(0x80 | 50, 0.02), (0x80 | 50, 0.3), (41, 0.25), (40, 0.02), (40, 0.02), (40, 0.02)],
        *[(127, 0.45), (30, 0.02), (30, 0.45), (127, 0.02), (30, 0.02), (30, 0.52), (30, 0.02)],
        *[(0x80 | 10, 0.02)] * 40,
        *[(127, 0.02)] * 15,
        *[(0, 0.02), (0, 0.35), (127, 0.1), (127, 0.1), (127, 0.42), (20, 0.02), (20, 0.7)],
    ),
    "clocks disagree": _flat(
        [SenderReport(FIRST, skew), Tick(0.5), *_begin_again()]
        for skew in (0.0, 1.9, 2.05, 2.4, -1.9, -2.05, -2.4, 500.0, 0.3)
    ),
    "reports lie": _flat(
        [
            SenderReport(FIRST, ticks=round(seconds * 90_000)),
            *_begin_again(),
            Tick(1),
            *_show_another(),
        ]
        for seconds in (1.9, -1.9, 2.1, -2.1, 2.4, -2.4, 40_000.0)
    ),
    "away for more than an hour": [Show(0, None), Stall(4000.0), *_show_another()],
    "clocks drift for two minutes": _flat(
        [
            SenderReport(FIRST, turn % 4 / 100 - turn / 500),
            Stall(4.96),
            Jump(FIRST, timestamp=4 * 90_000 + 200 * turn),
            *_begin_again(),
        ]
        for turn in range(27)
    ),
    "packets come unevenly": _flat(
        [*_both(1), Tick(seconds), Count()]
        for seconds in (0.04, 3.1, 0.01, 4.9, 0.0, 5.2, 7.0, 0.04)
    ),
    "long ways": [
        Tick(1.1),
        *_flat(
            [Report(0, round_trip=seconds), Tick(0), Count()]
            for seconds in (-0.01, 0.0, 9.99, 10.01, 15.0, -9.99, -10.01, -40_000.0)
        ),
    ],
    "a way of no length": [Tick(1.1), Report(1), *_lost(5), Tick(0.5)],
    "estimates beyond reason": [
        step for exponent in (0, 44, 45, 46, 63) for step in (_estimate(exponent), Tick(0), Count())
    ],
    "more events than fit": [*[Noise(b"\x16", member=0)] * 4100, Show(0, None)],
    "asked for across many switches": [
        *(
            step
            for turn in range(7)
            for step in (Show(0, turn % 3 * 2 + 1), Everybody(keyframes=0xFF), Tick(0.02))
        ),
        Ask(0, tuple(range(20))),
    ],
    "reports of thirty slots": [
        *(step for _ in range(30) for step in (OpenSink(0), Show(0, CAMERA))),
        Frame(FIRST, keyframe=True),
        Tick(2.5),
    ],
    "many speak for one": [Crowd(0, 100, 66), Tick(0)],
    "one SSRC after the other": [
        Nonsense(FIRST, 96, b"\x10\x10", b"\x401\xa0q", ssrc=0xCAFE + number)
        for number in range(34)
    ],
    "more paths than allowed": [
        *(Validate(0, 0, count=9), Validate(0, 0, count=9, expect=True), Tick(0)),
        *(Noise(b"\x16", path=path) for path in range(11)),
        *(Stun(None, path) for path in range(11)),
        *(Select(0, 4), Validate(0, 3, count=8), Validate(1, 2, count=5), Tick(0)),
        *(Noise(b"\x16", path=path) for path in range(11)),
        *(Frame(FIRST), Tick(1.2)),
    ],
    "extensions end too soon": [
        Nonsense(FIRST, 96, b"\x10\x10", b"\0\0\0\x28", 0x1000),
        Nonsense(FIRST, 96, b"\x10\x10", b"\x28\5\0\0", 0x1000),
        Nonsense(FIRST, 96, b"\x10\x10", b"\0\0\0\x11", 0xBEDE),
        Nonsense(FIRST, 96, b"\x10\x10", b"\x10\1\xf0\1", 0xBEDE),
    ],
    **{
        f"layers of {codec}, {mode}, {'' if described else 'not '}described": _layered(
            codec, mode, described
        )
        for codec in (Codec.VP8, Codec.VP9, Codec.AV1)
        for mode in ((0,) if codec is Codec.VP8 else (0, 1, 2))
        for described in (False, True)
    },
    "asked for what was thinned long ago": [
        *(_want(None, 0), Picture(FIRST, keyframe=True), Tick(0), *_pictures(3), Hold(0), Tick(0)),
        *(*_pictures(110), Tick(0), *_ask_both(*range(40)), Tick(0)),
        *(*_pictures(110), Tick(0), *_ask_both(*range(56)), Tick(0)),
        *(*_pictures(110), Tick(0.2), Release(), *_ask_both(*range(80)), Tick(0.2)),
    ],
    "a mask is told": [
        *(ChangeCodec(FIRST, Codec.AV1), _want(0, 1)),
        *(Picture(FIRST, 1, True, keyframe=True), Tick(0.04)),
        *(Picture(FIRST, 1, True, active=0b000_011_111), Tick(0.04), _want(None, 1)),
        *(Picture(FIRST, 1, True, active=0b011), Tick(0.04), _want(2, 2), Tick(0)),
        *(Picture(FIRST, 1, True), Picture(FIRST, 1, True), Tick(0.04)),
        *_ask_both(*range(12)),
        *(Picture(FIRST, 1, True, keyframe=True, spatial=1, active=0b111_111), Tick(0.04)),
        *(Picture(FIRST, 1, True, spatial=1), _want(0, None), Tick(0.04)),
        *_flat([[Picture(FIRST, 1, True, spatial=1), Tick(0.04)]] * 4),
    ],
    "cut": [
        *(Picture(FIRST, keyframe=True), Tick(0.04)),
        *(Show(0, 4, Switch.CUT, temporal=0), Picture(FIRST), Tick(0.6)),
        *(Picture(5, keyframe=True), Tick(0.04), Picture(FIRST), Picture(5), Tick(0.1)),
        *(Show(0, CAMERA, Switch.CUT, paused=True), Tick(0), _want(0, 0), Tick(0.01)),
        *(Picture(FIRST, keyframe=True), Tick(0.04), Picture(FIRST), Tick(0.04)),
    ],
    "sound is redundant for some": [
        *(Show(2, 1), Show(5, 1), OpenSink(1, Kind.AUDIO, red=False), Show(1, 1), Tick(0)),
        *(Redundant(1, blocks) for blocks in ((20,), (0, 20), (1, 2, 3), (300, 400, 20), (9, 0))),
        *(Tick(0), Frame(VOICE, packets=1), Redundant(1), Hold(0), Redundant(1), Tick(0)),
        *(Release(), Redundant(1, cut=1), Redundant(1, cut=21), Redundant(1, cut=41), Tick(0)),
        *(Redundant(1, payload_type=0), Redundant(1, (0,)), Redundant(1, (1023, 9)), Tick(0.2)),
        Count(),
    ],
    "rates of what comes and goes": [
        *(Picture(FIRST, keyframe=True), Tick(0.2), Frame(5, keyframe=True), Tick(0.1)),
        *(Tick(0.9), Frame(SECOND, keyframe=True), Tick(0.9)),
        *_flat([[Picture(FIRST), Frame(5), Tick(0.1)]] * 12),
        *(Jump(5, timestamp=9000), *_flat([[Frame(5, size=1000), Tick(0.07)]] * 20), Stall(0.9)),
        *(Frame(5), Picture(FIRST), Stall(3.1), Tick(0), Tick(4), Picture(FIRST), Tick(1.1)),
    ],
    "two that were silent come back, and both are asked": [
        *(ChangeCodec(SECOND, Codec.VP9), Picture(SECOND, described=True, keyframe=True)),
        *(Picture(1, described=True, keyframe=True), Show(0, SECOND, Switch.LAYER, temporal=1)),
        *(Tick(3.5), Show(0, 1, Switch.LAYER), Picture(SECOND, 1, True), Picture(1, 1, True)),
        Tick(0),
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
