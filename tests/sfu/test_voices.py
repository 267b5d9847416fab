"""Who of a room is heard, and what everybody is told of voices, above the fake engine."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

import pytest

from sfu.engine.interface import Kind, SourceId
from sfu.tracks import TrackSource, ViewItem
from tests.support.room import FakeHouse, Member, real_offer, with_fingerprint

VIEWER = real_offer("chrome156_1send_3recv")
"""Microphone on mid 0, camera on mid 1, and three slots of each kind on mids 2 to 7."""
CAMERA, MICROPHONE = TrackSource.CAMERA, TrackSource.MICROPHONE
SCREEN, SCREEN_AUDIO = TrackSource.SCREEN, TrackSource.SCREEN_AUDIO


def without_video_slots(sdp: str) -> str:
    head, *media = sdp.split("\r\nm=")
    kept = [part for part in media if not (part.startswith("video") and "a=recvonly" in part)]
    mids = " ".join(re.findall(r"a=mid:(\d)", "".join(kept)))
    head = re.sub("BUNDLE .*", f"BUNDLE {mids}", head)
    return "\r\nm=".join([head, *(part.removesuffix("\r\n") for part in kept)]) + "\r\n"


LISTENER = without_video_slots(VIEWER)


@dataclass
class Person:
    member: Member
    house: FakeHouse
    microphone: str
    """Track id."""

    @property
    def voice(self) -> SourceId:
        return self.house.sources(self.member, "0")[0]

    def hears(self) -> set[SourceId]:
        """What flows to this person's audio slots."""
        transport = self.house.transport(self.member)
        sinks = [
            sink
            for sink, parameters in self.house.engine.sinks.items()
            if parameters.transport == transport and parameters.kind is Kind.AUDIO
        ]
        flowing = [self.house.engine.flowing(sink) for sink in sinks]
        assert len(set(flowing) - {None}) == len([source for source in flowing if source])
        return {source for source in flowing if source is not None}


async def person(house: FakeHouse, number: int, sdp: str = LISTENER) -> Person:
    """Joins with a microphone."""
    member = house.join(f"p{number}")
    await house.offer(member, with_fingerprint(sdp, f"{number % 16:X}"))
    house.settle()
    microphone = member.participant.publish(MICROPHONE, "0").id
    house.settle()
    return Person(member, house, microphone)


@pytest.fixture
def house() -> FakeHouse:
    return FakeHouse()


@pytest.fixture
async def people(house: FakeHouse) -> list[Person]:
    """Eight with microphones, none with a picture."""
    return [await person(house, number) for number in range(8)]


async def test_everybody_hears_three_others(people: list[Person]) -> None:
    first = [each.voice for each in people[:4]]
    for each in people:
        assert len(each.hears()) == 3
        assert each.hears() <= set(first) - {each.voice}


async def test_a_new_voice_is_heard_by_all_at_once(house: FakeHouse, people: list[Person]) -> None:
    commands: list[int] = []
    house.engine.on_route = lambda routes: commands.append(len(routes))
    house.speak(people[7].voice)
    assert commands == [7]
    assert all(people[7].voice in each.hears() for each in people[:7])
    house.settle()
    assert all(people[7].microphone in each.member.shown for each in people[:7])


async def test_who_speaks_on_changes_nothing(house: FakeHouse, people: list[Person]) -> None:
    house.speak(people[7].voice)
    house.settle()
    before = len(house.engine.routes), [len(each.member.ear.slots) for each in people]
    house.speak(people[7].voice)
    house.settle()
    assert before == (len(house.engine.routes), [len(each.member.ear.slots) for each in people])


async def test_at_most_three_flow_of_any_number(house: FakeHouse, people: list[Person]) -> None:
    rng = random.Random(1)  # noqa: S311 - who speaks is no secret
    people += [await person(house, number) for number in range(8, 20)]
    for _ in range(60):
        house.speak(*(each.voice for each in rng.sample(people, rng.randint(0, 5))))
        house.hear({each.voice: rng.choice([20, 30, 127]) for each in people})
        assert all(len(each.hears()) == 3 for each in people)
        assert all(each.voice not in each.hears() for each in people)
        house.settle()


async def test_a_muted_voice_takes_nobodys_place(house: FakeHouse, people: list[Person]) -> None:
    speaker = people[0]
    speaker.member.participant.set_muted(speaker.microphone, True)
    house.settle()
    assert all(speaker.voice not in each.hears() for each in people)
    assert all(len(each.hears()) == 3 for each in people)
    house.speak(speaker.voice)
    assert all(speaker.voice not in each.hears() for each in people)
    speaker.member.participant.set_muted(speaker.microphone, False)
    house.hear({speaker.voice: 30})
    assert all(speaker.voice in each.hears() for each in people[1:])


