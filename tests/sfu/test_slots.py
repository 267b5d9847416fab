"""Slot assignment: rows of wishes and what comes of them.

Tracks are written `Ac` (Ana's camera), `As` (her screen), `Am` (her microphone), `Ax` (her
screen's sound); the first letter is the participant.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.engine.interface import Kind
from sfu.slots import Catalog, Places, Published, assign_pictures, assign_sounds
from sfu.tracks import TrackSource, ViewItem

SOURCES = {
    "c": TrackSource.CAMERA,
    "s": TrackSource.SCREEN,
    "m": TrackSource.MICROPHONE,
    "x": TrackSource.SCREEN_AUDIO,
}


def entry(name: str) -> Published:
    return Published(name, name[0], SOURCES[name[1]])


def published(names: str) -> Catalog:
    catalog = Catalog()
    for name in names.split():
        catalog.add(entry(name))
    return catalog


def slots(text: str) -> Places:
    return tuple(None if name == "-" else name for name in text.split())


def view(text: str | None) -> list[ViewItem] | None:
    """`Ac` or `Ac:5` with a priority."""
    if text is None:
        return None
    parts = (name.partition(":") for name in text.split())
    return [ViewItem(name, 320, 180, int(priority or 0)) for name, _, priority in parts]


EVERYTHING = None

PICTURES = {
    # name: (published, view, video slots now, then)
    "nobody": ("", EVERYTHING, "- -", "- -"),
    "a camera": ("Am Ac", EVERYTHING, "- -", "Ac -"),
    "screens come first": ("Ac Bc Bs", EVERYTHING, "- -", "Bs Ac"),
    "who published first is shown first": ("Ac Bc Cc", EVERYTHING, "- -", "Ac Bc"),
    "nothing of one's own": ("Zc Zs Ac", EVERYTHING, "- -", "Ac -"),
    "… listed or not": ("Zc Zs Ac", "Zc Zs Ac", "- -", "Ac -"),
    "only what is listed": ("Ac Bc Cc", "Cc", "- -", "Cc -"),
    "an empty view shows nothing": ("Ac Am", "", "Ac -", "- -"),
    "priority wins a slot": ("Ac Bc Cc", "Ac Bc Cc:9", "- -", "Cc Ac"),
    "unknown and repeated tracks": ("Ac", "Xc Ac Ac Am", "- -", "Ac -"),
    "a picture never moves": ("Ac Bc", "Bc Ac", "Ac Bc", "Ac Bc"),
    "… nor when another leaves": ("Bc Cc", EVERYTHING, "Ac Bc", "Cc Bc"),
    "an empty slot before one that empties": ("Bc", "Bc", "Ac -", "- Bc"),
    "… even one with a higher number": ("Ac Bc Cc", "Cc Bc", "Ac Bc -", "- Bc Cc"),
    "no video slots": ("Ac Am", EVERYTHING, "", ""),
}

SOUNDS = {
    # name: (published, video slots, audible, audio slots now, then)
    "nobody": ("", "- -", "", "- - -", "- - -"),
    "a picture brings its voice": ("Am Ac", "Ac -", "Am", "- - -", "Am - -"),
    "… audible or not": ("Am Ac", "Ac -", "", "- - -", "Am - -"),
    "a screen brings its sound": ("Bm Bc Bs Bx", "Bs Bc", "Bm", "- - -", "Bx Bm -"),
    "a screen without sound": ("Bm Bs", "Bs -", "Bm", "- - -", "- - Bm"),
    "the sound of a screen that is not shown": ("Bs Bx", "- -", "", "- - -", "- - -"),
    "voices without a picture": ("Am Bm Cm", "-", "Am Bm", "- - -", "- Am Bm"),
    "more voices than slots": ("Am Bm Cm", "-", "Cm Am Bm", "- - -", "- Cm Am"),
    "a heard voice keeps its slot": ("Am Bm Cm", "-", "Cm Bm", "- Am Bm", "- Cm Bm"),
    "nobody new moves anybody": ("Am Bm Cm", "-", "Bm Am", "- Am Bm", "- Am Bm"),
    "a voice moves to its picture": ("Ac Am", "Ac -", "Am", "- - Am", "Am - -"),
    "… and away from it": ("Ac Am", "- -", "Am", "Am - -", "- - Am"),
    "a presenter without camera is heard": ("As Am", "As", "Am", "- -", "- Am"),
    "no audio slots": ("Ac Am", "Ac", "Am", "", ""),
    "fewer audio than video slots": ("Ac Am Bc Bm", "Ac Bc", "Am Bm", "-", "Am"),
    "no video slots": ("Ac Am", "", "Am", "-", "Am"),
    "new video slots take over extra audio slots": (
        *("Ac Am Bm", "Ac - -", "Am Bm"),
        *("Am Bm - -", "Am - - Bm"),
    ),
    "a picture that is gone": ("Am", "Ac -", "Am", "Am - -", "- - Am"),
}


@pytest.mark.parametrize("name", PICTURES)
def test_pictures(name: str) -> None:
    tracks, wishes, now, then = PICTURES[name]
    assert assign_pictures(published(tracks), view(wishes), slots(now), "Z") == slots(then)


@pytest.mark.parametrize("name", SOUNDS)
def test_sounds(name: str) -> None:
    tracks, pictures, audible, now, then = SOUNDS[name]
    found = assign_sounds(slots(pictures), published(tracks), audible.split(), slots(now))
    assert found == slots(then)


PEOPLE = "ABCDE"
ALL_TRACKS = [f"{person}{source}" for person in PEOPLE for source in SOURCES]
MICROPHONES = [f"{person}m" for person in PEOPLE]


@dataclass
class Situation:
    tracks: Catalog
    view: list[ViewItem] | None
    video: Places
    audio: Places
    audible: list[str]


@st.composite
def situations(draw: st.DrawFn) -> Situation:
    names = draw(st.lists(st.sampled_from(ALL_TRACKS), unique=True))
    places = draw(st.lists(st.sampled_from(ALL_TRACKS), max_size=6, unique=True))
    wishes = draw(st.none() | st.lists(st.sampled_from(ALL_TRACKS)))
    microphones = [name for name in names if name in MICROPHONES]
    audible = draw(st.lists(st.sampled_from(microphones), unique=True)) if microphones else []
    return Situation(
        published(" ".join(names)),
        view(" ".join(wishes)) if wishes is not None else None,
        (*(name for name in places if name[1] in "cs"), *[None] * draw(st.integers(0, 3))),
        (*(name for name in places if name[1] in "mx"), *[None] * draw(st.integers(0, 3))),
        audible,
    )


@given(situations())
def test_properties(now: Situation) -> None:
    video = assign_pictures(now.tracks, now.view, now.video, "E")
    audio = assign_sounds(video, now.tracks, now.audible, now.audio)
    for places, before, kind in ((video, now.video, Kind.VIDEO), (audio, now.audio, Kind.AUDIO)):
        shown = [track for track in places if track is not None]
        assert len(places) == len(before)
        assert len(set(shown)) == len(shown)
        assert all(now.tracks[track].source.kind is kind for track in shown)
    assert not any(track.startswith("E") for track in video if track)
    for track, was in zip(video, now.video, strict=True):
        assert was in (None, track) or was not in video  # nothing visible has moved
    # Nothing moves without a cause.
    assert assign_pictures(now.tracks, now.view, video, "E") == video
    assert assign_sounds(video, now.tracks, now.audible, audio) == audio


@given(st.lists(st.sampled_from(ALL_TRACKS)))
def test_a_catalog_forgets_what_is_removed(names: list[str]) -> None:
    """Naming a track adds it, naming it again removes it."""
    catalog, present = Catalog(), dict[str, None]()
    for name in names:
        if name in present:
            del present[name]
            catalog.remove(entry(name))
        else:
            present[name] = None
            catalog.add(entry(name))
    assert [name for name in ALL_TRACKS if name in catalog] == sorted(present, key=ALL_TRACKS.index)
    screens, cameras = ([name for name in present if name[1] == kind] for kind in "sc")
    assert [track.track_id for track in catalog.pictures()] == screens + cameras
    for name in screens + cameras:
        sound = name[0] + {"c": "m", "s": "x"}[name[1]]
        assert catalog.sound_of(name) == (sound if sound in present else None)
        assert catalog.picture_of(sound) == (name if sound in present else None)
