"""Sessions in virtual time: resume, replay, grace, take-over."""

from __future__ import annotations

from dataclasses import replace

import pytest

from signaling.identity import Identity
from signaling.limits import Limits
from tests.signaling.driver import Client, World
from tests.signaling.fakes import guest, user


@pytest.fixture
def world() -> World:
    return World()


async def pair(world: World) -> tuple[Client, Client]:
    ana, ben = await world.joined(user(1)), await world.joined(user(2))
    ana.receive()
    return ana, ben


async def test_what_happened_meanwhile_is_replayed(world: World) -> None:
    ana, ben = await pair(world)
    ana.lose_connection()
    track = await ben.publish()
    await ben.ask("mute", track_id=track, muted=True)
    assert ana.resume(last_event=1)
    replayed = ana.receive()
    assert [message["type"] for message in replayed[:2]] == ["track_published", "track_muted"]
    assert [message["event"] for message in replayed[:2]] == [2, 3]


async def test_events_lost_on_the_way_are_replayed_too(world: World) -> None:
    ana, ben = await pair(world)
    await ben.publish()
    assert ana.heard() == ["track_published"]
    ana.lose_connection()
    assert ana.resume(last_event=1)
    assert ana.heard()[0] == "track_published"


async def test_a_resumed_client_is_still_where_it_was(world: World) -> None:
    ana, ben = await pair(world)
    track = await ana.publish()
    ana.lose_connection()
    assert ana.resume(last_event=1)
    assert await ana.ask("unpublish", track_id=track) == {}
    assert "participant_left" not in ben.heard()


async def test_current_state_follows_a_resume(world: World) -> None:
    ana, ben = await pair(world)
    track = await ben.publish()
    ana.lose_connection()
    ana.media.show(track, ben.participant_id)
    ana.media.listener.media_changed("disconnected", "no checks")
    assert ana.resume(last_event=2)
    slots, lobby, media = ana.receive()
    assert lobby == {"type": "lobby", "people": []}
    assert slots["slots"][0]["track_id"] == track
    assert media == {"type": "media", "state": "disconnected", "reason": "no checks"}


async def test_media_goes_on_while_the_connection_is_away(world: World) -> None:
    ana, ben = await pair(world)
    ana.lose_connection()
    world.pass_time(29.9)
    assert not ana.media.left
    assert ben.heard() == []
    assert ana.resume(last_event=1)


async def test_after_the_grace_period_the_participant_is_lost(world: World) -> None:
    ana, ben = await pair(world)
    ana.lose_connection()
    world.pass_time(30.0)
    assert ana.media.left
    (left,) = ben.receive()
    assert (left["participant_id"], left["reason"]) == (ana.participant_id, "lost")
    assert not ana.resume(last_event=1)
    assert await ana.refused("leave") == "not_joined"


async def test_a_connected_session_does_not_expire(world: World) -> None:
    ana, ben = await pair(world)
    ana.lose_connection()
    assert ana.resume(last_event=1)
    world.pass_time(1000.0)
    assert ben.heard() == []
    assert await ana.ask("ping") == {}


async def test_each_loss_starts_the_grace_period_anew(world: World) -> None:
    ana, _ = await pair(world)
    for _ in range(3):
        ana.lose_connection()
        world.pass_time(20.0)
        assert ana.resume(last_event=1)


@pytest.mark.parametrize("limits", [Limits(replay_messages=3), Limits(replay_bytes=500)])
async def test_who_missed_too_much_starts_afresh(limits: Limits) -> None:
    world = World(limits)
    ana, ben = await pair(world)
    ana.lose_connection()
    for _ in range(10):
        await ben.ask("unpublish", track_id=await ben.publish())
    ben.receive()
    assert not ana.resume(last_event=1)
    assert ben.heard() == ["participant_left"]
    await ana.join()


async def test_a_second_connection_takes_the_session_over(world: World) -> None:
    ana, ben = await pair(world)
    old = ana.outbox
    assert ana.resume(last_event=1)
    assert old.closing
    assert old.closing.reason == "replaced"
    world.hub.lose(ana.session, old, world.now)  # the old socket is noticed to be dead only now
    world.pass_time(1000.0)
    await ben.publish()
    assert "track_published" in ana.heard()


async def test_a_secret_resumes_once(world: World) -> None:
    ana, ben = await pair(world)
    first = ana.ticket
    assert ana.resume(last_event=1)
    thief = Client(world, user(1))
    assert not thief.connect({**first, "last_event": 1})["resumed"]
    await ben.publish()
    assert "track_published" in ana.heard()


async def test_secrets_are_random_and_change_each_time(world: World) -> None:
    ana = world.client(user(1))
    secrets = {ana.authenticated["secret"]}
    for _ in range(20):
        assert ana.resume()
        secrets.add(ana.authenticated["secret"])
    assert len(secrets) == 21
    assert all(len(secret) >= 32 for secret in secrets)


@pytest.mark.parametrize("thief", [user(2), guest(1), guest(7)])
async def test_nobody_else_resumes_a_session(world: World, thief: Identity) -> None:
    ana, _ = await pair(world)
    client = Client(world, thief)
    assert not client.connect({**ana.ticket, "last_event": 1})["resumed"]
    assert client.session is not ana.session
    assert ana.resume(last_event=1)


async def test_a_wrong_secret_resumes_nothing_and_voids_nothing(world: World) -> None:
    ana, _ = await pair(world)
    attacker = Client(world, user(1))
    wrong = {**ana.ticket, "secret": "x" * 32, "last_event": 1}
    assert not attacker.connect(wrong)["resumed"]
    assert ana.resume(last_event=1)


async def test_a_secret_of_odd_characters_is_only_wrong(world: World) -> None:
    ana = world.client(user(1))
    assert not ana.resume(secret="ß" * 32)


async def test_a_guest_and_a_user_of_the_same_number_are_two_people(world: World) -> None:
    ana = world.client(user(5))
    other = Client(world, guest(5))
    assert not other.connect({**ana.ticket, "last_event": 0})["resumed"]


async def test_a_new_login_of_the_same_person_resumes(world: World) -> None:
    ana, _ = await pair(world)
    ana.lose_connection()
    ana.identity = replace(user(1), session_id="login-again", name="Ana Maria")
    assert ana.resume(last_event=1)
    joined = await world.client(user(3)).join()
    assert "Ana Maria" in [participant["name"] for participant in joined["participants"]]


async def test_a_slow_reader_loses_only_the_connection() -> None:
    world = World(Limits(queue_messages=5))
    ana, ben = await pair(world)
    for _ in range(10):
        await ben.ask("unpublish", track_id=await ben.publish())
    assert [message.get("reason") for message in ana.receive()] == ["too_slow"]
    assert not ana.media.left
    ana.lose_connection()
    assert ana.resume(last_event=20)
    await ben.publish()
    assert "track_published" in ana.heard()


async def test_one_person_has_a_bounded_number_of_sessions() -> None:
    world = World(Limits(sessions_per_person=3))
    for _ in range(3):
        world.client(user(1)).lose_connection()
    with pytest.raises(Exception, match="too many times"):
        world.client(user(1))
    world.client(user(2))
    world.pass_time(30.0)
    world.client(user(1))
