"""What happens while a request waits for the database: each wait is held open, and something else
is done meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from db.pool import DatabaseUnavailableError
from signaling.limits import Limits
from tests.signaling.driver import Client, World
from tests.signaling.fakes import FakeMeetings, guest, user

Act = Callable[[], Awaitable[object]]


class Hold:
    """The next call of a store's method does its work, and then does not come back for a while."""

    def __init__(self, store: FakeMeetings, method: str) -> None:
        self._original = getattr(store, method)
        self._store, self._method = store, method
        self._reached = asyncio.Event()
        self._released = asyncio.Event()
        setattr(store, method, self._call)

    async def _call(self, *args: object, **named: object) -> Any:  # noqa: ANN401
        setattr(self._store, self._method, self._original)
        result = await self._original(*args, **named)
        self._reached.set()
        await self._released.wait()
        return result

    async def meanwhile(self, request: Awaitable[Any], act: Act) -> Any:  # noqa: ANN401
        """What `request` comes to, which is held until `act` is done."""
        task = asyncio.ensure_future(request)
        await self._reached.wait()
        await act()
        self._released.set()
        return await task

    async def cancelled(self, request: Awaitable[Any]) -> None:
        """The connection of `request` goes while it is held."""
        task = asyncio.ensure_future(request)
        await self._reached.wait()
        task.cancel()
        self._released.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        for _ in range(10):  # let what was begun come to its end
            await asyncio.sleep(0)


class Scene:
    """User 1 is the host of `standup`, 2 is in it, the lobby is on; 3 and guest 1 wait."""

    async def set(self, world: World) -> Scene:
        self.world = world
        self.host = await world.joined(user(1))
        self.ben = await world.joined(user(2))
        await self.host.ask("update_meeting", lobby="all")
        self.cleo, self.visitor = world.client(user(3)), world.client(guest(1))
        for client in (self.cleo, self.visitor):
            assert (await client.ask("join", meeting_id="standup"))["waiting"]
        for client in (self.host, self.ben, self.cleo, self.visitor):
            client.receive()
        return self

    def hold(self, method: str) -> Hold:
        return Hold(self.world.meetings, method)

    def person(self, client: Client) -> str:
        """Who waits, by the id hosts know."""
        assert client.session.waiting
        return client.session.waiting.id

    def names(self) -> list[str]:
        meeting = self.world.hub.meetings.get("standup")
        return [m.session.identity.name for m in meeting.members.values()] if meeting else []


@pytest.fixture
async def scene() -> Scene:
    return await Scene().set(World())


# Coming in, while hosts decide


@pytest.mark.parametrize("method", ["find", "standing"])
async def test_who_is_removed_does_not_slip_in_by_another_device(scene: Scene, method: str) -> None:
    second = scene.world.client(user(2))
    answer = await scene.hold(method).meanwhile(
        second.request("join", meeting_id="standup"),
        lambda: scene.host.ask("remove", participant_id=scene.ben.participant_id),
    )
    assert answer["error"]["code"] == "removed"
    assert scene.names() == ["User 1"]
    assert scene.world.meetings.members["standup", 2].removed


@pytest.mark.parametrize("method", ["find", "standing"])
async def test_nobody_comes_into_a_meeting_that_ends(scene: Scene, method: str) -> None:
    second = scene.world.client(user(2))
    answer = await scene.hold(method).meanwhile(
        second.request("join", meeting_id="standup"), lambda: scene.host.ask("end_meeting")
    )
    assert answer["error"]["code"] == "ended"
    assert scene.world.hub.meetings == {}


async def test_nobody_new_comes_into_a_meeting_that_is_locked(scene: Scene) -> None:
    await scene.host.ask("update_meeting", lobby="off")
    new = scene.world.client(user(4))
    answer = await scene.hold("standing").meanwhile(
        new.request("join", meeting_id="standup"),
        lambda: scene.host.ask("update_meeting", locked=True),
    )
    assert answer["error"]["code"] == "locked"
    assert ("standup", 4) not in scene.world.meetings.members


async def test_a_new_role_holds_on_a_device_that_is_just_coming(scene: Scene) -> None:
    second = scene.world.client(user(2))
    answer = await scene.hold("standing").meanwhile(
        second.request("join", meeting_id="standup"),
        lambda: scene.host.ask("set_role", participant_id=scene.ben.participant_id, role="cohost"),
    )
    assert answer["result"]["joined"]["role"] == "cohost"


async def test_the_host_role_handed_over_holds_on_a_device_that_is_just_coming(
    scene: Scene,
) -> None:
    second = scene.world.client(user(2))
    answer = await scene.hold("standing").meanwhile(
        second.request("join", meeting_id="standup"),
        lambda: scene.host.ask("hand_over", participant_id=scene.ben.participant_id),
    )
    assert answer["result"]["joined"]["role"] == "host"


async def test_who_finds_the_meeting_full_was_not_let_in() -> None:
    world = World(Limits(participants=1))
    await world.joined(user(1))
    assert await world.client(user(2)).refused("join", meeting_id="standup") == "meeting_full"
    assert ("standup", 2) not in world.meetings.members


# The lobby


async def test_two_hosts_admit_the_same_person_once(scene: Scene) -> None:
    await scene.host.ask("set_role", participant_id=scene.ben.participant_id, role="cohost")
    person = scene.person(scene.cleo)
    answer = await scene.hold("admit").meanwhile(
        scene.host.request("admit", person_id=person),
        lambda: scene.ben.request("admit", person_id=person),
    )
    assert answer["type"] == "reply"
    assert scene.cleo.heard().count("admitted") == 1
    assert scene.names() == ["User 1", "User 2", "User 3"]


