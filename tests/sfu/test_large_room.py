"""Rooms of many: nobody is arranged or told without a cause, and no turn of the loop is long."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest

from sfu.engine.interface import Route
from sfu.room import PER_TURN
from sfu.tracks import TrackSource, ViewItem
from tests.support.room import FakeHouse, Member, real_offer, with_fingerprint, with_more_audio

VIEWER = with_more_audio(real_offer("chrome156_1send_3recv"), 3)
"""Microphone on mid 0, camera on mid 1, three slots of each kind on mids 2 to 7, and three more of
audio after them."""
CAMERA, MICROPHONE = TrackSource.CAMERA, TrackSource.MICROPHONE
MANY = 25


async def joined(house: FakeHouse, name: str) -> Member:
    member = house.join(name)
    await house.offer(member, with_fingerprint(VIEWER, "B"))
    house.settle()
    return member


class Commands:
    """What the engine is told while this is open."""

    def __init__(self, house: FakeHouse) -> None:
        self.routes: list[list[Route]] = []
        house.engine.on_route = lambda routes: self.routes.append(list(routes))

    def __iter__(self) -> Iterator[Route]:
        return (route for command in self.routes for route in command)


@pytest.fixture
def house() -> FakeHouse:
    return FakeHouse()


@pytest.fixture
async def crowd(house: FakeHouse) -> list[Member]:
    """They show each other's first three pictures; all have microphones."""
    members = [await joined(house, f"p{number}") for number in range(MANY)]
    for member in members:
        house.estimate(member, 50_000_000)
        member.participant.publish(MICROPHONE, "0")
        house.settle()
    cameras = [member.participant.publish(CAMERA, "1").id for member in members[:4]]
    for member in members:
        member.participant.set_view([ViewItem(camera, 320, 180) for camera in cameras])
        house.settle()
    for member in members:
        member.ear.slots.clear()
    return members


async def test_a_picture_nobody_shows_concerns_nobody(
    house: FakeHouse, crowd: list[Member]
) -> None:
    commands = Commands(house)
    camera = crowd[9].participant.publish(CAMERA, "1").id
    crowd[9].participant.unpublish(camera)
    house.settle()
    assert commands.routes == []
    assert not any(member.ear.slots for member in crowd)


async def test_a_picture_concerns_those_who_show_it(house: FakeHouse, crowd: list[Member]) -> None:
    camera = crowd[9].participant.publish(CAMERA, "1").id
    crowd[20].participant.set_view([ViewItem(camera, 320, 180)])
    house.settle()
    shows = [member for member in crowd if camera in member.shown]
    assert shows == [crowd[20]]
    commands = Commands(house)
    crowd[9].participant.unpublish(camera)
    house.settle()
    concerned = {house.engine.sinks[route.sink].transport for route in commands}
    assert concerned == {house.transport(crowd[20])}


async def test_who_joins_concerns_nobody(house: FakeHouse, crowd: list[Member]) -> None:
    commands = Commands(house)
    late = await joined(house, "late")
    own = {house.sink(late, mid) for mid in "234567"}
    assert {route.sink for route in commands} <= own
    late.participant.publish(MICROPHONE, "0")
    house.settle()
    assert {route.sink for route in commands} <= own
    late.participant.leave()
    assert {route.sink for route in commands} <= own
    assert not any(member.ear.slots for member in crowd)


async def test_a_view_listed_before_its_track(house: FakeHouse, crowd: list[Member]) -> None:
    """A track counts for a view as soon as it is published again."""
    camera = crowd[9].participant.publish(CAMERA, "1").id
    crowd[20].participant.set_view([ViewItem(camera, 320, 180)])
    house.settle()
    crowd[20].participant.slots_applied(crowd[20].participant.slots().revision)
    await house.offer(crowd[9], with_fingerprint(VIEWER, "C"))
    house.settle()
    assert camera in crowd[20].shown
    assert house.engine.flowing(house.sink(crowd[20], "3")) == house.sources(crowd[9], "1")[0]


async def test_pictures_go_to_a_few_in_each_turn(house: FakeHouse, crowd: list[Member]) -> None:
    commands = Commands(house)
    await house.offer(crowd[0], with_fingerprint(VIEWER, "C"))
    turns = [len(commands.routes)]
    for _ in range(MANY):
        house.turn()
        turns.append(len(commands.routes))
    assert max(later - earlier for earlier, later in pairwise(turns)) <= PER_TURN
    (camera,) = house.sources(crowd[0], "1")
    viewers = [member for member in crowd[4:] if camera in _flowing(house, member)]
    assert viewers == crowd[4:]


