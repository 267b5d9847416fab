"""A reloaded page takes the place of its former self, and nobody else's."""

from __future__ import annotations

import pytest

from signaling.identity import Identity
from signaling.limits import Limits
from tests.signaling.driver import Client, World
from tests.signaling.fakes import guest, meeting, user


@pytest.fixture
def world() -> World:
    return World()


async def test_the_old_participant_leaves_before_the_new_one_comes(world: World) -> None:
    old, ben = await world.joined(user(1)), await world.joined(user(2))
    new = world.client(user(1))
    joined = await new.join(replaces=old.ticket)
    left, came = ben.receive()
    assert (left["participant_id"], left["reason"]) == (old.participant_id, "replaced")
    assert came["participant"]["id"] == new.participant_id
    assert [other["id"] for other in joined["participants"]] == [ben.participant_id]
    assert world.media.participant(old.participant_id).left


async def test_the_old_connection_is_closed(world: World) -> None:
    old = await world.joined(user(1))
    await world.client(user(1)).join(replaces=old.ticket)
    assert [message["reason"] for message in old.receive()] == ["replaced"]
    assert not old.resume()


async def test_who_is_alone_can_be_replaced(world: World) -> None:
    old = await world.joined(user(1))
    old.lose_connection()
    new = world.client(user(1))
    assert (await new.join(replaces=old.ticket))["participants"] == []
    assert list(world.hub.meetings["standup"].members) == [new.participant_id]
    world.pass_time(30.0)
    assert await new.ask("leave") == {}


async def test_a_guest_replaces_himself(world: World) -> None:
    old = await world.joined(guest(3))
    new = world.client(guest(3))
    await new.join(replaces=old.ticket)
    assert list(world.hub.meetings["standup"].members) == [new.participant_id]


async def test_a_full_meeting_still_lets_itself_be_rejoined() -> None:
    world = World(Limits(participants=2))
    old = await world.joined(user(1))
    await world.joined(user(2))
    assert await world.client(user(3)).refused("join", meeting_id="standup") == "meeting_full"
    await world.client(user(1)).join(replaces=old.ticket)


@pytest.mark.parametrize("thief", [user(2), guest(1), guest(2)])
async def test_nobody_else_can_use_the_ticket(world: World, thief: Identity) -> None:
    old = await world.joined(user(1))
    client = world.client(thief)
    assert await client.refused("join", meeting_id="standup", replaces=old.ticket) == "forbidden"
    assert not old.media.left
    assert old.receive() == []
    assert old.resume()


async def test_a_refusal_tells_nothing_about_the_session(world: World) -> None:
    old = await world.joined(user(1))
    wrong = {**old.ticket, "secret": "x" * 32}
    foreign = await world.client(user(2)).request("join", meeting_id="standup", replaces=old.ticket)
    mistaken = await world.client(user(1)).request("join", meeting_id="standup", replaces=wrong)
    assert foreign["error"] == mistaken["error"]
    assert not old.media.left


async def test_a_ticket_is_good_for_its_meeting_only(world: World) -> None:
    world.meetings.rows["retro"] = meeting("retro")
    old = await world.joined(user(1))
    client = world.client(user(1))
    assert await client.refused("join", meeting_id="retro", replaces=old.ticket) == "forbidden"
    assert not old.media.left


async def test_a_used_secret_replaces_nobody(world: World) -> None:
    old = await world.joined(user(1))
    used = old.ticket
    assert old.resume()
    client = world.client(user(1))
    assert await client.refused("join", meeting_id="standup", replaces=used) == "forbidden"
    assert not old.media.left


async def test_a_session_cannot_replace_itself(world: World) -> None:
    ana = world.client(user(1))
    assert await ana.refused("join", meeting_id="standup", replaces=ana.ticket) == "forbidden"
    await ana.join()


async def test_a_session_that_is_over_needs_no_replacing(world: World) -> None:
    old = await world.joined(user(1))
    old.lose_connection()
    world.pass_time(30.0)
    await world.client(user(1)).join(replaces=old.ticket)


async def test_a_refused_join_replaces_nobody(world: World) -> None:
    old = await world.joined(user(1))
    client: Client = world.client(user(1))
    ticket = {"meeting_id": "nowhere", "replaces": old.ticket}
    assert await client.refused("join", **ticket) == "not_found"
    assert not old.media.left
    await client.join(replaces=old.ticket)
