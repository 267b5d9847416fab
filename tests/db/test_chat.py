"""Conversations and messages as rows."""

from __future__ import annotations

import asyncio

import pytest

from db.conversations import (
    MAX_UNREAD,
    Conversations,
    TooManyMembersError,
    UnknownPeopleError,
)
from db.errors import StaleError
from db.meetings import Meetings
from db.membership import Person
from db.messages import Draft, MessageRow, Messages
from db.pool import Database


async def people(database: Database, count: int) -> list[int]:
    records = await database.rows(
        """
        INSERT INTO users (name, email, password)
        SELECT 'User ' || n, 'user' || n || '@example.com', '' FROM generate_series(1, $1) AS n
        RETURNING id
        """,
        count,
    )
    return [record["id"] for record in records]


def drafts(author_id: int, *contents: str, key: str | None = None) -> list[Draft]:
    return [Draft(Person(author_id), content, key) for content in contents]


async def say(database: Database, place: int, author_id: int, *contents: str) -> list[MessageRow]:
    sent = await Messages(database).send(place, drafts(author_id, *contents))
    return [message.row for message in sent.messages if message]


async def meeting_with_guest(database: Database, host: int) -> tuple[str, int]:
    meetings = Meetings(database)
    meeting = await meetings.create(host_id=host, title="Tea", guests_allowed=True)
    guest = await meetings.add_guest(meeting.id, "Gus")
    return meeting.id, guest.id


async def test_two_people_have_one_conversation(database: Database) -> None:
    ada, ben, eve = await people(database, 3)
    conversations = Conversations(database)
    made = await asyncio.gather(
        *(conversations.direct(*pair) for pair in ((ada, ben), (ben, ada)) * 3)
    )
    assert len({number for number, _ in made}) == 1
    assert [new for _, new in made].count(True) == 1
    number = made[0][0]
    for own, other in ((ada, ben), (ben, ada)):
        row = await conversations.find(number, own)
        assert row
        assert (row.kind, row.other_id, row.owner_id) == ("direct", other, None)
    assert await conversations.find(number, eve) is None
    with pytest.raises(UnknownPeopleError):
        await conversations.direct(ada, ada)
    with pytest.raises(UnknownPeopleError):
        await conversations.direct(ada, eve + 1)
    await database.execute("UPDATE users SET is_active = FALSE WHERE id = $1", eve)
    with pytest.raises(UnknownPeopleError):
        await conversations.direct(ada, eve)


async def test_a_group_has_the_members_its_owner_chose(database: Database) -> None:
    ada, ben, cleo, eve = await people(database, 4)
    conversations = Conversations(database)
    number = await conversations.group(ada, "Tea", [ben, ben])
    row = await conversations.find(number, ben)
    assert row
    assert (row.kind, row.title, row.owner_id, row.other_id) == ("group", "Tea", ada, None)
    with pytest.raises(UnknownPeopleError):
        await conversations.group(ada, "Tea", [ben, eve + 1])

    assert await conversations.add_participants(number, [ben, cleo]) == [cleo]
    with pytest.raises(UnknownPeopleError):
        await conversations.add_participants(number, [eve, eve + 1])
    assert await conversations.find(number, eve) is None
    first, *rest = await conversations.participants(number, None, 2)
    assert [first.user_id, *(row.user_id for row in rest)] == [ada, ben]
    assert [row.user_id for row in await conversations.participants(number, ben, 2)] == [cleo]

    await conversations.rename(number, "Coffee", 1)
    with pytest.raises(StaleError):
        await conversations.rename(number, "Cocoa", 1)
    await conversations.rename(number, "Cocoa", None)

    assert await conversations.remove_participant(number, ada)
    assert not await conversations.remove_participant(number, ada)
    assert await conversations.find(number, ada) is None
    row = await conversations.find(number, cleo)
    assert row
    assert (row.title, row.owner_id) == ("Cocoa", ben)