async def test_slots_are_told_to_a_few_in_each_turn(house: FakeHouse, crowd: list[Member]) -> None:
    house.speak(house.sources(crowd[20], "0")[0])
    house.switchboard.dispatch(house.now, house.engine.answers())
    counts = []
    for _ in range(MANY // PER_TURN):
        counts.append(sum(bool(member.ear.slots) for member in crowd))
        house.turn()
    assert counts == [*range(PER_TURN, MANY - 1, PER_TURN), MANY - 1]
    assert all(len(member.ear.slots) == 1 for member in crowd if member is not crowd[20])


async def test_only_the_newest_state_is_told(house: FakeHouse, crowd: list[Member]) -> None:
    for speaker in (18, 19):
        house.speak(house.sources(crowd[speaker], "0")[0])
        house.switchboard.dispatch(house.now, house.engine.answers())
    house.settle()
    last = crowd[23]
    assert [state.revision for state in last.ear.slots] == [last.participant.slots().revision]


async def test_what_waits_for_an_old_connection_is_not_told(
    house: FakeHouse, crowd: list[Member]
) -> None:
    house.speak(house.sources(crowd[20], "0")[0])
    house.switchboard.dispatch(house.now, house.engine.answers())
    last = crowd[MANY - 1]
    assert last.ear.slots == []
    before = last.participant.slots().revision
    await house.offer(last, with_fingerprint(VIEWER, "C"))
    house.settle()
    assert last.ear.slots
    assert all(state.revision > before for state in last.ear.slots)


async def test_nobody_is_told_anything_after_leaving(house: FakeHouse, crowd: list[Member]) -> None:
    house.speak(house.sources(crowd[20], "0")[0])
    house.switchboard.dispatch(house.now, house.engine.answers())
    crowd[-1].participant.leave()
    house.settle()
    assert crowd[-1].ear.slots == []


async def test_the_end_of_a_room_is_the_end_of_what_waits(
    house: FakeHouse, crowd: list[Member]
) -> None:
    house.speak(house.sources(crowd[20], "0")[0])
    house.switchboard.dispatch(house.now, house.engine.answers())
    told = [len(member.ear.slots) for member in crowd]
    commands = Commands(house)
    house.room.close("server_stopping")
    house.settle()
    assert [len(member.ear.slots) for member in crowd] == told
    assert list(commands) == []  # nobody is arranged for those who are still there
    assert house.emptied == 1
    assert {member.ear.states[-1] for member in crowd} == {("closed", "server_stopping")}
    assert (house.engine.sources, house.engine.sinks) == ({}, {})


async def test_a_layer_concerns_those_who_show_it(house: FakeHouse, crowd: list[Member]) -> None:
    (voice,) = house.sources(crowd[20], "0")
    commands = Commands(house)
    house.activate(voice)
    house.settle()
    assert list(commands) == []


# Which encodings are wanted of a publisher


async def test_encodings_nobody_takes_are_not_wanted(house: FakeHouse) -> None:
    ana, ben = house.join("ana"), house.join("ben")
    await house.offer(ana, real_offer("chrome156_vp8_simulcast"))
    await house.offer(ben, with_fingerprint(VIEWER, "B"))
    camera = ana.participant.publish(CAMERA, "1").id
    house.tick(0.25)
    assert ana.ear.encodings == [{camera: ("q", "h", "f")}]
    ben.participant.set_view([])
    house.tick(4)
    assert len(ana.ear.encodings) == 1
    house.tick(2)
    assert ana.ear.encodings[-1] == {camera: ()}
    ben.participant.set_view([ViewItem(camera, 160, 90)])
    house.tick(0.25)
    assert ana.ear.encodings[-1] == {camera: ("q",)}
    ben.participant.leave()
    house.tick(6)
    assert ana.ear.encodings[-1] == {camera: ()}


async def test_a_lone_encoding_is_wanted_while_somebody_shows_it(house: FakeHouse) -> None:
    ana, ben = house.join("ana"), house.join("ben")
    await house.offer(ana, with_fingerprint(VIEWER, "A"))
    await house.offer(ben, with_fingerprint(VIEWER, "B"))
    camera = ana.participant.publish(CAMERA, "1").id
    house.tick(0.25)
    assert ana.ear.encodings == [{camera: ("",)}]
    ben.participant.set_view([])
    house.tick(6)
    assert ana.ear.encodings[-1] == {camera: ()}
    ben.participant.set_view([ViewItem(camera, 160, 90)])
    house.tick(0.25)
    assert ana.ear.encodings[-1] == {camera: ("",)}


def _flowing(house: FakeHouse, member: Member) -> set[int | None]:
    return {house.engine.flowing(house.sink(member, mid)) for mid in "357"}
