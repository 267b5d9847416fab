"""Mutated input for the parsers in Python, one after the other as one peer would send it. Nothing
but the documented error may leave them, and what is refused changes nothing.

Single messages are tried where each parser has its tests: tests/sfu/test_ice.py, test_sdp.py,
tests/sfu/rtp/test_hostile.py, tests/sfu/engine/test_properties.py, tests/signaling/test_faults.py.
Far longer than in `make test`: HYPOTHESIS_PROFILE=fuzz (docs/fuzzing.md).
"""

from __future__ import annotations

import json
from collections.abc import Awaitable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.engine.interface import Path
from sfu.errors import OfferError, TrackError
from sfu.ice import MAX_CHALLENGES, MAX_PATHS, Decision, IceAgent, Send
from sfu.tracks import TrackSource
from signaling.admission import Refused, identify
from tests.sfu.test_sdp import NAMES, mutated_offers
from tests.signaling.fakes import FakeTokens
from tests.signaling.test_faults import fields, json_values
from tests.support.ice import IceClient, is_request
from tests.support.room import FakeHouse, real_offer, with_fingerprint

PATHS = [Path(f"192.0.2.{number}", 5000, "192.0.2.99") for number in range(12)]

mutations = st.lists(st.tuples(st.integers(0, 199), st.integers(1, 255)), max_size=4)


FINGERPRINT = 8
"""Bytes at the end of a message that its integrity does not cover."""


def mutated(data: bytes, changes: list[tuple[int, int]]) -> bytes:
    message = bytearray(data)
    for position, difference in changes:
        message[position % (len(message) - FINGERPRINT)] ^= difference
    return bytes(message)


ice_steps = st.lists(
    st.one_of(
        st.tuples(st.just("check"), st.sampled_from(PATHS), mutations),
        st.tuples(st.just("answer"), st.sampled_from(PATHS), mutations),
        st.tuples(st.just("noise"), st.sampled_from(PATHS), st.binary(max_size=100)),
        st.tuples(st.just("restart"), st.none(), st.none()),
        st.tuples(st.just("wait"), st.sampled_from([0.1, 0.6, 4.0, 11.0]), st.none()),
    ),
    max_size=40,
)


class Fuzzed:
    """An ICE agent, its honest client, and everything that changes what he sends."""

    def __init__(self) -> None:
        self.now = 0.0
        self.client = IceClient()
        self.agent = IceAgent(self.client.credentials, created=0.0)
        self.asked: dict[Path, bytes] = {}
        """The last request of the agent's to each path."""

    def play(self, step: str, where: object, how: object) -> None:
        if step == "restart":
            self.client = IceClient()
            self.agent.restart(self.now, self.client.credentials)
        elif step == "wait":
            assert isinstance(where, float)
            self.now += where
            self._note(self.agent.tick(self.now))
        else:
            assert isinstance(where, Path)
            self._receive(where, step, how)

    def _receive(self, path: Path, step: str, how: object) -> None:
        if isinstance(how, list):
            true = self._message(step, path)
            data = mutated(true, how)
        else:
            assert isinstance(how, bytes)
            true, data = b"", how
        decisions = self.agent.receive(self.now, path, data)
        self._note(decisions)
        assert data == true or decisions == []

    def _message(self, step: str, path: Path) -> bytes:
        if step == "answer" and path in self.asked:
            with suppress(AssertionError):  # asked with the credentials before a restart
                return self.client.answer(self.asked[path])
        return self.client.check(self.agent.local)

    def _note(self, decisions: list[Decision]) -> None:
        for decision in decisions:
            if isinstance(decision, Send) and is_request(decision.data):
                self.asked[decision.path] = decision.data


@given(ice_steps)
def test_no_sequence_of_stun_messages_raises_or_fills_the_memory(
    steps: list[tuple[str, object, object]],
) -> None:
    fuzzed = Fuzzed()
    for step in steps:
        fuzzed.play(*step)
        assert sum(fuzzed.agent.uses(path) for path in PATHS) <= MAX_PATHS
        assert len(fuzzed.agent._challenges) <= MAX_CHALLENGES
    assert fuzzed.agent.selected is None or fuzzed.agent.uses(fuzzed.agent.selected)


async def refusal_of(offered: Awaitable[None]) -> str | None:
    try:
        await offered
    except OfferError as error:
        return error.message
    return None


offers = st.lists(mutated_offers() | st.sampled_from(NAMES).map(real_offer), max_size=4)
publications = st.lists(
    st.tuples(st.sampled_from(list(TrackSource)), st.sampled_from(["0", "1", "2", "é", ""])),
    max_size=3,
)


@given(offers, publications)
async def test_no_sequence_of_offers_harms_a_room(
    texts: list[str], tracks: list[tuple[TrackSource, str]]
) -> None:
    """Another participant, whose connection is left alone, and the next good offer is answered."""
    house = FakeHouse()
    ana, mallory = house.join("ana"), house.join("mallory")
    viewer = real_offer("chrome156_1send_3recv")
    await house.offer(ana, with_fingerprint(viewer, "A"))
    transport, told = house.transport(ana), list(ana.ear.states)
    for text in texts:
        before = (dict(house.engine.ufrags), dict(house.engine.sinks), len(house.engine.closed))
        refusal = await refusal_of(house.offer(mallory, text))
        after = (house.engine.ufrags, house.engine.sinks, len(house.engine.closed))
        assert refusal is None or (len(refusal) < 300 and after == before)
        for source, mid in tracks:
            with suppress(TrackError):
                mallory.participant.publish(source, mid)
        house.settle()
    await house.offer(mallory, with_fingerprint(viewer, "B"))
    assert mallory.answer.startswith("v=0\r\n")
    assert ana.ear.states == told
    assert transport not in house.engine.closed


messages = st.text() | st.binary() | (json_values | fields).map(json.dumps)


@given(messages)
async def test_no_first_message_does_more_than_refuse_its_connection(text: str | bytes) -> None:
    with pytest.raises(Refused) as refused:
        await identify(FakeTokens({}), text)
    assert refused.value.closing.message
