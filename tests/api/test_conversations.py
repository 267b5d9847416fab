"""Chat over HTTP, told over `/ws`: who may read, write, change and delete what."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from api.context import DATABASE, GATEWAY
from benchmarks.signaling_client import SignalingClient, SignalingError
from db.conversations import Conversations
from db.pool import Database, DatabaseUnavailableError
from signaling.bucket import Buckets, Rate
from signaling.lanes import MAX_WAITING
from tests.api.conftest import Api
from tests.api.people import bearer, get, new_meeting, post, sign_up

JsonObject = dict[str, Any]


@dataclass(frozen=True)
class Somebody:
    """An account, or a guest."""

    api: Api
    token: str
    id: int = 0

    async def ask(
        self, method: str, path: str, body: object = None, **headers: str
    ) -> tuple[int, JsonObject]:
        sent = bearer(self.token) | {name.replace("_", "-"): text for name, text in headers.items()}
        async with self.api.request(method, path, json=body, headers=sent) as response:
            return response.status, await response.json(content_type=None)

    async def get(self, path: str) -> JsonObject:
        status, answer = await self.ask("GET", path)
        assert status == 200, answer
        return answer

    async def say(self, place: int, content: str, **more: object) -> JsonObject:
        path = f"/conversations/{place}/messages"
        status, message = await self.ask("POST", path, {"content": content, **more})
        assert status == 201, message
        return message

    async def history(self, place: int) -> list[str | None]:
        page = await self.get(f"/conversations/{place}/messages?limit=100")
        return [message["content"] for message in page["items"]][::-1]


async def people(api: Api, *names: str) -> list[Somebody]:
    found = []
    for name in names:
        token = await sign_up(api, email=f"{name}@example.com", name=name)
        _, me = await get(api, "/users/me", token)
        found.append(Somebody(api, token, me["id"]))
    return found


async def direct(one: Somebody, other: Somebody) -> int:
    _, made = await one.ask("POST", "/conversations", {"kind": "direct", "user_id": other.id})
    number: int = made["id"]
    return number


async def group(owner: Somebody, *others: Somebody) -> int:
    wanted = {"kind": "group", "title": "Tea", "user_ids": [other.id for other in others]}
    status, made = await owner.ask("POST", "/conversations", wanted)
    assert status == 201, made
    number: int = made["id"]
    return number


@asynccontextmanager
async def devices(*owners: Somebody) -> AsyncIterator[list[SignalingClient]]:
    """One more connection to `/ws` for each."""
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(aiohttp.ClientSession())
        clients = []
        for owner in owners:
            url = str(owner.api.make_url("/ws"))
            clients.append(client := await SignalingClient.connect(http, url))
            stack.push_async_callback(client.close)
            await client.authenticate(owner.token)
        yield clients


async def heard(client: SignalingClient, count: int) -> list[tuple[int, str | None]]:
    """Revisions and contents of the next messages; nothing else may come between them."""
    found = []
    for _ in range(count):
        message = (await client.expect("message"))["message"]
        found.append((message["revision"], message["content"]))
    return found


async def nothing_more(*clients: SignalingClient) -> None:
    """All that was told has come: a reply is never overtaken by an event."""
    for client in clients:
        await client.request("ping")
        assert not [m for m in client._messages if m["type"] == "message"]


async def test_two_people_talk(api: Api) -> None:
    ada, ben, eve = await people(api, "ada", "ben", "eve")
    wanted = {"kind": "direct", "user_id": ben.id}
    status, made = await ada.ask("POST", "/conversations", wanted)
    assert (status, made["other"], made["unread"]) == (
        201,
        {"id": ben.id, "name": "ben", "avatar": None},
        0,
    )
    status, again = await ben.ask("POST", "/conversations", {"kind": "direct", "user_id": ada.id})
    assert (status, again["id"], again["other"]["name"]) == (200, made["id"], "ada")
    place = made["id"]
    await ada.say(place, "Hello!")
    (listed,) = (await ben.get("/conversations"))["items"]
    assert (listed["unread"], listed["last_message"]["content"]) == (1, "Hello!")
    path = f"/conversations/{place}/read"
    assert await ben.ask("PUT", path, {"seq": 1}) == (200, {"seq": 1, "unread": 0})
    assert (await ben.get(f"/conversations/{place}"))["unread"] == 0
    assert (await eve.get("/conversations"))["items"] == []
    for unknown in (eve.id + 1, ada.id):
        body = {"kind": "direct", "user_id": unknown}
        assert (await ada.ask("POST", "/conversations", body))[0] == 422


async def test_what_is_said_comes_to_every_device_in_order_and_once(api: Api) -> None:
    ada, ben, eve = await people(api, "ada", "ben", "eve")
    place = await group(ada, ben)
    async with devices(ada, ada, ben, eve) as clients:
        first, second, bens, _ = clients
        said = [
            asyncio.create_task(ada.say(place, f"http {n}", client_key=f"h{n}")) for n in range(20)
        ]
        for n in range(20):
            fields = {"conversation_id": place, "content": f"ws {n}", "client_key": f"w{n}"}
            sent = (await first.request("send_message", **fields))["message"]
            assert (await bens.request("send_message", **fields))["message"]["id"] != sent["id"]
            assert (await first.request("send_message", **fields))["message"] == sent
        answers = [await task for task in said]
        again = await ada.say(place, "other words", client_key="h0")
        assert again == answers[0]
        message = {"conversation_id": place, "message_id": again["id"]}
        await first.request("edit_message", **message, content="edited")
        await second.request("delete_message", **message)
        everything = [await heard(client, 62) for client in (first, second, bens)]
        assert everything[0] == everything[1] == everything[2]
        assert [revision for revision, _ in everything[0]] == list(range(1, 63))
        assert [content for _, content in everything[0][-2:]] == ["edited", None]
        await nothing_more(*clients)


async def test_a_device_that_comes_back_hears_what_it_missed_once(api: Api) -> None:
    ada, ben = await people(api, "ada", "ben")
    place = await direct(ada, ben)
    async with devices(ben) as (client,):
        await ada.say(place, "1")
        assert await heard(client, 1) == [(1, "1")]
        await client.close()
        await ada.say(place, "2", client_key="k")
        await ada.say(place, "2", client_key="k")
        message = await ada.say(place, "3")
        await ada.ask("DELETE", f"/conversations/{place}/messages/{message['id']}")
        assert await client.resume(ben.token)
        assert await heard(client, 3) == [(2, "2"), (3, "3"), (4, None)]
        result = await client.request("history", conversation_id=place, changed_after=2)
        assert [m["revision"] for m in result["messages"]] == [4]
        await nothing_more(client)


async def test_strangers_find_nothing(api: Api) -> None:
    ada, ben, eve = await people(api, "ada", "ben", "eve")
    place = await group(ada, ben)
    message = await ada.say(place, "secret")
    there = f"/conversations/{place}"
    attempts: list[tuple[str, str, object]] = [
        ("GET", there, None),
        ("PATCH", there, {"title": "Mine"}),
        ("GET", f"{there}/participants", None),
        ("POST", f"{there}/participants", {"user_ids": [eve.id]}),
        ("DELETE", f"{there}/participants/{eve.id}", None),
        ("DELETE", f"{there}/participants/{ada.id}", None),
        ("GET", f"{there}/messages", None),
        ("GET", f"{there}/messages?changed_after=0", None),
        ("POST", f"{there}/messages", {"content": "psst"}),
        ("PATCH", f"{there}/messages/{message['id']}", {"content": "psst"}),
        ("DELETE", f"{there}/messages/{message['id']}", None),
        ("PUT", f"{there}/read", {"seq": 1}),
    ]
    for method, path, body in attempts:
        status, _ = await eve.ask(method, path, body, If_Match="*")
        assert status == 404, (method, path)
    async with devices(eve) as (client,):
        for type_, fields in (
            ("send_message", {"content": "psst"}),
            ("edit_message", {"content": "psst", "message_id": message["id"]}),
            ("delete_message", {"message_id": message["id"]}),
            ("mark_read", {"seq": 1}),
            ("typing", {}),
            ("history", {}),
            ("history", {"changed_after": 0}),
        ):
            with pytest.raises(SignalingError, match="not_found"):
                await client.request(type_, conversation_id=place, **fields)
        mine = await direct(eve, ben)  # another's message is not in a conversation of mine
        with pytest.raises(SignalingError, match="not_found"):
            await client.request("delete_message", conversation_id=mine, message_id=message["id"])
    assert await ada.history(place) == ["secret"]


async def test_only_the_author_changes_a_message(api: Api) -> None:
    ada, ben = await people(api, "ada", "ben")
    place = await group(ada, ben)
    message = await ben.say(place, "mine")
    path = f"/conversations/{place}/messages/{message['id']}"
    for method, body in (("PATCH", {"content": "ours"}), ("DELETE", None)):
        assert (await ada.ask(method, path, body))[0] == 403
    status, edited = await ben.ask("PATCH", path, {"content": "still mine"})
    assert (status, edited["revision"], edited["seq"]) == (200, 2, 1)
    assert (await ben.ask("DELETE", path))[0] == 204
    assert (await ben.ask("DELETE", path))[0] == 204
    assert (await ben.ask("PATCH", path, {"content": "again"}))[0] == 404
    (mark,) = (await ada.get(f"/conversations/{place}/messages"))["items"]
    assert (mark["content"], mark["revision"], mark["author"]["name"]) == (None, 3, "ben")


async def test_a_group_belongs_to_its_owner(api: Api) -> None:
    ada, ben, cleo = await people(api, "ada", "ben", "cleo")
    place = await group(ada, ben)
    there = f"/conversations/{place}"
    members = f"{there}/participants"
    assert (await ben.ask("PATCH", there, {"title": "Mine"}, If_Match="*"))[0] == 403
    assert (await ben.ask("POST", members, {"user_ids": [cleo.id]}))[0] == 403
    assert (await ben.ask("DELETE", f"{members}/{ada.id}"))[0] == 403
    assert (await ada.ask("PATCH", there, {"title": "Coffee"}))[0] == 428
    status, renamed = await ada.ask("PATCH", there, {"title": "Coffee"}, If_Match='"1"')
    assert (status, renamed["title"], renamed["version"]) == (200, "Coffee", 2)
    assert (await ada.ask("PATCH", there, {"title": "Cocoa"}, If_Match='"1"'))[0] == 412
    async with devices(cleo, ben) as (cleos, bens):
        assert (await ada.ask("POST", members, {"user_ids": [cleo.id]}))[0] == 204
        assert (await cleos.expect("conversation"))["change"] == "added"
        assert (await bens.expect("conversation"))["change"] == "changed"
        await cleo.say(place, "Hello!")
        assert await heard(bens, 1) == await heard(cleos, 1)
        assert (await ada.ask("DELETE", f"{members}/{cleo.id}"))[0] == 204
        assert (await cleos.expect("conversation"))["change"] == "removed"
        await ada.say(place, "about Cleo")
        assert await heard(bens, 1) == [(2, "about Cleo")]
        await nothing_more(cleos)
        assert (await cleo.ask("GET", there))[0] == 404
    assert (await ada.ask("DELETE", f"{members}/{cleo.id}"))[0] == 404
    assert (await ada.ask("POST", members, {"user_ids": [cleo.id + 9]}))[0] == 422
    assert (await ada.ask("DELETE", f"{members}/{ada.id}"))[0] == 204
    assert (await ada.ask("GET", there))[0] == 404
    assert (await ben.get(there))["owner_id"] == ben.id
    items = (await ben.get(members))["items"]
    assert [(item["id"], item["name"]) for item in items] == [(ben.id, "ben")]
    pair = await direct(ada, ben)
    assert (await ada.ask("DELETE", f"/conversations/{pair}/participants/{ada.id}"))[0] == 403


async def test_guests_have_the_conversation_of_their_meeting_only(
    api: Api, app: web.Application
) -> None:
    ada, ben = await people(api, "ada", "ben")
    meeting_id = await new_meeting(api, ada.token)
    other_meeting = await new_meeting(api, ada.token)
    place, elsewhere = [
        await Conversations(app[DATABASE]).of_meeting(each) for each in (meeting_id, other_meeting)
    ]
    _, made = await post(api, f"/meetings/{meeting_id}/guests", {"name": "Gus"})
    gus = Somebody(api, made["token"])
    messages = f"/conversations/{place}/messages"
    await app[DATABASE].execute("UPDATE meeting_guests SET admitted_at = NULL")
    assert (await gus.ask("GET", messages))[0] == 404
    assert (await gus.ask("POST", messages, {"content": "Hello?"}))[0] == 404
    await app[DATABASE].execute("UPDATE meeting_guests SET admitted_at = now()")
    mine = await gus.say(place, "Hello!")
    assert (mine["author"]["name"], mine["author"]["user_id"]) == ("Gus", None)
    hers = await ada.say(place, "Welcome!")
    assert (await gus.ask("DELETE", f"{messages}/{hers['id']}"))[0] == 403
    assert (await gus.ask("PATCH", f"{messages}/{hers['id']}", {"content": "x"}))[0] == 403
    assert (await ada.ask("PATCH", f"{messages}/{mine['id']}", {"content": "x"}))[0] == 403
    assert (await ada.ask("DELETE", f"{messages}/{mine['id']}"))[0] == 204
    assert (await ben.ask("GET", messages))[0] == 404
    assert (await gus.ask("GET", f"/conversations/{elsewhere}/messages"))[0] == 404
    for method, path in (
        ("GET", "/conversations"),
        ("GET", f"/conversations/{place}"),
        ("GET", f"/conversations/{place}/participants"),
        ("PUT", f"/conversations/{place}/read"),
    ):
        assert (await gus.ask(method, path, {"seq": 1}))[0] == 403, path
    async with devices(gus, ada) as (client, hosts):
        with pytest.raises(SignalingError, match="forbidden"):
            await client.request("mark_read", conversation_id=place, seq=1)
        assert await client.request("watch_presence", user_ids=[ada.id]) == {"online": []}
        await client.request("typing", conversation_id=place)
        assert (await hosts.expect("typing"))["author"]["name"] == "Gus"
    await app[DATABASE].execute("UPDATE meeting_guests SET removed_at = now()")
    assert (await gus.ask("POST", messages, {"content": "Hello?"}))[0] == 404
    assert await ada.history(place) == [None, "Welcome!"]


async def test_guests_hear_what_is_said_in_their_meeting(api: Api) -> None:
    ada, eve = await people(api, "ada", "eve")
    meeting_id = await new_meeting(api, ada.token)
    _, made = await post(api, f"/meetings/{meeting_id}/guests", {"name": "Gus"})
    gus = Somebody(api, made["token"])
    async with devices(ada, gus, eve) as (adas, guests, eves):
        joined = [
            (await client.request("join", meeting_id=meeting_id))["joined"]
            for client in (adas, guests)
        ]
        place = joined[0]["conversation_id"]
        assert joined[1]["conversation_id"] == place
        assert (await ada.get("/conversations"))["items"] == []  # as long as nobody says anything
        await ada.say(place, "Welcome!")
        await guests.request("send_message", conversation_id=place, content="Hello!")
        assert await heard(adas, 2) == await heard(guests, 2) == [(1, "Welcome!"), (2, "Hello!")]
        await guests.request("leave")
        await ada.say(place, "Gone already")
        assert await heard(adas, 1) == [(3, "Gone already")]
        await nothing_more(guests, eves)
    (listed,) = (await ada.get("/conversations"))["items"]
    assert (listed["kind"], listed["meeting_id"]) == ("meeting", meeting_id)


async def test_what_was_said_before_a_guest_was_let_in_is_not_for_him(api: Api) -> None:
    (ada,) = await people(api, "ada")
    meeting_id = await new_meeting(api, ada.token)
    _, made = await post(api, f"/meetings/{meeting_id}/guests", {"name": "Gus"})
    gus = Somebody(api, made["token"])
    async with devices(ada, gus) as (adas, guests):
        place = (await adas.request("join", meeting_id=meeting_id))["joined"]["conversation_id"]
        earlier = await ada.say(place, "Gus owes us money")
        await guests.request("join", meeting_id=meeting_id)
        later = await ada.say(place, "Hello, Gus!")
        path = f"/conversations/{place}/messages"
        for message, content in ((earlier, "Gus owes a lot"), (later, "Hello!")):
            changed = await ada.ask("PATCH", f"{path}/{message['id']}", {"content": content})
            assert changed[0] == 200
        assert await heard(adas, 4) == [
            (1, "Gus owes us money"),
            (2, "Hello, Gus!"),
            (3, "Gus owes a lot"),
            (4, "Hello!"),
        ]
        assert await heard(guests, 2) == [(2, "Hello, Gus!"), (4, "Hello!")]
        missed = await guests.request("history", conversation_id=place, changed_after=0)
        assert [message["content"] for message in missed["messages"]] == ["Hello!"]
        await guests.request("leave")
        await guests.request("join", meeting_id=meeting_id)  # once is enough
    assert await gus.history(place) == ["Hello!"]
    assert await ada.history(place) == ["Gus owes a lot", "Hello!"]
    assert (await gus.ask("DELETE", f"{path}/{earlier['id']}"))[0] == 404


async def test_presence_is_told_to_those_who_share_a_conversation(
    api: Api, app: web.Application
) -> None:
    ada, ben, eve = await people(api, "ada", "ben", "eve")
    place = await group(ada, ben)
    hub = app[GATEWAY].hub
    async with devices(ada, eve, ben) as (adas, eves, bens):
        assert await adas.request("watch_presence", user_ids=[ben.id, eve.id]) == {
            "online": [ben.id]
        }
        assert await eves.request("watch_presence", user_ids=[ada.id, ben.id]) == {"online": []}
        (session,) = hub.sessions_of(ben.id)
        hub.end(session, "left")
        gone = await adas.expect("presence")
        assert (gone["user_id"], gone["online"]) == (ben.id, False)
        await bens.closed()
        async with devices(ben) as (again,):
            assert (await adas.expect("presence"))["online"] is True
            await again.request("watch_presence", user_ids=[ada.id])
            await again.request("typing", conversation_id=place)
            assert (await adas.expect("typing"))["author"]["user_id"] == ben.id
            path = f"/conversations/{place}/participants/{ben.id}"
            assert (await ben.ask("DELETE", path))[0] == 204
            for session in (*hub.sessions_of(ben.id), *hub.sessions_of(ada.id)):
                hub.end(session, "left")
            await asyncio.gather(adas.closed(), again.closed())
            await eves.request("ping")
            for client in (adas, again, eves):
                assert not [m for m in client._messages if m["type"] in ("presence", "typing")]


async def test_other_devices_hear_what_was_read(api: Api) -> None:
    ada, ben = await people(api, "ada", "ben")
    place = await direct(ada, ben)
    await ada.say(place, "1")
    await ada.say(place, "2")
    async with devices(ben, ben, ada) as (phone, laptop, adas):
        assert await phone.request("mark_read", conversation_id=place, seq=1) == {
            "seq": 1,
            "unread": 1,
        }
        read = await laptop.expect("read")
        assert (read["conversation_id"], read["seq"], read["unread"]) == (place, 1, 1)
        await ben.ask("PUT", f"/conversations/{place}/read", {"seq": 2})
        assert [(await each.expect("read"))["seq"] for each in (phone, laptop)] == [2, 2]
        await adas.request("ping")
        assert not adas._messages


async def test_without_the_database_nothing_is_half_done(
    api: Api, app: web.Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, ben = await people(api, "ada", "ben")
    place = await direct(ada, ben)
    fields = {"conversation_id": place, "content": "Hello!", "client_key": "k"}
    rows = Database.rows

    async def lost(database: Database, query: str, *arguments: object) -> object:
        """The answer to a commit, and with it whether it came to pass."""
        answer = await rows(database, query, *arguments)
        if "INSERT INTO messages" in query:
            raise DatabaseUnavailableError("connection lost")
        return answer

    async with devices(ada, ben) as (adas, bens):
        await adas.request("send_message", conversation_id=place, content="before")
        with monkeypatch.context() as broken:
            broken.setattr(Database, "rows", lost)
            with pytest.raises(SignalingError, match="unavailable"):
                await adas.request("send_message", **fields)
            path = f"/conversations/{place}/messages"
            status, problem = await ada.ask("POST", path, {"content": "lost", "client_key": "l"})
            assert (status, problem["status"]) == (503, 503)
        sent = (await adas.request("send_message", **fields))["message"]
        assert sent["seq"] == 2
        await ben.say(place, "after")
        expected = [(1, "before"), (2, "Hello!"), (3, "lost"), (4, "after")]
        for client in (adas, bens):
            assert await heard(client, 4) == expected
        await nothing_more(adas, bens)
    assert await ada.history(place) == [content for _, content in expected]


async def test_who_asks_too_much_is_slowed_down_on_all_connections(
    api: Api, app: web.Application
) -> None:
    ada, ben = await people(api, "ada", "ben")
    place = await direct(ada, ben)
    app[GATEWAY].hub.chatting = Buckets(Rate(1e-6, 3))
    async with devices(ada, ada, ben) as (phone, laptop, bens):
        for client in (phone, laptop, phone):
            await client.request("history", conversation_id=place)
        for client in (phone, laptop):
            for type_, fields in (("send_message", {"content": "Hello!"}), ("typing", {})):
                with pytest.raises(SignalingError, match="too_many_requests"):
                    await client.request(type_, conversation_id=place, **fields)
        await bens.request("typing", conversation_id=place)
    assert await ben.history(place) == []


async def test_too_much_waiting_is_refused(
    api: Api, app: web.Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, ben = await people(api, "ada", "ben")
    place = await direct(ada, ben)
    monkeypatch.setattr("signaling.lanes.MAX_WAITING", 3)
    async with app[DATABASE].connection() as other, other.transaction():
        await other.execute("SELECT FROM conversations FOR UPDATE")
        said = [
            asyncio.create_task(
                ada.ask("POST", f"/conversations/{place}/messages", {"content": str(n)})
            )
            for n in range(9)
        ]
        done, waiting = await asyncio.wait(said, return_when=asyncio.FIRST_COMPLETED)
        assert {task.result()[0] for task in done} == {503}
        assert waiting
    answers = [(await task)[0] for task in said]
    assert set(answers) == {201, 503}
    assert len(await ada.history(place)) == answers.count(201)
    assert MAX_WAITING > 100
