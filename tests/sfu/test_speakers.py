"""Who is heard and who leads, told as conversations in virtual time.

Levels are -dBov, one for each 20 ms. `Talk` plays what everybody says, in reports of 0.2 s, with
the voice edges of the engine where they fall.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.rtp.levels import AUDIBLE, LevelMeter
from sfu.speakers import HOLD, Speakers
from sfu.voice import HANGOVER, NoiseFloor, Voice

FRAME = 0.02
FRAMES = 10
"""In a report."""
REPORT = FRAME * FRAMES
ROOM = 80
"""An open microphone in a quiet room."""


def speech(rng: random.Random, seconds: float, level: int = 28) -> list[int]:
    """Syllables of 120 to 440 ms, with pauses of up to 240 ms between."""
    said: list[int] = []
    while len(said) * FRAME < seconds:
        said += [round(rng.gauss(level, 4)) for _ in range(rng.randint(6, 22))]
        said += [round(rng.gauss(62, 5)) for _ in range(rng.choice([0, 1, 2, 2, 3, 5, 12]))]
    return said[: round(seconds / FRAME)]


class Talk:
    """`script`: by person, at which second what is said."""

    def __init__(self, script: Mapping[str, Mapping[float, Sequence[int]]], count: int = 3) -> None:
        self.speakers = Speakers(count)
        self.floor: list[tuple[float, str | None]] = []
        """When who became dominant."""
        self.heard: list[tuple[float, tuple[str, ...]]] = []
        """After every report and edge: when, and who is audible."""
        self._frames = {name: _frames(parts) for name, parts in script.items()}
        self._meters = {name: LevelMeter() for name in script}
        for name in script:
            self.speakers.add(name)

    def play(self, seconds: float) -> Talk:
        for number in range(round(seconds / FRAME)):
            now = (number + 1) * FRAME
            for name, frames in self._frames.items():
                level = frames[number] if number < len(frames) else ROOM
                if self._meters[name].update(True, level, now):
                    self.speakers.voice_started(name, now)
                    self.heard.append((now, self.speakers.audible))
            if (number + 1) % FRAMES == 0:
                self._report(now)
        return self

    def _report(self, now: float) -> None:
        recent = {name: meter.take_recent() for name, meter in self._meters.items()}
        self.speakers.measured({name: levels for name, levels in recent.items() if levels}, now)
        self.heard.append((now, self.speakers.audible))
        if not self.floor or self.floor[-1][1] != self.speakers.dominant:
            self.floor.append((now, self.speakers.dominant))

    def first_heard(self, name: str, count: int, since: float) -> float | None:
        """When everybody heard it first."""
        return next(
            (now for now, names in self.heard if now >= since and name in names[:count]), None
        )


def _frames(parts: Mapping[float, Sequence[int]]) -> list[int]:
    frames: list[int] = []
    for start, levels in sorted(parts.items()):
        frames += [ROOM] * (round(start / FRAME) - len(frames))
        frames += levels
    return frames


def seeded(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - what people say is no secret


@pytest.fixture(params=range(8))
def rng(request: pytest.FixtureRequest) -> random.Random:
    return seeded(request.param)


PEOPLE = "ABCDEFGH"

# Who is heard


def test_a_small_room_is_heard_in_full() -> None:
    speakers = Speakers(3)
    for name in "ABCD":
        speakers.add(name)
    assert sorted(speakers.audible) == list("ABCD")


def test_who_is_more_than_the_places_waits() -> None:
    speakers = Speakers(3)
    for name in PEOPLE:
        speakers.add(name)
    assert speakers.audible == tuple("ABCD")
    speakers.remove("B")
    assert speakers.audible == tuple("ACDE")
    speakers.remove("E")
    assert speakers.audible == tuple("ACDF")
    for name in "ACDFGH":
        speakers.remove(name)
    assert speakers.audible == ()


def test_a_voice_is_heard_at_once() -> None:
    speakers = Speakers(3)
    for name in PEOPLE:
        speakers.add(name)
    speakers.voice_started("H", 1.0)
    assert "H" in speakers.audible[:3]


def test_the_first_syllable_is_not_cut(rng: random.Random) -> None:
    script = {name: {float(turn): speech(rng, 1.5)} for turn, name in enumerate(PEOPLE)}
    talk = Talk(script).play(10)
    for start, name in enumerate(PEOPLE):
        heard = talk.first_heard(name, 3, start)
        assert heard is not None
        assert heard <= start + 0.05


def test_who_talks_over_each_other_is_heard(rng: random.Random) -> None:
    talking = {"C": speech(rng, 8), "H": speech(rng, 7.4, level=35)}
    script = {name: {1.0: talking.get(name, [])} for name in PEOPLE}
    talk = Talk(script).play(8)
    both = [set("CH") <= set(names[:3]) for now, names in talk.heard if now > 1.1]
    assert all(both)


def test_a_speaker_hears_as_many_others(rng: random.Random) -> None:
    """Four talk at once: three are heard by everybody, the fourth by those three."""
    script = {name: {0.5: speech(rng, 4)} if name in "EFGH" else {} for name in PEOPLE}
    talk = Talk(script).play(4)
    assert all(set(names) == set("EFGH") for now, names in talk.heard if now > 1.0)


def test_a_pause_costs_nobody_his_place(rng: random.Random) -> None:
    script: dict[str, dict[float, list[int]]] = {name: {} for name in PEOPLE}
    script |= {"E": {0.0: speech(rng, 3)}, "F": {0.5: speech(rng, 1)}, "G": {1.0: speech(rng, 9)}}
    talk = Talk(script).play(12)
    assert all(set("EFG") == set(names[:3]) for now, names in talk.heard if now > 1.2)


def test_who_was_silent_longest_leaves_first(rng: random.Random) -> None:
    script = {name: {float(turn): speech(rng, 0.4)} for turn, name in enumerate(PEOPLE)}
    talk = Talk(script).play(len(PEOPLE))
    assert set(talk.speakers.audible[:3]) == set("FGH")
    assert talk.speakers.audible[3] == "E"


def test_the_loud_displace_the_quiet_when_all_speak(rng: random.Random) -> None:
    quiet = {name: {0.0: speech(rng, 8, level=44)} for name in "ABCD"}
    loud = {name: {2.0: speech(rng, 6, level=20)} for name in "EFG"}
    talk = Talk(quiet | loud).play(8)
    assert set(talk.speakers.audible[:3]) == set("EFG")


def test_equally_loud_voices_do_not_displace_each_other(rng: random.Random) -> None:
    script = {name: {0.02 * turn: speech(rng, 10)} for turn, name in enumerate(PEOPLE)}
    talk = Talk(script).play(10)
    changes = [now for (_, old), (now, new) in pairwise(talk.heard) if set(old[:3]) != set(new[:3])]
    assert len([now for now in changes if now > 1]) <= 4


def test_steady_noise_does_not_keep_a_voice_out() -> None:
    noise = {name: {0.0: [45] * 1500} for name in "ABCDE"}
    talk = Talk(noise | {"F": {25.0: speech(seeded(1), 4)}}).play(29)
    heard = talk.first_heard("F", 3, 25.0)
    assert heard is not None
    assert heard <= 25.05
    assert all("F" in names[:3] for now, names in talk.heard if now > 25.05)


def test_who_waited_is_heard_when_another_ends() -> None:
    rng = seeded(2)
    script = {name: {0.0: speech(rng, 4 if name == "A" else 8)} for name in "ABCDE"}
    talk = Talk(script).play(6)
    missed = ({"D", "E"} - set(talk.speakers.audible[:3])) & set("DE")
    assert len(missed) == 1  # three of the four who still speak, and the fourth is the spare one
    assert set(talk.speakers.audible) == set("BCDE")


Step = tuple[str, str, list[int]]

steps = st.lists(
    st.tuples(
        st.sampled_from(["add", "remove", "voice", "report"]),
        st.sampled_from(PEOPLE),
        st.lists(st.integers(0, 127), min_size=1, max_size=16),
    ),
    max_size=60,
)


@given(count=st.integers(1, 4), steps=steps, pace=st.sampled_from([0.0, 0.2, 1.0]))
def test_places_are_kept(count: int, steps: list[Step], pace: float) -> None:
    """No place stays empty while somebody has none, nobody has two, nobody moves without cause."""
    speakers, present, now = Speakers(count), set[str](), 0.0
    for action, name, levels in steps:
        now += pace
        before = speakers.audible
        match action:
            case "add":
                speakers.add(name)
                present.add(name)
                assert speakers.audible[: len(before)] == before
            case "remove":
                speakers.remove(name)
                present.discard(name)
            case "voice" if name in present:
                speakers.voice_started(name, now)
                assert len(set(before[:count]) - set(speakers.audible[:count])) <= 1
            case _:
                speakers.measured({name: bytes(levels)} if min(levels) <= AUDIBLE else {}, now)
        audible = speakers.audible
        assert len(audible) == len(set(audible)) == min(len(present), count + 1)
        assert set(audible) <= present
        assert speakers.dominant is None or speakers.dominant in present


@given(count=st.integers(1, 3), seed=st.integers(0, 2**32))
def test_a_place_is_left_only_for_a_voice(count: int, seed: int) -> None:
    rng = seeded(seed)
    names = [str(number) for number in range(30)]
    speakers = Speakers(count)
    for name in names:
        speakers.add(name)
    for number in range(50):
        before = set(speakers.audible[:count])
        talking = rng.sample(names, rng.randint(0, 6))
        speakers.measured({name: bytes(speech(rng, REPORT)) for name in talking}, number * REPORT)
        assert set(speakers.audible[:count]) - before <= set(talking) | _speaking(speakers, names)


def _speaking(speakers: Speakers, names: Sequence[str]) -> set[str]:
    return {name for name in names if speakers._voices[name].speaking}


# Who leads


def test_nobody_leads_before_anybody_has_spoken() -> None:
    assert Talk({"A": {}, "B": {}}).play(3).floor == [(REPORT, None)]


def test_the_first_to_speak_leads_within_a_second(rng: random.Random) -> None:
    talk = Talk({"A": {}, "B": {1.0: speech(rng, 3)}}).play(4)
    assert [name for _, name in talk.floor] == [None, "B"]
    assert talk.floor[-1][0] <= 2.2


def test_the_floor_is_taken_within_about_a_second(rng: random.Random) -> None:
    talk = Talk({"A": {0.0: speech(rng, 5)}, "B": {5.0: speech(rng, 5)}, "C": {}}).play(10)
    assert [name for _, name in talk.floor if name] == ["A", "B"]
    assert talk.floor[-1][0] <= 6.3


@pytest.mark.parametrize("paused", [False, True])
def test_a_cough_does_not_take_the_floor(rng: random.Random, *, paused: bool) -> None:
    speaking = {0.0: speech(rng, 4), 4.5 if paused else 4.0: speech(rng, 4)}
    talk = Talk({"A": speaking, "B": {4.1: speech(rng, 0.3, level=20)}}).play(9)
    assert [name for _, name in talk.floor if name] == ["A"]


def test_silence_keeps_the_last_one(rng: random.Random) -> None:
    talk = Talk({"A": {0.0: speech(rng, 3)}, "B": {}}).play(60)
    assert talk.speakers.dominant == "A"


def test_ping_pong_does_not_flap(rng: random.Random) -> None:
    """Two who change every half second."""
    turns = [float(turn) for turn in range(10)]
    script = {
        "A": {turn: speech(rng, 0.5) for turn in turns},
        "B": {turn + 0.5: speech(rng, 0.5) for turn in turns},
    }
    times = [now for now, name in Talk(script).play(11).floor if name]
    assert all(later - earlier >= HOLD - 1e-9 for (earlier, later) in pairwise(times))


def test_who_leaves_is_forgotten() -> None:
    rng = seeded(0)
    talk = Talk({"A": {0.0: speech(rng, 3)}, "B": {}}).play(3)
    talk.speakers.remove("A")
    assert talk.speakers.dominant is None
    for number in range(5):
        talk.speakers.measured({"B": bytes(speech(rng, REPORT))}, 3 + number * REPORT)
    assert talk.speakers.dominant == "B"


def test_levels_of_the_unknown_are_nobodys() -> None:
    speakers = Speakers(3)
    speakers.measured({"A": bytes([20] * 10)}, 0.2)
    assert (speakers.audible, speakers.dominant) == ((), None)


# Voices


def test_an_utterance_begins_and_ends() -> None:
    voice, nothing = Voice(), [127] * 10
    key_press, word = [70, 30, 30, 70], [70, 30, 30, 30, 70]
    speaking = []
    for now, levels in ((1, key_press), (2, word), (2 + HANGOVER, nothing), (2.6, nothing)):
        voice.hear(bytes(levels), now)
        speaking.append(voice.speaking)
    assert speaking == [False, True, True, False]


def test_who_stops_sending_is_idle_after_a_second() -> None:
    voice = Voice()
    voice.hear(bytes([30] * 10), 0.2)
    for number in range(5):
        assert not voice.is_idle
        voice.hear(bytes([127] * 10), 0.4 + number * REPORT)
    assert voice.is_idle


def test_scores_rise_with_activity() -> None:
    voice = Voice()
    voice.hear(bytes([90]), 0.0)
    scores = [voice.activity()]
    for number in range(5):
        voice.hear(bytes([25] * 10), number * REPORT)
        scores.append(voice.activity())
    assert scores == sorted(scores)
    assert scores[0].long < scores[1].long < scores[-1].long


def test_a_noise_floor_falls_at_once_and_rises_slowly() -> None:
    floor = NoiseFloor()
    floor.follow(bytes([0] * 100))
    assert floor.loudness == 0
    floor.follow(bytes([0, 50, 40, 60]))
    assert floor.loudness == 40
    floor.follow(bytes([90] * 749))
    assert floor.loudness == 40
    floor.follow(bytes([90]))
    assert floor.loudness == 60
    floor.follow(bytes([30]))
    assert floor.loudness == 30
