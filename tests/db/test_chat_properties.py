"""Whatever happens in a conversation: who catches up misses nothing."""

from __future__ import annotations

import asyncio

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.conversations import Conversations
from db.membership import Person
from db.messages import Draft, MessageRow, Messages
from db.pool import Database

Step = tuple[str, int]
STEPS = st.lists(
    st.tuples(st.sampled_from(["send", "send", "edit", "delete"]), st.integers(0, 50)), max_size=6
)
ROUNDS = st.lists(STEPS, min_size=1, max_size=6)
on_one_database = settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
"""Each example has a conversation of its own."""

State = dict[int, MessageRow]


class Talk:
    """A conversation, and what somebody knows who has heard everything."""

    def __init__(self, database: Database, place: int, people: list[int]) -> None:
        self.messages = Messages(database)
        self.place = place
        self.people = people
        self.state: State = {}
        self.revision = 0

    @classmethod
    async def begin(cls, database: Database) -> Talk:
        records = await database.rows(
            """
            INSERT INTO users (name, email, password)
            SELECT 'Somebody', gen_random_uuid() || '@example.com', '' FROM generate_series(1, 2)
            RETURNING id
            """
        )
        people = [record["id"] for record in records]
        place, _ = await Conversations(database).direct(*people)
        return cls(database, place, people)

    async def go_on(self, steps: list[Step]) -> None:
        for what, number in steps:
            for row in await self._step(what, number):
                assert row.revision == self.revision + 1
                self.revision = row.revision
                self.state[row.id] = row

    async def _step(self, what: str, number: int) -> list[MessageRow]:
        if what == "send" or not self.state:
            author = Person(self.people[number % 2])
            drafts = [Draft(author, f"{number}"), Draft(author, "and", f"key {number}")]
            sent = await self.messages.send(self.place, drafts)
            return [message.row for message in sent.messages if message and message.new]
        message_id = list(self.state)[number % len(self.state)]
        if what == "edit":
            row = await self.messages.edit(self.place, message_id, f"edited {number}")
        else:
            row = await self.messages.delete(self.place, message_id)
        return [row] if row else []


@on_one_database
@given(before=STEPS, rounds=ROUNDS, missed=st.integers(0, 5), limit=st.integers(1, 4))
async def test_catching_up_gives_what_listening_would_have(
    database: Database, before: list[Step], rounds: list[list[Step]], missed: int, limit: int
) -> None:
    talk = await Talk.begin(database)
    await talk.go_on(before)
    known, revision = dict(talk.state), talk.revision
    for steps in rounds[:missed]:
        await talk.go_on(steps)
    later = rounds[missed:]
    while page := await talk.messages.changes(talk.place, revision, limit):
        assert [row.revision for row in page] == sorted({row.revision for row in page})
        known |= {row.id: row for row in page}
        revision = page[-1].revision
        if later:
            await talk.go_on(later.pop())
    assert known == talk.state
    assert revision == talk.revision or not known


async def test_revisions_become_visible_in_their_order(database: Database) -> None:
    talk = await Talk.begin(database)

    async def write(author: int) -> None:
        for number in range(15):
            await talk.messages.send(talk.place, [Draft(Person(author), f"{number}")] * 2)

    writers = [asyncio.create_task(write(talk.people[n % 2])) for n in range(4)]
    seen: list[int] = []
    while len(seen) < 120:
        seen += [row.revision for row in await talk.messages.changes(talk.place, len(seen), 7)]
        assert seen == list(range(1, len(seen) + 1))
    await asyncio.gather(*writers)