async def test_who_leaves_makes_room(house: FakeHouse, people: list[Person]) -> None:
    people[0].member.participant.leave()
    house.settle()
    assert all(len(each.hears()) == 3 for each in people[1:])


async def test_a_visible_person_is_paused_in_his_slot(house: FakeHouse) -> None:
    """Told once, so that a voice needs no message to be heard."""
    viewer = await person(house, 100, VIEWER)
    visible = await person(house, 101, VIEWER)
    camera = visible.member.participant.publish(CAMERA, "1").id
    viewer.member.participant.set_view([ViewItem(camera, 640, 360)])
    others = [await person(house, number) for number in range(4)]
    for _ in range(5):
        house.speak(*(each.voice for each in others))
        house.hear({each.voice: 30 for each in others})
        house.settle()
    assert visible.microphone in viewer.member.shown
    assert visible.voice not in viewer.hears()
    told = len(viewer.member.ear.slots)
    for _ in range(5):
        house.hear({each.voice: 127 for each in others})
    house.speak(visible.voice)
    assert visible.voice in viewer.hears()
    house.settle()
    assert len(viewer.member.ear.slots) == told


async def test_the_sound_of_a_screen_is_heard_beside(house: FakeHouse) -> None:
    viewer = await person(house, 100, VIEWER)
    others = [await person(house, number) for number in range(4)]
    sharing = house.join("sharing")
    await house.offer(sharing, with_fingerprint(VIEWER, "7"))
    screen = sharing.participant.publish(SCREEN, "1").id
    with_it = sharing.participant.publish(SCREEN_AUDIO, "0").id
    (sound,) = house.sources(sharing, "0")
    house.settle()
    assert sound in viewer.hears()
    house.speak(*(each.voice for each in others))
    assert sound in viewer.hears()
    viewer.member.participant.set_view([])
    house.settle()
    assert sound not in viewer.hears()
    viewer.member.participant.set_view([ViewItem(screen, 640, 360)])
    house.settle()
    assert sound in viewer.hears()
    sharing.participant.set_muted(with_it, True)
    house.settle()
    assert sound not in viewer.hears()


# Levels


async def test_only_levels_of_the_audible_are_told(house: FakeHouse, people: list[Person]) -> None:
    house.hear({each.voice: 70 - number for number, each in enumerate(people)})
    (told,) = people[0].member.ear.told_levels
    assert told.keys() == {each.microphone for each in people[:4]}


async def test_a_silent_room_is_told_nothing(house: FakeHouse, people: list[Person]) -> None:
    for _ in range(5):
        house.hear({each.voice: 127 for each in people})
    assert [each.member.ear.told_levels for each in people] == [[]] * len(people)


async def test_the_level_of_a_screens_sound_is_told(house: FakeHouse, people: list[Person]) -> None:
    sharing = house.join("sharing")
    await house.offer(sharing, with_fingerprint(VIEWER, "E"))
    track = sharing.participant.publish(SCREEN_AUDIO, "0").id
    (sound,) = house.sources(sharing, "0")
    house.hear({sound: 30})
    assert people[0].member.ear.told_levels == [{track: 30}]


# The dominant speaker


def talk(house: FakeHouse, speaker: Person, seconds: float = 2.0) -> None:
    for _ in range(round(seconds / 0.2)):
        house.hear({speaker.voice: 25})
        house.settle()


async def test_who_leads_is_told_once_to_all(house: FakeHouse, people: list[Person]) -> None:
    talk(house, people[5])
    talk(house, people[2])
    house.hear({each.voice: 127 for each in people})
    assert all(each.member.ear.speakers == ["p5", "p2"] for each in people)


async def test_who_comes_later_is_told(house: FakeHouse, people: list[Person]) -> None:
    late = house.join("late")
    talk(house, people[5])
    assert late.ear.speakers == ["p5"]
    later = house.join("later")
    assert later.ear.speakers == []
    await house.offer(later, with_fingerprint(VIEWER, "E"))
    house.settle()
    assert later.ear.speakers == ["p5"]


async def test_nobody_leads_when_the_leader_has_left(
    house: FakeHouse, people: list[Person]
) -> None:
    talk(house, people[5])
    people[5].member.participant.leave()
    house.settle()
    assert people[0].member.ear.speakers == ["p5", None]


async def test_who_is_muted_after_speaking_still_leads(
    house: FakeHouse, people: list[Person]
) -> None:
    talk(house, people[5])
    people[5].member.participant.set_muted(people[5].microphone, True)
    house.hear({})
    house.settle()
    assert people[0].member.ear.speakers == ["p5"]
    talk(house, people[1])
    assert people[0].member.ear.speakers == ["p5", "p1"]
