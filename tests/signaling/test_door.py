"""Who comes into a meeting, who waits, who stays out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from db.meetings import Standing
from signaling.identity import Identity
from signaling.limits import Limits
from tests.signaling.driver import Client, World
from tests.signaling.fakes import LONG_AGO, JsonObject, guest, user

HOST = user(1)


@pytest.fixture
def world() -> World:
    return World()


def setting(world: World, **changes: Any) -> None:  # noqa: ANN401
    world.meetings.rows["standup"] = replace(world.meetings.rows["standup"], **changes)


def people(message: JsonObject) -> list[str]:
    assert message["type"] == "lobby"
    return [person["name"] for person in message["people"]]


async def waiting(world: World, identity: Identity) -> Client:
    client = world.client(identity)
    result = await client.ask("join", meeting_id="standup")
    assert (result["joined"], result["waiting"]) == (None, {"title": "The standup"})
    return client


async def person_id(host: Client) -> str:
    """Of the last one who waits."""
    (*_, lobby) = host.receive()
    found: str = lobby["people"][-1]["id"]
    return found


@pytest.mark.parametrize(
    ("lobby", "who", "waits"),
    [
        ("off", user(2), False),
        ("off", guest(1), False),
        ("guests", user(2), False),
        ("guests", guest(1), True),
        ("all", user(2), True),
        ("all", guest(1), True),
        ("all", HOST, False),
    ],
)
async def test_who_waits(world: World, lobby: str, who: Identity, waits: bool) -> None:
    setting(world, lobby=lobby)
    result = await world.client(who).ask("join", meeting_id="standup")
    assert (result["waiting"] is not None, result["joined"] is None) == (waits, waits)


async def test_who_waits_sees_and_hears_nothing(world: World) -> None:
    setting(world, lobby="all")
    host = await world.joined(HOST)
    ben = await waiting(world, user(2))
    await host.publish()
    assert ben.receive() == []
    requests: dict[str, dict[str, object]] = {
        "offer": {"sdp": "v=0"},
        "publish": {"source": "camera", "mid": "1"},
        "raise_hand": {"raised": True},
        "react": {"emoji": "👍"},
        "admit": {"person_id": "-"},
        "mute_all": {},
    }
    for request, fields in requests.items():
        assert await ben.refused(request, **fields) == "not_joined"
    assert len(world.hub.meetings["standup"].members) == 1


async def test_hosts_see_who_waits_and_let_them_in(world: World) -> None:
    setting(world, lobby="all")
    ben = await waiting(world, user(2))
    host = await world.joined(HOST)
    other = await waiting(world, guest(1))
    assert people(host.receive()[-1]) == ["User 2", "Guest 1"]
    assert await host.ask("admit_all") == {}
    for client in (ben, other):
        (admitted, *_) = client.receive()
        assert admitted["type"] == "admitted"
        assert admitted["joined"]["participants"][0]["role"] == "host"
        client.participant_id = admitted["joined"]["participant_id"]
        await client.publish()
    assert [message["type"] for message in host.receive()][-1] == "lobby"
    # They need not ask again.
    await ben.ask("leave")
    assert (await ben.join())["role"] == "participant"


async def test_one_is_let_in_and_one_is_sent_away(world: World) -> None:
    setting(world, lobby="all")
    host = await world.joined(HOST)
    ben = await waiting(world, user(2))
    await host.ask("admit", person_id=await person_id(host))
    eve = await waiting(world, user(3))
    one = await person_id(host)
    await host.ask("refuse", person_id=one)
    assert await host.refused("admit", person_id=one) == "not_found"
    assert await host.refused("refuse", person_id=one) == "not_found"
    assert [message["reason"] for message in eve.receive()] == ["refused"]
    assert [message["type"] for message in ben.receive()] == ["admitted"]
    again = await waiting(world, user(3))
    await host.ask("refuse", person_id=await person_id(host), keep_out=True)
    assert [message["reason"] for message in again.receive()] == ["removed"]
    assert await again.refused("join", meeting_id="standup") == "removed"


async def test_participants_do_not_see_the_lobby(world: World) -> None:
    setting(world, lobby="guests")
    ben = await world.joined(user(2))
    await waiting(world, guest(1))
    assert ben.receive() == []
    assert await ben.refused("admit_all") == "forbidden"


async def test_waiting_goes_on_over_a_lost_connection(world: World) -> None:
    setting(world, lobby="all")
    ben = await waiting(world, user(2))
    ben.lose_connection()
    host = await world.joined(HOST)
    await host.ask("admit_all")
    assert ben.resume()
    assert ben.heard() == ["admitted", "slots"]


async def test_a_repeated_join_waits_once(world: World) -> None:
    setting(world, lobby="all")
    ben = await waiting(world, user(2))
    await ben.ask("join", meeting_id="standup")
    assert len(world.hub.lobbies.of("standup")) == 1


async def test_a_reload_waits_in_ones_own_place(world: World) -> None:
    setting(world, lobby="all")
    old = await waiting(world, user(2))
    new = world.client(user(2))
    await new.ask("join", meeting_id="standup", replaces=old.ticket)
    assert [each.session for each in world.hub.lobbies.of("standup")] == [new.session]
    other = world.client(user(3))
    assert await other.refused("join", meeting_id="standup", replaces=new.ticket) == "forbidden"


@pytest.mark.parametrize("how", ["leave", "expire", "revoke"])
async def test_who_goes_waits_no_longer(world: World, how: str) -> None:
    setting(world, lobby="all")
    host = await world.joined(HOST)
    ben = await waiting(world, user(2))
    if how == "leave":
        await ben.ask("leave")
    elif how == "expire":
        ben.lose_connection()
        world.pass_time(31)
    else:
        world.hub.revoke(lambda identity: identity.user_id == 2)
    assert people(host.receive()[-1]) == []


async def test_a_lobby_is_not_endless() -> None:
    world = World(Limits(waiting=2))
    setting(world, lobby="all")
    for number in (2, 3):
        await waiting(world, user(number))
    assert await world.client(user(4)).refused("join", meeting_id="standup") == "meeting_full"


async def test_a_lobby_that_is_switched_off_lets_all_in(world: World) -> None:
    setting(world, lobby="all")
    host = await world.joined(HOST)
    ben, visitor = await waiting(world, user(2)), await waiting(world, guest(1))
    await host.ask("update_meeting", lobby="guests")
    assert [message["type"] for message in ben.receive()] == ["admitted"]
    assert visitor.receive() == []
    await host.ask("update_meeting", locked=True)
    assert [message["reason"] for message in visitor.receive()] == ["locked"]


async def test_a_locked_meeting_takes_nobody_new(world: World) -> None:
    ben = await world.joined(user(2))
    setting(world, locked=True)
    for stranger in (user(3), guest(1)):
        assert await world.client(stranger).refused("join", meeting_id="standup") == "locked"
    await ben.ask("leave")
    await ben.join()
    await world.joined(HOST)


async def test_an_ended_meeting_takes_nobody(world: World) -> None:
    setting(world, ended_at=LONG_AGO)
    for anybody in (HOST, user(2), guest(1)):
        assert await world.client(anybody).refused("join", meeting_id="standup") == "ended"


async def test_a_password_is_asked_of_newcomers(world: World) -> None:
    setting(world, password="hash of secret")
    ben = world.client(user(2))
    join = {"meeting_id": "standup"}
    assert await ben.refused("join", **join) == "password_required"
    assert await ben.refused("join", **join, password="wrong") == "wrong_password"
    assert (await ben.ask("join", **join, password="secret"))["joined"]
    await ben.ask("leave")
    assert (await ben.ask("join", **join))["joined"]
    assert (await world.client(HOST).ask("join", **join))["joined"]
    assert (await world.client(guest(1)).ask("join", **join))["joined"]  # gave it to become one


async def test_a_password_is_slow_to_guess() -> None:
    world = World(Limits(guesses=3))
    setting(world, password="hash of secret")
    ben = world.client(user(2))
    found = [
        await ben.refused("join", meeting_id="standup", password=str(number)) for number in range(4)
    ]
    assert found == ["wrong_password"] * 3 + ["too_many_requests"]
    other = world.client(user(3))
    assert (await other.ask("join", meeting_id="standup", password="secret"))["joined"]


async def test_who_knows_the_password_does_not_guess() -> None:
    world = World(Limits(guesses=1))
    setting(world, password="hash of secret")
    ben = world.client(user(2))
    for _ in range(3):
        await world.hub.gate.check("one router", "hash of secret", "secret", 0.0)
    assert await ben.refused("join", meeting_id="standup", password="wrong") == "wrong_password"
    assert await ben.refused("join", meeting_id="standup", password="secret") == "too_many_requests"


async def test_whoever_was_removed_stays_out(world: World) -> None:
    world.meetings.members["standup", 2] = Standing("participant", removed=True)
    assert await world.client(user(2)).refused("join", meeting_id="standup") == "removed"


async def test_a_meeting_has_its_own_limit(world: World) -> None:
    setting(world, max_participants=2, lobby="all")
    host = await world.joined(HOST)
    ben, eve = await waiting(world, user(2)), await waiting(world, user(3))
    await host.ask("admit_all")
    assert [message["type"] for message in ben.receive()] == ["admitted"]
    assert [message["reason"] for message in eve.receive()] == ["full"]