async def test_a_group_does_not_grow_without_end(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, *others = await people(database, 1001)
    number = await Conversations(database).group(ada, "Everybody", others[:990])
    with pytest.raises(TooManyMembersError):
        await Conversations(database).add_participants(number, others[980:])
    await Conversations(database).add_participants(number, others[980:999])


async def test_messages_are_numbered_without_gaps_whoever_sends(database: Database) -> None:
    ada, ben, eve = await people(database, 3)
    number, _ = await Conversations(database).direct(ada, ben)
    sent = await asyncio.gather(
        *(say(database, number, (ada, ben)[n % 2], f"{n}a", f"{n}b") for n in range(20)),
    )
    rows = sorted((row for rows in sent for row in rows), key=lambda row: row.seq)
    assert [row.seq for row in rows] == list(range(1, 41))
    assert all(row.revision == row.seq for row in rows)
    assert all(second.seq == first.seq + 1 for first, second in sent)
    assert [row.created_at for row in rows] == sorted(row.created_at for row in rows)
    assert await say(database, number, eve, "psst") == []
    assert await Messages(database).history(number, None, 99) == rows[::-1]
    assert await Messages(database).history(number, 21, 5) == rows[19:14:-1]
    assert (rows[0].author_name, rows[0].guest_id) == (f"User {rows[0].sender_id}", None)


async def test_a_repeated_key_gives_the_first_message(database: Database) -> None:
    ada, ben = await people(database, 2)
    number, _ = await Conversations(database).direct(ada, ben)
    messages = Messages(database)
    together = await messages.send(
        number,
        [
            *drafts(ada, "first", "again", key="k"),
            *drafts(ben, "another's", key="k"),
            *drafts(ada, "no key"),
        ],
    )
    first, again, other, plain = (message for message in together.messages if message)
    assert (first.new, again.new, other.new, plain.new) == (True, False, True, True)
    assert (again.row, first.row.content) == (first.row, "first")
    assert [row.row.seq for row in (first, other, plain)] == [1, 2, 3]
    assert sorted(together.members) == [ada, ben]

    later = await messages.send(number, [*drafts(ada, "x", key="k"), *drafts(ada, "new", key="l")])
    repeated, new = (message for message in later.messages if message)
    assert (repeated.new, repeated.row, new.new, new.row.seq) == (False, first.row, True, 4)

    racing = await asyncio.gather(
        *(messages.send(number, drafts(ada, "race", key="r")) for _ in range(8))
    )
    outcomes = [message for sent in racing for message in sent.messages if message]
    assert len({message.row.id for message in outcomes}) == 1
    assert [message.new for message in outcomes].count(True) == 1
    assert [row.seq for row in await messages.history(number, None, 9)] == [5, 4, 3, 2, 1]


async def test_edits_and_deletions_take_the_next_revision(database: Database) -> None:
    ada, ben = await people(database, 2)
    number, _ = await Conversations(database).direct(ada, ben)
    messages = Messages(database)
    first, second = await say(database, number, ada, "one", "two")
    edited = await messages.edit(number, first.id, "uno")
    assert edited
    assert (edited.seq, edited.revision, edited.content) == (1, 3, "uno")
    assert edited.edited_at
    deleted = await messages.delete(number, second.id)
    assert deleted
    assert (deleted.seq, deleted.revision, deleted.content) == (2, 4, None)
    stored = await database.one("SELECT content FROM messages WHERE id = $1", second.id)
    assert stored["content"] == ""
    assert await messages.delete(number, second.id) is None
    assert await messages.edit(number, second.id, "zombie") is None
    assert await messages.edit(number + 1, first.id, "elsewhere") is None
    assert await messages.find(number, first.id) == edited
    assert await messages.changes(number, 2, 9) == [edited, deleted]
    assert await messages.changes(number, 3, 9) == [deleted]
    (third,) = await say(database, number, ben, "three")
    assert third.seq == 5


async def test_unread_messages_are_others_after_the_mark(database: Database) -> None:
    ada, ben, eve = await people(database, 3)
    conversations = Conversations(database)
    number, _ = await conversations.direct(ada, ben)
    rows = await say(database, number, ada, "1", "2", "3")
    await Messages(database).delete(number, rows[2].id)

    async def unread(user_id: int) -> int:
        row = await conversations.find(number, user_id)
        assert row
        return row.unread

    assert (await unread(ada), await unread(ben)) == (0, 2)
    read = await conversations.read(number, ben, 1)
    assert read
    assert (read.seq, read.unread) == (1, 1)
    back = await conversations.read(number, ben, 0)
    assert back == read
    far = await conversations.read(number, ben, 999)
    assert far
    assert (far.seq, far.unread) == (4, 0)
    assert await conversations.read(number, eve, 1) is None
    await say(database, number, ada, *map(str, range(MAX_UNREAD + 5)))
    assert await unread(ben) == MAX_UNREAD


async def test_a_newcomer_has_read_what_was_said_before(database: Database) -> None:
    ada, ben = await people(database, 2)
    conversations = Conversations(database)
    number = await conversations.group(ada, "Tea", [])
    await say(database, number, ada, "before")
    assert await conversations.add_to_meeting(number, [ben]) == [ben]
    assert await conversations.add_to_meeting(number, [ben]) == []
    await say(database, number, ada, "after")
    row = await conversations.find(number, ben)
    assert row
    assert (row.unread, row.read_seq) == (1, 1)


async def test_conversations_are_listed_by_their_last_message(database: Database) -> None:
    ada, ben, cleo = await people(database, 3)
    conversations = Conversations(database)
    with_ben, _ = await conversations.direct(ada, ben)
    with_cleo, _ = await conversations.direct(cleo, ada)
    group = await conversations.group(ben, "Tea", [ada, cleo])
    hidden = await conversations.group(ben, "Without Ada", [cleo])
    for place, author in ((group, ben), (with_cleo, cleo), (with_ben, ada), (hidden, ben)):
        await say(database, place, author, f"hello {place}")

    found, after = [], None
    while rows := await conversations.of_user(ada, after, 1):
        found += rows
        after = (rows[0].active_at, rows[0].id)
    assert [row.id for row in found] == [with_ben, with_cleo, group]
    assert await conversations.of_user(ada, None, 9) == found
    assert [row.other_name for row in found] == ["User 2", "User 3", None]
    assert [row.unread for row in found] == [0, 1, 1]
    last = found[2].last
    assert last == (await Messages(database).history(group, None, 1))[0]
    assert await conversations.find(group, ada) == found[2]
    assert await conversations.acquaintances(ada, [ben, cleo, ada + 999]) == {ben, cleo}
    empty = await conversations.group(ada, "Empty", [])
    assert [row.last for row in await conversations.of_user(ada, None, 1)] == [None]
    assert (await conversations.of_user(ada, None, 1))[0].id == empty


async def test_a_meeting_has_one_conversation_and_its_host_moderates(database: Database) -> None:
    ada, ben, cleo = await people(database, 3)
    meeting_id, guest = await meeting_with_guest(database, ada)
    conversations, messages = Conversations(database), Messages(database)
    numbers = await asyncio.gather(*(conversations.of_meeting(meeting_id) for _ in range(4)))
    assert len(set(numbers)) == 1
    number = numbers[0]

    async def takes_part(person: Person) -> bool:
        sent = await messages.send(number, [Draft(person, "hello")])
        standing = await conversations.standing(number, person)
        assert (sent.messages != [None]) == (standing is not None)
        return standing is not None

    assert await takes_part(Person(ada))
    assert not await takes_part(Person(ben))
    await conversations.add_to_meeting(number, [ben])
    assert await takes_part(Person(ben))
    row = await conversations.find(number, ada)
    assert row
    assert (row.kind, row.title, row.meeting_id) == ("meeting", "Tea", meeting_id)

    assert not await takes_part(Person(guest_id=guest))
    await database.execute("UPDATE meeting_guests SET admitted_at = now()")
    assert await takes_part(Person(guest_id=guest))
    assert (await messages.history(number, None, 1))[0].author_name == "Gus"
    await database.execute("UPDATE meeting_guests SET removed_at = now()")
    assert not await takes_part(Person(guest_id=guest))

    async def moderates(user_id: int) -> bool:
        standing = await conversations.standing(number, Person(user_id))
        return standing is not None and standing.moderator

    assert (await moderates(ada), await moderates(ben)) == (True, False)
    await set_member(database, meeting_id, ben, "cohost")
    assert await moderates(ben)
    await database.execute("UPDATE meeting_members SET removed_at = now() WHERE user_id = $1", ben)
    assert not await takes_part(Person(ben))
    assert await conversations.of_user(ben, None, 9) == []
    assert await conversations.read(number, ben, 1) is None
    assert [row.user_id for row in await conversations.participants(number, None, 9)] == [ada]
    assert await conversations.acquaintances(ada, [ben, cleo]) == set()
    standing = await conversations.standing(number, Person(ada))
    assert standing
    assert standing.members == [ada]


async def test_a_guest_of_another_meeting_takes_no_part(database: Database) -> None:
    (ada,) = await people(database, 1)
    meeting_id, _ = await meeting_with_guest(database, ada)
    _, stranger = await meeting_with_guest(database, ada)
    await database.execute("UPDATE meeting_guests SET admitted_at = now()")
    number = await Conversations(database).of_meeting(meeting_id)
    group = await Conversations(database).group(ada, "Tea", [])
    for place in (number, group, number + 99):
        sent = await Messages(database).send(place, [Draft(Person(guest_id=stranger), "psst")])
        assert sent.messages == [None]
        assert await Conversations(database).standing(place, Person(guest_id=stranger)) is None


async def set_member(database: Database, meeting_id: str, user_id: int, role: str) -> None:
    await database.execute(
        "INSERT INTO meeting_members (meeting_id, user_id, role) VALUES ($1, $2, $3)",
        meeting_id,
        user_id,
        role,
    )
