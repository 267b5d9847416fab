"""What one says to another in a meeting: both hear it wherever they are in it, and nobody else."""

from __future__ import annotations

import pytest

from signaling.limits import Limits
from tests.signaling.driver import Client, World
from tests.signaling.fakes import guest, user


@pytest.fixture
def world() -> World:
    return World(Limits(chat_rate=1.0, chat_burst=3.0))


@pytest.fixture
async def ana(world: World) -> Client:
    return await world.joined(user(1))


def said(client: Client) -> list[tuple[str, bool]]:
    return [(m["content"], m["own"]) for m in client.receive() if m["type"] == "private_message"]


async def test_both_are_told_on_all_devices_and_no_third_person(world: World, ana: Client) -> None:
    visitor = await world.joined(guest(1))
    devices = [await world.joined(user(1)), await world.joined(guest(1))]
    host_elsewhere = await world.joined(user(1), "private")
    others = [await world.joined(user(2)), await world.joined(guest(2)), host_elsewhere]
    for client in (ana, visitor, *devices, *others):
        client.receive()
    to_ana = {"participant_id": ana.participant_id, "content": "  Psst!\n"}
    assert await visitor.ask("private_message", **to_ana) == {}
    (message,) = ana.receive()
    assert message.pop("sent_at").endswith("Z")
    assert message == {
        "type": "private_message",
        "event": message["event"],
        "sender": {"participant_id": visitor.participant_id, "name": "Guest 1"},
        "recipient": {"participant_id": ana.participant_id, "name": "User 1"},
        "own": False,
        "content": "Psst!",
    }
    assert [said(device) for device in devices] == [[("Psst!", False)], [("Psst!", True)]]
    assert said(visitor) == [("Psst!", True)]
    assert [other.receive() for other in others] == [[], [], []]


async def test_it_is_told_again_to_a_connection_that_was_away(world: World, ana: Client) -> None:
    ben = await world.joined(user(2))
    ben.lose_connection()
    await ana.ask("private_message", participant_id=ben.participant_id, content="Still there?")
    assert ben.resume(last_event=0)
    assert said(ben) == [("Still there?", False)]
    newcomer = await world.client(user(2)).join()
    assert "Still there?" not in str(newcomer)


async def test_what_cannot_be_said(world: World, ana: Client) -> None:
    second, ben = await world.joined(user(1)), await world.joined(user(2))
    stranger = await world.joined(user(3), "private")
    content = {"content": "Hello"}
    to_ben = {"participant_id": ben.participant_id}
    assert await world.client(user(4)).refused("private_message", **to_ben, **content) == (
        "not_joined"
    )
    for absent in ("nobody", stranger.participant_id):
        assert await ana.refused("private_message", participant_id=absent, **content) == "not_found"
    self_ = {"participant_id": second.participant_id}
    assert await ana.refused("private_message", **self_, **content) == "forbidden"
    for bad in ("", " \n", "x" * 4001, "\x00"):
        assert await ana.refused("private_message", **to_ben, content=bad) == "bad_message"
    assert said(ben) == []


async def test_nobody_is_flooded(world: World, ana: Client) -> None:
    ben = await world.joined(user(2))
    fields = {"participant_id": ben.participant_id, "content": "!"}
    answers = [await ana.request("private_message", **fields) for _ in range(5)]
    assert [answer["type"] for answer in answers] == ["reply"] * 3 + ["error"] * 2
    assert answers[-1]["error"]["code"] == "too_many_requests"
    assert len(said(ben)) == 3
