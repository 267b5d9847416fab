"""What hosts may do to a meeting, and that nobody else may."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from db.meetings import Standing
from tests.signaling.driver import Client, World
from tests.signaling.fakes import JsonObject, guest, meeting, user

Act = Callable[["People"], Awaitable[str | None]]


class People:
    """A meeting with everybody in it. `outsider` hosts another meeting."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def gather(self) -> None:
        world = self.world
        world.meetings.rows["other"] = meeting("other")
        world.meetings.members["standup", 2] = Standing("cohost", removed=False)
        self.host = await world.joined(user(1))
        self.cohost = await world.joined(user(2))
        self.participant = await world.joined(user(3))
        self.guest = await world.joined(guest(1))
        self.target = await world.joined(user(4))
        self.outsider = await world.joined(user(1), "other")
        self.nowhere = world.client(user(1))
        self.removed = await world.joined(user(5))
        await world.meetings.remove_user("standup", 5)  # told to no one yet
        for client in self.clients():
            client.receive()

    def clients(self) -> list[Client]:
        return [self.host, self.cohost, self.participant, self.guest, self.target]


@pytest.fixture
async def people() -> People:
    gathered = People(World())
    await gathered.gather()
    return gathered


AT_TARGET: dict[str, dict[str, object]] = {
    "mute_participant": {"sources": ["microphone"]},
    "lower_hand": {},
    "set_role": {"role": "cohost"},
    "hand_over": {},
    "remove": {},
}
REQUESTS: dict[str, dict[str, object]] = {
    **AT_TARGET,
    "admit": {"person_id": "nobody"},
    "admit_all": {},
    "refuse": {"person_id": "nobody"},
    "mute_all": {},
    "update_meeting": {"locked": True},
    "end_meeting": {},
}
HOST_ONLY = {"set_role", "hand_over", "end_meeting"}


@pytest.mark.parametrize("request_", REQUESTS)
async def test_only_hosts_moderate(people: People, request_: str) -> None:
    fields = dict(REQUESTS[request_])
    if request_ in AT_TARGET:
        fields["participant_id"] = people.target.participant_id
    assert await people.nowhere.refused(request_, **fields) == "not_joined"
    for powerless in (people.participant, people.guest, people.target, people.removed):
        assert await powerless.refused(request_, **fields) == "forbidden", request_
    if request_ in AT_TARGET:  # the power over one meeting is none over another
        assert await people.outsider.refused(request_, **fields) == "not_found"
    for client in people.clients():
        assert client.receive() == []
    answer = await people.cohost.request(request_, **fields)
    allowed = "error" not in answer or answer["error"]["code"] == "not_found"
    assert allowed == (request_ not in HOST_ONLY)
    if not allowed:
        answer = await people.host.request(request_, **fields)
        assert answer["type"] == "reply"


@pytest.mark.parametrize("request_", AT_TARGET)
async def test_nobody_has_power_over_the_host(people: People, request_: str) -> None:
    fields = AT_TARGET[request_] | {"participant_id": people.host.participant_id}
    assert await people.cohost.refused(request_, **fields) == "forbidden"
    assert people.host.receive() == []


async def test_power_is_lost_at_once(people: People) -> None:
    people.world.meetings.members["standup", 2] = Standing("participant", removed=False)
    assert await people.cohost.refused("mute_all") == "forbidden"


async def muted(clients: list[Client]) -> list[list[JsonObject]]:
    return [[m for m in client.receive() if m["type"] == "tracks_muted"] for client in clients]


async def test_muting_one_is_told_to_all_and_holds_until_he_unmutes_himself(
    people: People,
) -> None:
    target = people.target
    voice, face = await target.publish("microphone", "0"), await target.publish("camera", "1")
    await people.cohost.ask(
        "mute_participant", participant_id=target.participant_id, sources=["microphone", "screen"]
    )
    told = {"track_ids": [voice], "by": people.cohost.participant_id}
    for (message,) in await muted(people.clients()):
        assert {key: message[key] for key in told} == told
    publications = target.media.publications
    assert (publications[voice].muted, publications[face].muted) == (True, False)
    await target.ask("mute", track_id=voice, muted=False)
    assert not target.media.publications[voice].muted
    assert await people.host.refused("mute", track_id=voice, muted=True) == "forbidden"


async def test_muting_all_spares_the_host_and_whoever_does_it(people: People) -> None:
    voices = {client: await client.publish("microphone", "0") for client in people.clients()}
    await people.target.publish("camera", "1")
    await people.cohost.ask("mute_all")
    quiet = [people.participant, people.guest, people.target]
    for (message,) in await muted(people.clients()):
        assert message["track_ids"] == [voices[client] for client in quiet]
    await people.cohost.ask("mute_all")
    assert await muted(people.clients()) == [[]] * 5


