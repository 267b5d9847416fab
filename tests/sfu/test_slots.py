"""Slot assignment: rows of wishes and what comes of them.

Tracks are written `Ac` (Ana's camera), `As` (her screen), `Am` (her microphone), `Ax` (her
screen's sound); the first letter is the participant.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.engine.interface import Kind
from sfu.slots import Assignment, Published, assign
from sfu.tracks import TrackSource, ViewItem

SOURCES = {
    "c": TrackSource.CAMERA,
    "s": TrackSource.SCREEN,
    "m": TrackSource.MICROPHONE,
    "x": TrackSource.SCREEN_AUDIO,
}


def published(names: str) -> list[Published]:
    return [Published(name, name[0], SOURCES[name[1]]) for name in names.split()]


def slots(text: str) -> tuple[str | None, ...]:
    return tuple(None if name == "-" else name for name in text.split())


def view(text: str | None) -> list[ViewItem] | None:
    """`Ac` or `Ac:5` with a priority."""
    if text is None:
        return None
    parts = (name.partition(":") for name in text.split())
    return [ViewItem(name, 320, 180, int(priority or 0)) for name, _, priority in parts]


EVERYTHING = None

ROWS = {
    # name: (published, view, video now, audio now, voices, video then, audio then)
    "nobody": ("", EVERYTHING, "- -", "- - -", "", "- -", "- - -"),
    "a picture brings its voice": ("Am Ac", EVERYTHING, "- -", "- - -", "", "Ac -", "Am - -"),
    "screens come first": ("Ac Bc Bs", EVERYTHING, "- -", "- -", "", "Bs Ac", "- -"),
    "a screen brings its sound": (
        "Bm Bc Bs Bx",
        EVERYTHING,
        "- -",
        "- - -",
        "",
        "Bs Bc",
        "Bx Bm -",
    ),
    "who joined first is shown first": ("Ac Bc Cc", EVERYTHING, "- -", "- -", "", "Ac Bc", "- -"),
    "only what is listed": ("Ac Bc Cc", "Cc", "- -", "- -", "", "Cc -", "- -"),
    "an empty view shows nothing": ("Ac Am", "", "Ac -", "Am - -", "", "- -", "- - Am"),
    "priority wins a slot": ("Ac Bc Cc", "Ac Bc Cc:9", "- -", "- -", "", "Cc Ac", "- -"),
    "unknown and repeated tracks": ("Ac", "Zc Ac Ac Am", "- -", "- -", "", "Ac -", "- -"),
    "a picture never moves": ("Ac Bc", "Bc Ac", "Ac Bc", "- -", "", "Ac Bc", "- -"),
    "… nor when another leaves": ("Bc Cc", EVERYTHING, "Ac Bc", "- -", "", "Cc Bc", "- -"),
    "an empty slot before one that empties": ("Bc", "Bc", "Ac -", "- -", "", "- Bc", "- -"),
    "… even one with a higher number": (
        "Ac Bc Cc",
        "Cc Bc",
        "Ac Bc -",
        "- - -",
        "",
        "- Bc Cc",
        "- - -",
    ),
    "voices without a picture": ("Am Bm", EVERYTHING, "-", "- - -", "", "-", "- Am Bm"),
    "who spoke last is heard": ("Am Bm Cm", EVERYTHING, "-", "- -", "C B", "-", "- Cm"),
    "a heard voice keeps its slot": (
        "Am Bm Cm",
        EVERYTHING,
        "-",
        "- Am Bm",
        "C B",
        "-",
        "- Cm Bm",
    ),
    "a voice moves to its picture": ("Ac Am", "Ac", "- -", "- - Am", "", "Ac -", "Am - -"),
    "… and away from it": ("Ac Am", "", "Ac -", "Am - -", "", "- -", "- - Am"),
    "a presenter without camera is heard": ("As Am", EVERYTHING, "-", "- -", "", "As", "- Am"),
    "no audio slots": ("Ac Am", EVERYTHING, "-", "", "", "Ac", ""),
    "fewer audio than video slots": (
        "Ac Am Bc Bm",
        EVERYTHING,
        "- -",
        "-",
        "",
        "Ac Bc",
        "Am",
    ),
    "no video slots": ("Ac Am", EVERYTHING, "", "-", "", "", "Am"),
    "new video slots take over extra audio slots": (
        "Ac Am Bm",
        "Ac",
        "Ac - -",
        "Am Bm - -",
        "",
        "Ac - -",
        "Am - - Bm",
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_row(name: str) -> None:
    tracks, wishes, video, audio, voices, video_then, audio_then = ROWS[name]
    current = Assignment(slots(video), slots(audio))
    found = assign(published(tracks), view(wishes), current, voices.split())
    assert found == Assignment(slots(video_then), slots(audio_then))


PEOPLE = "ABCDE"
ALL_TRACKS = [f"{person}{source}" for person in PEOPLE for source in SOURCES]


@st.composite
def situations(
    draw: st.DrawFn,
) -> tuple[list[Published], list[ViewItem] | None, Assignment, list[str]]:
    names = draw(st.lists(st.sampled_from(ALL_TRACKS), unique=True))
    places = draw(st.lists(st.sampled_from([*ALL_TRACKS, None]), max_size=6))
    current = list(dict.fromkeys(place for place in places if place))
    video = [name for name in current if name[1] in "cs"] + [None] * draw(st.integers(0, 3))
    audio = [name for name in current if name[1] in "mx"] + [None] * draw(st.integers(0, 3))
    wishes = draw(st.none() | st.lists(st.sampled_from(ALL_TRACKS)))
    voices = draw(st.lists(st.sampled_from(PEOPLE), unique=True))
    return (
        published(" ".join(names)),
        view(" ".join(wishes)) if wishes is not None else None,
        Assignment(tuple(video), tuple(audio)),
        voices,
    )


@given(situations())
def test_properties(
    situation: tuple[list[Published], list[ViewItem] | None, Assignment, list[str]],
) -> None:
    tracks, wishes, current, voices = situation
    found = assign(tracks, wishes, current, voices)
    kinds = {track.track_id: track.source.kind for track in tracks}
    for places, before, kind in (
        (found.video, current.video, Kind.VIDEO),
        (found.audio, current.audio, Kind.AUDIO),
    ):
        shown = [track for track in places if track is not None]
        assert len(places) == len(before)
        assert len(set(shown)) == len(shown)
        assert all(kinds[track] is kind for track in shown)
    for track, was in zip(found.video, current.video, strict=True):
        assert was in (None, track) or was not in found.video  # nothing visible has moved
    assert assign(tracks, wishes, found, voices) == found  # and nothing moves without a cause
