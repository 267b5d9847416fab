from __future__ import annotations

from collections.abc import Iterable

import pytest

from sfu.rtp.levels import HANGOVER, SILENCE, STALE, LevelMeter, parse
from sfu.rtp.packet import RtpError

PACKET = 0.020
LOUD, NOISE = 20, 70


def onsets(meter: LevelMeter, levels: Iterable[int], start: float = 0.0) -> list[int]:
    """Indices of the packets, 20 ms apart, at which a voice began."""
    return [
        index
        for index, level in enumerate(levels)
        if meter.update(True, level, start + index * PACKET)
    ]


@pytest.mark.parametrize(
    ("value", "voice", "level"),
    [
        (b"\x00", False, 0),
        (b"\x80", True, 0),
        (b"\x7f", False, 127),
        (b"\xff", True, 127),
        (b"\x85\x00", True, 5),
    ],
)
def test_reads_the_extension(value: bytes, voice: bool, level: int) -> None:
    assert parse(value) == (voice, level)


def test_refuses_an_empty_extension() -> None:
    with pytest.raises(RtpError):
        parse(b"")


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ([NOISE] * 20, []),
        ([LOUD] * 20, [1]),
        ([NOISE] * 5 + [LOUD] * 5, [6]),
        ([NOISE, LOUD] * 10, []),
        ([LOUD] * 5 + [NOISE] * 10 + [LOUD] * 5, [1]),
        ([LOUD] * 5 + [NOISE] * 40 + [LOUD] * 5, [1, 46]),
        ([LOUD] * 5 + [NOISE] * 40 + [LOUD] + [NOISE] * 5, [1]),
    ],
    ids=["noise", "voice", "onset", "clicks", "pause", "two speeches", "speech and click"],
)
def test_onset_is_an_edge(levels: list[int], expected: list[int]) -> None:
    assert onsets(LevelMeter(), levels) == expected


@pytest.mark.parametrize(
    ("voice", "level", "heard"),
    [(True, 50, True), (True, 51, False), (False, 40, True), (False, 41, False)],
)
def test_the_flag_makes_a_quiet_voice_one(voice: bool, level: int, heard: bool) -> None:
    meter = LevelMeter()
    assert any(meter.update(voice, level, step * PACKET) for step in range(5)) is heard


def test_speaking_outlasts_a_pause_but_not_an_end() -> None:
    meter = LevelMeter()
    onsets(meter, [LOUD] * 2, 10.0)
    assert meter.speaking
    meter.update(True, NOISE, 10.02 + HANGOVER)
    assert meter.speaking
    meter.update(True, NOISE, 10.03 + HANGOVER)
    assert not meter.speaking


def test_a_voice_after_discontinuous_transmission_is_a_new_one() -> None:
    meter = LevelMeter()
    assert onsets(meter, [LOUD] * 5) == [1]
    assert onsets(meter, [LOUD] * 5, start=3.0) == [1]


def test_display_rises_fast_and_falls_slowly() -> None:
    meter = LevelMeter()
    onsets(meter, [LOUD] * 20)
    assert meter.level(0.4) == LOUD
    onsets(meter, [SILENCE] * 5, start=0.4)
    falling = meter.level(0.5)
    assert LOUD < falling < SILENCE
    onsets(meter, [SILENCE] * 100, start=0.5)
    assert meter.level(2.5) > 120
    onsets(meter, [LOUD] * 5, start=2.5)
    assert meter.level(2.6) < falling


def test_who_sends_nothing_is_silent() -> None:
    meter = LevelMeter()
    assert meter.level(0.0) == SILENCE
    onsets(meter, [LOUD] * 5)
    assert meter.level(0.08 + STALE) == LOUD
    assert meter.level(0.09 + STALE) == SILENCE
    # Nor does the old level linger when packets come again.
    onsets(meter, [NOISE], start=5.0)
    assert meter.level(5.0) == NOISE


@pytest.mark.parametrize(
    ("levels", "taken"),
    [
        ([], []),
        ([61, 127], []),
        ([127, 60, 127], [127, 60, 127]),
        (range(20), range(4, 20)),
        ([60] + [61] * 16, []),
    ],
    ids=["nothing", "inaudible", "audible", "only the newest", "audible long ago"],
)
def test_recent_levels(levels: Iterable[int], taken: Iterable[int]) -> None:
    meter = LevelMeter()
    onsets(meter, levels)
    assert meter.take_recent() == bytes(taken)
    assert meter.take_recent() == b""
