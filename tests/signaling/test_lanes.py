"""Lanes: in order, together, bounded, and nobody's fault is another's."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from db.membership import Person
from db.messages import Draft
from signaling.correlation import fields, noted
from signaling.errors import RequestError
from signaling.lanes import MAX_TOGETHER, MAX_WAITING, Lanes


class Writing:
    """Writes when told to, and remembers what at once."""

    def __init__(self) -> None:
        self.together: list[list[str]] = []
        self.rests: list[int] = []
        self.go = asyncio.Event()
        self.lanes: Lanes[str] = Lanes(self._send, self._rest)

    def say(self, text: str, place: int = 1) -> asyncio.Task[str]:
        return asyncio.create_task(self.lanes.send(place, Draft(Person(1), text)))

    async def _send(self, conversation_id: int, drafts: Sequence[Draft]) -> list[str]:
        await self.go.wait()
        said = [draft.content for draft in drafts]
        if "bad" in said:
            raise ValueError("bad")
        self.together.append(said)
        return [f"{conversation_id} {text}" for text in said]

    def _rest(self, conversation_id: int) -> float:
        self.rests.append(conversation_id)
        return 0.0


async def settle() -> None:
    """Let everybody go as far as possible."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_what_waits_is_written_together_and_in_order() -> None:
    writing = Writing()
    first = writing.say("0")
    await settle()
    later = [writing.say(str(number)) for number in range(1, MAX_TOGETHER + 2)]
    await settle()
    writing.go.set()
    assert await first == "1 0"
    assert await asyncio.gather(*later) == [f"1 {n}" for n in range(1, MAX_TOGETHER + 2)]
    assert [len(said) for said in writing.together] == [1, MAX_TOGETHER, 1]
    await settle()
    assert writing.rests == [1, 1, 1]


async def test_each_is_done_as_whose_it_is() -> None:
    """Whoever came first does the work, but it is not logged as his."""
    writing = Writing()

    async def whose() -> object:
        return fields()["participant"]

    with noted(participant="ada"):
        first = writing.say("0")
    await settle()
    with noted(participant="ben"):
        later = asyncio.create_task(writing.lanes.do(1, whose))
    await settle()
    writing.go.set()
    assert await first
    assert await later == "ben"


async def test_other_things_keep_their_place_among_messages() -> None:
    writing = Writing()
    order = writing.together

    async def act() -> str:
        order.append(["act"])
        return "done"

    tasks = [writing.say("0")]
    await settle()
    tasks += [writing.say("1"), asyncio.create_task(writing.lanes.do(1, act)), writing.say("2")]
    await settle()
    writing.go.set()
    assert (await asyncio.gather(*tasks))[2] == "done"
    assert order == [["0"], ["1"], ["act"], ["2"]]


async def test_too_many_are_refused_and_other_conversations_are_not() -> None:
    writing = Writing()
    waiting = [writing.say("first")]
    await settle()
    waiting += [writing.say(str(number)) for number in range(MAX_WAITING)]
    await settle()
    with pytest.raises(RequestError, match="Too much"):
        await writing.lanes.send(1, Draft(Person(1), "more"))
    elsewhere = writing.say("hello", place=2)
    await settle()
    writing.go.set()
    assert await elsewhere == "2 hello"
    assert len(await asyncio.gather(*waiting)) == MAX_WAITING + 1


async def test_a_failure_is_told_to_those_it_concerns() -> None:
    writing = Writing()
    bad = writing.say("bad")
    await settle()
    good = writing.say("good")
    gone = writing.say("nobody waits for me")
    await settle()
    gone.cancel()
    writing.go.set()
    with pytest.raises(ValueError, match="bad"):
        await bad
    assert await good == "1 good"
    assert writing.together == [["good", "nobody waits for me"]]


async def test_closing_fails_what_waits() -> None:
    writing = Writing()
    waiting = [writing.say("a")]
    await settle()
    waiting.append(writing.say("b"))
    await settle()
    await writing.lanes.close()
    for task in waiting:
        with pytest.raises(RequestError, match="stops"):
            await task
