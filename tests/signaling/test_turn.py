"""Names and passwords for TURN servers: as they make them, for one participant, for hours."""

from __future__ import annotations

import base64
import hashlib
import hmac

from signaling.turn import LASTING, Turn
from tests.signaling.driver import World
from tests.signaling.fakes import user


def test_they_are_what_a_server_with_the_secret_expects() -> None:
    [server] = Turn(["turn:a", "turn:b"], "shared", lambda: 1_000.9).servers("ana")
    assert server.urls == ["turn:a", "turn:b"]
    assert server.username == f"{1_000 + LASTING}:ana"
    expected = hmac.new(b"shared", server.username.encode(), hashlib.sha1).digest()
    assert base64.b64decode(server.credential) == expected


def test_without_servers_nothing_is_told() -> None:
    assert Turn((), "", lambda: 0.0).servers("ana") == []


async def test_each_participant_has_a_name_of_his_own_when_he_joins() -> None:
    world, names = World(), set()
    for number in (1, 2):
        [told] = (await world.client(user(number)).join())["ice_servers"]
        assert told["urls"] == ["turn:relay.example.org"]
        names.add(told["username"])
    assert len(names) == 2