async def test_a_removed_user_is_out_on_all_devices_and_stays_out(people: People) -> None:
    second = await people.world.joined(user(4))
    people.host.receive()
    await people.host.ask("remove", participant_id=people.target.participant_id)
    for device in (people.target, second):
        assert [m["reason"] for m in device.receive() if m["type"] == "removed"] == ["removed"]
        assert await device.refused("join", meeting_id="standup") == "removed"
        assert await device.ask("ping") == {}
    left = [m for m in people.host.receive() if m["type"] == "participant_left"]
    assert [m["reason"] for m in left] == ["removed", "removed"]
    await people.target.ask("join", meeting_id="other")


async def test_a_removed_guest_is_out_and_guests_wait_from_then_on(people: People) -> None:
    await people.cohost.ask("remove", participant_id=people.guest.participant_id)
    types = people.guest.heard()
    assert types[0] == "removed"
    assert types[-1] == "closing"
    changed = [m for m in people.host.receive() if m["type"] == "meeting_changed"]
    assert [m["meeting"]["lobby"] for m in changed] == ["guests"]
    same = people.world.client(guest(1))
    assert await same.refused("join", meeting_id="standup") == "removed"
    result = await people.world.client(guest(2)).ask("join", meeting_id="standup")
    assert result["waiting"]


async def test_nobody_removes_himself(people: People) -> None:
    host = people.host
    for client in (host, people.cohost):
        fields = {"participant_id": client.participant_id}
        assert await client.refused("remove", **fields) == "forbidden"


async def test_hands_are_raised_in_order_and_lowered(people: People) -> None:
    await people.participant.ask("raise_hand", raised=True)
    await people.guest.ask("raise_hand", raised=True)
    await people.guest.ask("raise_hand", raised=True)
    await people.host.ask("lower_hand", participant_id=people.participant.participant_id)
    await people.guest.ask("raise_hand", raised=False)
    for client in people.clients():
        assert [m["hand"] for m in client.receive() if m["type"] == "hand"] == [1, 2, None, None]
    await people.participant.ask("raise_hand", raised=True)
    newcomer = await people.world.client(user(9)).join()
    hands = {each["id"]: each["hand"] for each in newcomer["participants"]}
    assert hands[people.participant.participant_id] == 3


async def test_reactions_are_seen_by_all_and_not_too_many(people: People) -> None:
    await people.guest.ask("react", emoji="🎉")
    for client in people.clients():
        (message,) = client.receive()
        assert (message["type"], message["emoji"]) == ("reaction", "🎉")
    assert await people.guest.refused("react", emoji="<b>") == "bad_message"
    answers = [await people.guest.request("react", emoji="👍") for _ in range(20)]
    refused = {answer["error"]["code"] for answer in answers if answer["type"] == "error"}
    assert refused == {"too_many_requests"}


async def test_roles_are_told_and_give_power(people: People) -> None:
    await people.host.ask("set_role", participant_id=people.target.participant_id, role="cohost")
    for client in people.clients():
        told = [m for m in client.receive() if m["type"] == "role_changed"]
        assert [(m["participant_id"], m["role"]) for m in told] == [
            (people.target.participant_id, "cohost")
        ]
    await people.target.ask("mute_all")
    await people.host.ask(
        "set_role", participant_id=people.target.participant_id, role="participant"
    )
    assert await people.target.refused("mute_all") == "forbidden"


async def test_guests_get_no_role(people: People) -> None:
    fields = {"participant_id": people.guest.participant_id}
    assert await people.host.refused("set_role", **fields, role="cohost") == "forbidden"
    assert await people.host.refused("hand_over", **fields) == "forbidden"


async def test_the_host_hands_over_and_stays_co_host(people: People) -> None:
    await people.host.ask("hand_over", participant_id=people.target.participant_id)
    roles = [m for m in people.guest.receive() if m["type"] == "role_changed"]
    assert [(m["participant_id"], m["role"]) for m in roles] == [
        (people.host.participant_id, "cohost"),
        (people.target.participant_id, "host"),
    ]
    assert await people.host.refused("end_meeting") == "forbidden"
    assert await people.target.ask("end_meeting") == {}


async def test_an_end_is_for_all(people: People) -> None:
    await people.host.ask("end_meeting")
    for client in people.clients():
        (*_, last) = client.receive()
        assert (last["type"], last["reason"]) == ("removed", "ended")
        assert await client.refused("join", meeting_id="standup") == "ended"
    assert "standup" not in people.world.hub.meetings


async def test_settings_are_told_to_all(people: People) -> None:
    await people.cohost.ask("update_meeting", title=" Tea ", locked=True)
    for client in people.clients():
        (changed,) = client.receive()
        assert (changed["type"], changed["meeting"]["title"], changed["meeting"]["locked"]) == (
            "meeting_changed",
            "Tea",
            True,
        )
    assert await people.host.ask("update_meeting") == {}
    assert people.guest.receive() == []
    for title in ("x" * 201, "a\nb"):
        assert await people.host.refused("update_meeting", title=title) == "bad_message"
