"""Whatever a client sends and whatever breaks in us: an answer to that client, and no more."""

from __future__ import annotations

import asyncio
import json
import logging

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.logs import correlate, formatter
from signaling import handlers
from signaling.limits import Limits
from signaling.messages import Failure, Reply
from signaling.schema import document
from tests.signaling.driver import World
from tests.signaling.fakes import JsonObject, user

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
fields = st.fixed_dictionaries(
    {
        "id": st.integers(0, 9),
        "type": st.sampled_from(
            sorted(document()["components"]["schemas"]["Results"]["properties"])
        ),
    },
    optional={
        "token": st.text(),
        "meeting_id": st.sampled_from(["standup", "nowhere", "broken", "private"]) | json_values,
        "replaces": json_values,
        "sdp": st.sampled_from(["v=0", "bad", "broken"]) | json_values,
        "source": st.sampled_from(["camera", "microphone"]) | json_values,
        "mid": st.just("0") | json_values,
        "track_id": st.sampled_from(["track1", "track2"]) | json_values,
        "muted": st.booleans() | json_values,
        "tracks": json_values,
        "revision": json_values,
    },
)

unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A busy machine is no failure."""


@unhurried
@given(text=st.text() | st.binary() | json_values.map(json.dumps))
async def test_no_text_whatsoever_raises(text: str | bytes) -> None:
    world = World()
    client = await world.joined(user(1))
    assert isinstance(await handlers.answer(world.hub, client.session, text), Failure)


@unhurried
@given(requests=st.lists(fields, max_size=12))
async def test_no_sequence_of_requests_raises_or_ends_another_client(
    requests: list[JsonObject],
) -> None:
    world = World()
    ana, ben = await world.joined(user(1)), await world.joined(user(2))
    for request in requests:
        answer = await handlers.answer(world.hub, ben.session, json.dumps(request))
        assert isinstance(answer, Reply | Failure)
        assert answer.id == request["id"]
    assert await ana.ask("ping") == {}
    assert not ana.media.left


async def test_a_fault_of_ours_is_told_without_its_details(
    caplog: pytest.LogCaptureFixture,
) -> None:
    world = World()
    ana, ben = await world.joined(user(1)), await world.joined(user(2))
    ana.receive()
    caplog.handler.addFilter(correlate)
    answer = await ana.request("offer", sdp="broken")
    assert answer["error"]["code"] == "internal"
    assert "secret" not in json.dumps(answer)
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    told = formatter("console", "full").format(record)
    for correlation in (ana.session.id, ana.participant_id, "standup", str(answer["id"])):
        assert correlation in told
    assert ana.receive() == ben.receive() == []
    assert await ana.ask("ping") == {}


async def test_a_database_that_is_down_is_told_without_its_address() -> None:
    answer = await World().client(user(1)).request("join", meeting_id="broken")
    assert answer["error"]["code"] == "internal"
    assert "password" not in json.dumps(answer)


async def test_what_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(Limits(request=0.0))
    ana = world.client(user(1))

    async def never(_: str) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(world.meetings, "find", never)
    assert await ana.refused("join", meeting_id="standup") == "unavailable"


async def test_a_session_replaced_while_it_joins_leaves_no_ghost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its place was taken while the meeting was looked up."""
    world = World()
    late = world.client(user(1))
    find = world.meetings.find

    async def replaced_meanwhile(meeting_id: str) -> object:
        monkeypatch.undo()
        await world.client(user(1)).join(replaces=late.ticket)
        return await find(meeting_id)

    monkeypatch.setattr(world.meetings, "find", replaced_meanwhile)
    assert await late.refused("join", meeting_id="standup") == "unavailable"
    assert len(world.hub.meetings["standup"].members) == 1


async def test_authenticating_twice_is_refused() -> None:
    client = World().client(user(1))
    assert await client.refused("authenticate", token="x") == "already_authenticated"