async def test_who_goes_while_being_admitted_is_gone(scene: Scene) -> None:
    answer = await scene.hold("admit").meanwhile(
        scene.host.request("admit", person_id=scene.person(scene.cleo)),
        lambda: scene.cleo.ask("leave"),
    )
    assert answer["type"] == "reply"
    assert "User 3" not in scene.names()
    assert "admitted" not in scene.cleo.heard()


async def test_the_host_leaves_while_admitting(scene: Scene) -> None:
    async def everybody_leaves() -> None:
        await scene.host.ask("leave")
        await scene.ben.ask("leave")

    answer = await scene.hold("admit").meanwhile(
        scene.host.request("admit", person_id=scene.person(scene.cleo)), everybody_leaves
    )
    assert answer["type"] == "reply"
    assert scene.names() == ["User 3"]


async def test_who_is_admitted_without_a_connection_hears_of_it_later(scene: Scene) -> None:
    scene.cleo.lose_connection()
    await scene.host.ask("admit_all")
    assert scene.cleo.resume()
    assert scene.cleo.heard()[0] == "admitted"


async def test_who_is_kept_out_stays_out_though_another_host_admits_him(scene: Scene) -> None:
    await scene.host.ask("set_role", participant_id=scene.ben.participant_id, role="cohost")
    person = scene.person(scene.cleo)
    await scene.hold("standing").meanwhile(
        scene.ben.request("admit", person_id=person),
        lambda: scene.host.ask("refuse", person_id=person, keep_out=True),
    )
    assert "User 3" not in scene.names()
    assert await scene.cleo.refused("join", meeting_id="standup") == "removed"


async def test_an_older_setting_that_is_told_later_opens_no_door(scene: Scene) -> None:
    row = scene.world.meetings.rows["standup"]
    open_ = replace(row, lobby="off", version=row.version + 1)
    closed = replace(row, lobby="all", version=row.version + 2)
    await scene.world.hub.meeting_changed(closed)
    await scene.world.hub.meeting_changed(open_)
    assert scene.names() == ["User 1", "User 2"]
    assert scene.cleo.session.waiting


# Powers


async def test_a_cohost_cannot_remove_who_becomes_the_host_meanwhile(scene: Scene) -> None:
    dan = await _admitted(scene, 4)
    await scene.host.ask("set_role", participant_id=scene.ben.participant_id, role="cohost")
    await scene.hold("standing").meanwhile(
        scene.ben.request("remove", participant_id=dan.participant_id),
        lambda: scene.host.ask("hand_over", participant_id=dan.participant_id),
    )
    assert "User 4" in scene.names()


async def test_a_power_lost_meanwhile_is_lost(scene: Scene) -> None:
    """Whoever is out when the answer about his power comes has none."""
    dan = await _admitted(scene, 4)
    await scene.host.ask("set_role", participant_id=scene.ben.participant_id, role="cohost")
    answer = await scene.hold("standing").meanwhile(
        scene.ben.request("remove", participant_id=dan.participant_id),
        lambda: scene.host.ask("remove", participant_id=scene.ben.participant_id),
    )
    assert answer["error"]["code"] == "not_joined"
    assert "User 4" in scene.names()


@pytest.mark.parametrize(
    ("method", "type_", "fields"),
    [
        ("remove_user", "remove", {"participant_id": "ben"}),
        ("end", "end_meeting", {}),
        ("set_role", "set_role", {"participant_id": "ben", "role": "cohost"}),
        ("update", "update_meeting", {"locked": True}),
        ("admit", "admit_all", {}),
    ],
)
async def test_what_is_stored_comes_true_though_the_host_is_gone(
    scene: Scene, method: str, type_: str, fields: dict[str, object]
) -> None:
    if "participant_id" in fields:
        fields = {**fields, "participant_id": scene.ben.participant_id}
    await scene.hold(method).cancelled(scene.host.request(type_, **fields))
    names = scene.names()
    match type_:
        case "remove":
            assert "User 2" not in names
        case "end_meeting":
            assert names == []
        case "admit_all":
            assert {"User 3", "Guest 1"} <= set(names)
        case "set_role":
            assert "role_changed" in scene.ben.heard()
        case "update_meeting":
            assert "meeting_changed" in scene.ben.heard()


@pytest.mark.parametrize(
    ("type_", "fields"),
    [
        ("admit_all", {}),
        ("mute_all", {}),
        ("end_meeting", {}),
        ("update_meeting", {"locked": True}),
    ],
)
async def test_without_a_database_nothing_is_done_and_everybody_stays(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, type_: str, fields: dict[str, object]
) -> None:
    async def away(*_: object, **__: object) -> None:
        raise DatabaseUnavailableError

    for method in ("find", "standing", "guest", "admit", "end", "update"):
        monkeypatch.setattr(scene.world.meetings, method, away)
    assert await scene.host.refused(type_, **fields) == "unavailable"
    assert scene.names() == ["User 1", "User 2"]
    assert scene.cleo.session.waiting
    assert await scene.ben.ask("raise_hand", raised=True) == {}
    assert await scene.ben.refused("join", meeting_id="standup") == "unavailable"


async def test_a_new_host_not_told_of_yet_is_not_put_out(scene: Scene) -> None:
    cohost = await _admitted(scene, 5)
    await scene.host.ask("set_role", participant_id=cohost.participant_id, role="cohost")
    heir = scene.ben.participant_id

    async def remove() -> None:
        assert await cohost.refused("remove", participant_id=heir) == "forbidden"

    await scene.hold("hand_over").meanwhile(
        scene.host.request("hand_over", participant_id=heir), remove
    )
    assert "User 2" in scene.names()


async def _admitted(scene: Scene, number: int) -> Client:
    await scene.world.meetings.admit("standup", [number])
    return await scene.world.joined(user(number))
