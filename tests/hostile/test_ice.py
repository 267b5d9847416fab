"""Issue 2, item 8: STUN without or with wrong MESSAGE-INTEGRITY; a nominated check from a spoofed
address (the stream must not move there); a peer that dies silently (nothing sent after 10 s,
closed after 30 s). NAT rebinding and ICE restart, which must work, are in tests/sfu/test_moving.py.
"""

from __future__ import annotations

import random
from collections.abc import AsyncIterator

import pytest
from aioice import stun

from sfu.engine.interface import Drop
from sfu.ice import Credentials
from sfu.tracks import TrackSource
from tests.hostile.meeting import Meeting, meeting
from tests.support.ice import IceClient
from tests.support.raw import RawClient
from tests.support.room import FakeHouse, real_offer, with_credentials, with_fingerprint


@pytest.fixture
async def tea() -> AsyncIterator[Meeting]:
    async with meeting() as running:
        yield running


async def test_stun_without_or_with_wrong_integrity_is_not_answered(tea: Meeting) -> None:
    ben = tea.ben
    username = f"{ben.server.ufrag}:{ben.ice.credentials.ufrag}"
    without = stun.Message(
        stun.Method.BINDING,
        stun.Class.REQUEST,
        attributes={"USERNAME": username, "USE-CANDIDATE": None},
    )
    wrong = ben.ice.check(Credentials(ben.server.ufrag, "wrong" * 5))
    stranger = IceClient().check(ben.server)
    own = ben.doors[0]
    attacker = await ben.open_door()
    heard: list[bytes] = []
    attacker.datagram_received = lambda data, addr: heard.append(data)  # type: ignore[method-assign]
    for data in (bytes(without), wrong, stranger):
        attacker.send(data)
        own.send(data)
    ben.doors.remove(attacker)
    await tea.everything_before_is_handled()
    await tea.goes_on()
    attacker.transport.close()
    assert heard == []


async def test_stun_for_nobody_is_dropped_by_name(tea: Meeting) -> None:
    nobody = Credentials("nobodyhere", "wrong" * 5)
    tea.ben.doors[0].send(tea.ben.ice.check(nobody))
    await tea.everything_before_is_handled()
    assert tea.server.stats().drops[Drop.STUN_UNKNOWN_UFRAG] == 1
    await tea.goes_on()


async def test_a_spoofed_nominated_check_does_not_move_the_stream(tea: Meeting) -> None:
    """The captured check of ben's, repeated from a victim's address: what the victim gets is a
    bounded number of Binding requests and responses, never media."""
    ben, own = tea.ben, tea.ben.doors[0]
    captured = ben.ice.check(ben.server)
    ben.answers_checks = False
    victim = await ben.open_door()
    for _ in range(50):
        victim.send(captured)
    ben.doors.remove(victim)
    await tea.everything_before_is_handled()
    for _ in range(20):
        await ben.gets_media(own)
    assert victim.media == 0
    victim.transport.close()


async def test_a_participant_cannot_take_over_anothers_address(tea: Meeting) -> None:
    """Mallory's own valid check, as if it came from ben's address."""
    tea.ben.answers_checks = False  # a client does not answer checks with foreign credentials
    async with RawClient(tea.room, "mallory") as mallory:
        tea.ben.doors[0].send(mallory.ice.check(mallory.server))
        await tea.everything_before_is_handled()
        for _ in range(20):
            await tea.goes_on()
        await mallory.connect()
        await mallory.gets_media(mallory.doors[0])


async def test_mutated_checks_are_survived(tea: Meeting) -> None:
    chance = random.Random(8)  # noqa: S311 - to be the same each time
    original = tea.ben.ice.check(tea.ben.server)
    for _ in range(2000):
        data = bytearray(original)
        for _ in range(chance.randint(1, 10)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        data[0] &= 3
        tea.ben.doors[0].send(bytes(data[: chance.randint(1, len(data))]))
    await tea.everything_before_is_handled()
    await tea.goes_on()


async def test_a_silent_death_stops_sending_and_then_closes() -> None:
    """In virtual time: 10 s and 30 s after the last valid check. The others lose the tile."""
    house = FakeHouse()
    ana, ben = house.join("ana"), house.join("ben")
    await house.offer(ana, with_credentials(real_offer("chrome156_vp8_simulcast"), "anaana"))
    viewer = with_fingerprint(real_offer("chrome156_1send_3recv"), "B")
    await house.offer(ben, with_credentials(viewer, "benben"))
    ana.participant.publish(TrackSource.CAMERA, "1")
    house.settle()
    transport = house.transport(ana)
    house.check(5.0, ana, "anaana")
    assert house.engine.selected[transport] is not None
    house.switchboard.tick(14.9)
    assert house.engine.selected[transport] is not None
    house.switchboard.tick(15.0)
    assert house.engine.selected[transport] is None
    assert ana.ear.states[-1] == ("disconnected", "no_connectivity_check")
    house.check(16.0, ben, "benben")
    sent = len(house.engine.sent)
    house.switchboard.tick(25.9)
    assert len(house.engine.sent) == sent
    house.check(26.0, ben, "benben")
    assert ben.shown != []
    house.switchboard.tick(35.0)
    assert ana.ear.states[-1] == ("closed", "ice_timeout")
    assert house.engine.closed == [transport]
    assert ben.shown == []
