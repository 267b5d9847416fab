"""Meetings over real sessions, on a real PostgreSQL: what hosts decide is stored, and holds."""

from __future__ import annotations

from http import HTTPStatus

import pytest

from benchmarks.signaling_client import JsonObject, SignalingClient, SignalingError
from db.pool import Database
from tests.api.conftest import Api, Connect
from tests.api.people import get, new_meeting, own_id, post, sign_up


async def became_guest(api: Api, meeting_id: str, name: str) -> str:
    status, guest = await post(api, f"/meetings/{meeting_id}/guests", {"name": name})
    assert status == HTTPStatus.CREATED
    return str(guest["token"])


async def joined(client: SignalingClient, meeting_id: str) -> JsonObject:
    found: JsonObject = (await client.request("join", meeting_id=meeting_id))["joined"]
    assert found
    return found


async def refused(client: SignalingClient, type_: str, **fields: object) -> str:
    with pytest.raises(SignalingError) as error:
        await client.request(type_, **fields)
    return error.value.code


async def test_a_lobby_from_the_door_to_the_conversation(api: Api, connect: Connect) -> None:
    ada, ben = await sign_up(api), await sign_up(api, email="ben@example.com")
    meeting_id = await new_meeting(api, ada)
    host, user = await connect(ada), await connect(ben)
    visitor = await connect(await became_guest(api, meeting_id, "Gus"))
    await joined(host, meeting_id)
    await host.request("update_meeting", lobby="all")
    for client in (user, visitor):
        assert (await client.request("join", meeting_id=meeting_id))["waiting"]
    lobby = await host.expect("lobby")
    while len(lobby["people"]) < 2:
        lobby = await host.expect("lobby")
    await host.request("admit", person_id=lobby["people"][0]["id"])
    admitted = (await user.expect("admitted"))["joined"]
    conversation = {"conversation_id": admitted["conversation_id"]}
    said = {"content": "Good evening!", "client_key": "1"}
    assert await refused(visitor, "send_message", **conversation, **said) == "not_found"
    await host.request("admit_all")
    assert (await visitor.expect("admitted"))["joined"]["role"] == "guest"
    await visitor.request("send_message", **conversation, **said)
    assert (await user.expect("message"))["message"]["content"] == "Good evening!"
    # Who was let in needs not wait again, on no device.
    assert (await joined(await connect(ben), meeting_id))["role"] == "participant"


async def test_who_is_removed_is_out_everywhere_and_for_good(
    api: Api, connect: Connect, database: Database
) -> None:
    ada, ben = await sign_up(api), await sign_up(api, email="ben@example.com")
    meeting_id = await new_meeting(api, ada)
    token = await became_guest(api, meeting_id, "Gus")
    host, user, visitor = await connect(ada), await connect(ben), await connect(token)
    await joined(host, meeting_id)
    guest = await joined(visitor, meeting_id)
    participant = await joined(user, meeting_id)
    conversation_id = participant["conversation_id"]
    for out in (guest, participant):
        await host.request("remove", participant_id=out["participant_id"])
    assert (await user.expect("removed"))["reason"] == "removed"
    assert await refused(user, "join", meeting_id=meeting_id) == "removed"
    path = f"/conversations/{conversation_id}/messages"
    assert (await get(api, path, ben))[0] == HTTPStatus.NOT_FOUND
    assert (await get(api, path, ada))[0] == HTTPStatus.OK
    # The guest's login is gone, and who comes under another name waits.
    assert await visitor.closed()
    assert (await get(api, path, token))[0] == HTTPStatus.UNAUTHORIZED
    assert await database.row("SELECT FROM sessions WHERE guest_id IS NOT NULL") is None
    again = await connect(await became_guest(api, meeting_id, "Gus II"))
    assert (await again.request("join", meeting_id=meeting_id))["waiting"]


async def test_the_host_role_goes_over_and_the_end_is_stored(api: Api, connect: Connect) -> None:
    ada, ben = await sign_up(api), await sign_up(api, email="ben@example.com")
    meeting_id = await new_meeting(api, ada)
    old, new = await connect(ada), await connect(ben)
    await joined(old, meeting_id)
    heir = (await joined(new, meeting_id))["participant_id"]
    assert await refused(new, "end_meeting") == "forbidden"
    await old.request("hand_over", participant_id=heir)
    changed = await old.expect("role_changed", participant_id=heir)
    assert changed["role"] == "host"
    assert await refused(old, "end_meeting") == "forbidden"
    await old.request("mute_all")  # a co-host still
    _, shown = await get(api, f"/meetings/{meeting_id}")
    assert shown["host"]["id"] == await own_id(api, ben)
    await new.request("end_meeting")
    for client in (old, new):
        assert (await client.expect("removed"))["reason"] == "ended"
        assert await refused(client, "join", meeting_id=meeting_id) == "ended"
