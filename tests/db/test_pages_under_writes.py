"""Every list, read page by page while others write.

A page is one statement: it sees all of a write or nothing of it, so whatever can happen to a reader
happens between two pages. What is in a list all the time, in one place, is read exactly once;
nothing is read twice; the order is the list's; and the pages end. Rows that change their place:

- A conversation in which something is said, and a post that is published anew, go to the front:
  they are read once, or not at all if they went from behind the reader's place.
- People and accounts are where their names are: whoever is renamed is read once at most under each
  name.
- Among the changes of a conversation, a message that is changed again is behind all others: what is
  missed where it was is read there.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from hypothesis import given, settings
from hypothesis import strategies as st

from db.audit import Audit
from db.blogs import Blogs, Content, PostChanges
from db.conversations import Conversations, UnknownPeopleError
from db.errors import StaleError
from db.invitations import InvitationError, Invitations
from db.meetings import Meetings
from db.membership import Person
from db.messages import Draft, Messages
from db.pool import Address, Database
from db.sessions import Sessions
from db.users import AccountChanges, LastAdministratorError, NewUser, ProfileChanges, Users
from tests.db.lists import lists
from tests.support.postgres import TEMPLATE, new_database, opened

LATER = datetime.now(UTC) + timedelta(days=1)
NAMES = ["Ada", "ada", "Ádám", "Ben", "Ben B", "Eve", "Zoë", "_", "1"]
TITLES = ["tea", "green tea", "coffee"]
REFUSED = (StaleError, LastAdministratorError, UnknownPeopleError, InvitationError)
"""What is tried with things that are there no more."""

EMPTY = "; ".join(
    f"DELETE FROM {table}"  # noqa: S608
    for table in ("conversations", "meetings", "invitations", "audit_log", "blogs", "users")
)
"""Other rows go with these. For a few rows this is quicker than TRUNCATE."""

Key = tuple[Any, ...]
Write = Callable[..., Awaitable[object]]


class World:
    """What others write. `number` stands for what they choose; ids may be of what is gone."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.users, self.blogs = Users(database), Blogs(database)
        self.conversations, self.messages = Conversations(database), Messages(database)
        self.meetings, self.sessions = Meetings(database), Sessions(database)
        self.invitations, self.audit = Invitations(database), Audit(database)
        self.numbers = count()
        self.said: list[int] = []

    async def begin(self) -> None:
        await self.database.execute(EMPTY)
        self.me, self.friend = await self.sign_up(None, 0), await self.sign_up(None, 3)
        await self.database.execute("UPDATE users SET is_admin = TRUE WHERE id = $1", self.me)
        self.group = await self.new_group(None, 0)
        self.meeting = (await self.meetings.create(host_id=self.me)).id

    # People

    async def sign_up(self, _: object, number: int) -> int:
        user = await self.users.create(
            email=f"{next(self.numbers)}@example.com",
            password="",
            name=NAMES[number % len(NAMES)],
            age=None,
        )
        return user.id

    async def rename(self, user_id: int, number: int) -> None:
        changes = ProfileChanges(name=NAMES[number % len(NAMES)])
        await self.users.change_profile(user_id, changes, None)

    async def switch(self, user_id: int, number: int) -> None:
        """Off or on."""
        changes = AccountChanges(is_active=number % 2 == 1)
        await self.users.administer(user_id, changes, None, actor_id=self.me)

    async def promote(self, user_id: int, number: int) -> None:
        changes = AccountChanges(is_admin=number % 2 == 0)
        await self.users.administer(user_id, changes, None, actor_id=self.me)

    async def end_account(self, user_id: int, _: int) -> None:
        await self.users.delete(user_id, actor_id=self.me)

    async def call_friend(self, _: object, number: int) -> None:
        changes = AccountChanges(name=NAMES[number % len(NAMES)])
        await self.users.administer(self.friend, changes, None, actor_id=self.me)

    # Invitations, logins

    async def invite(self, _: object, number: int) -> None:
        digest = next(self.numbers).to_bytes(8)
        await self.invitations.create(digest, None, actor_id=(self.me, None)[number % 2])

    async def redeem(self, _: object, number: int) -> None:
        user = NewUser(f"{next(self.numbers)}@example.com", "", "Eve", None)
        digest = (number + 2).to_bytes(8)
        await self.invitations.redeem(digest, user, from_administrators=True)

    async def revoke(self, invitation_id: int, _: int) -> None:
        await self.invitations.revoke(invitation_id, actor_id=self.me)

    async def sign_in(self, _: object, number: int) -> None:
        await self.sessions.open_for_user((self.friend, self.me)[number % 4 > 0], LATER)

    async def renew(self, session_id: UUID, _: int) -> None:
        await self.sessions.renew(session_id, LATER + timedelta(1), timedelta(9))

    async def sign_out(self, session_id: UUID, _: int) -> None:
        await self.sessions.close_own(self.me, session_id)

    # Posts

    async def write(self, _: object, number: int) -> None:
        await self.blogs.create(
            (self.friend, self.me)[number % 4 > 0],
            title=TITLES[number % len(TITLES)],
            content=Content("", "", 1),
            published=number % 5 > 1,
        )

    async def edit(self, post_id: int, number: int) -> None:
        changes = PostChanges(title=TITLES[number % len(TITLES)])
        await self.blogs.update(post_id, changes, None)

    async def publish(self, post_id: int, number: int) -> None:
        """Or withdraw, or both: publish anew."""
        for published in ([True], [False], [False, True])[number % 3]:
            await self.blogs.update(post_id, PostChanges(published=published), None)

    async def unpublish(self, post_id: int, _: int) -> None:
        await self.blogs.delete(post_id)

    # Conversations

    async def new_group(self, _: object, number: int) -> int:
        return await self.conversations.group(self.me, f"{number}", [self.friend])

    async def speak(self, conversation_id: int, number: int) -> None:
        author = Person((self.friend, self.me)[number % 2])
        sent = await self.messages.send(conversation_id, [Draft(author, "and")] * (1 + number % 3))
        self.said += [message.row.id for message in sent.messages if message]

    async def leave(self, conversation_id: int, _: int) -> None:
        await self.conversations.remove_participant(conversation_id, self.me)

    async def come_back(self, conversation_id: int, _: int) -> None:
        await self.conversations.add_participants(conversation_id, [self.me])

    async def add(self, _: object, number: int) -> None:
        someone = await self.sign_up(None, number)
        await self.conversations.add_participants(self.group, [someone])

    async def add_again(self, user_id: int, _: int) -> None:
        await self.conversations.add_participants(self.group, [user_id])

    async def put_out(self, user_id: int, _: int) -> None:
        await self.conversations.remove_participant(self.group, user_id)

    async def say(self, _: object, number: int) -> None:
        await self.speak(self.group, number)

    async def say_else(self, _: object, number: int) -> None:
        await self.messages.edit(self.group, self.said[number % len(self.said)], "else")

    async def unsay(self, _: object, number: int) -> None:
        await self.messages.delete(self.group, self.said[number % len(self.said)])

    # Meetings

    async def meet(self, _: object, number: int) -> None:
        meeting = await self.meetings.create(host_id=(self.friend, self.me)[number % 4 == 0])
        await self.meetings.admit(meeting.id, [self.me])

    async def end(self, meeting_id: str, _: int) -> None:
        await self.meetings.end(meeting_id)

    async def be_removed(self, meeting_id: str, _: int) -> None:
        await self.meetings.remove_user(meeting_id, self.me)

    async def be_readmitted(self, meeting_id: str, _: int) -> None:
        await self.meetings.readmit(meeting_id, self.me)

    async def admit(self, _: object, number: int) -> None:
        await self.meetings.admit(self.meeting, [await self.sign_up(None, number)])

    async def readmit(self, user_id: int, _: int) -> None:
        await self.meetings.readmit(self.meeting, user_id)

    async def remove(self, user_id: int, _: int) -> None:
        await self.meetings.remove_user(self.meeting, user_id)


@dataclass(frozen=True, slots=True)
class Listing:
    method: Callable[..., Awaitable[list[Any]]]
    ask: Callable[[World, Key | None, int], Awaitable[Sequence[Any]]]
    key: Callable[[Any], Key]
    """The list's order, and at its end what tells one row from another."""
    writes: tuple[Write, ...]
    """The first makes rows."""
    newest_first: bool = True
    moment: str = ""
    """What the order is by, if it is a time, as `table.column`."""
    renamed: bool = False
    """The same row can be in one place after another, on either side of the reader."""

    async def keys(self, world: World, after: Key | None, limit: int) -> list[Key]:
        return [self.key(row) for row in await self.ask(world, after, limit)]


def people(**filters: Any) -> Listing:  # noqa: ANN401
    return Listing(
        Users.people,
        lambda world, after, limit: world.users.people(after, limit, but=world.me, **filters),
        lambda row: (row.folded, row.id),
        (World.sign_up, World.rename, World.switch, World.end_account),
        newest_first=False,
        renamed=True,
    )


def accounts(**filters: Any) -> Listing:  # noqa: ANN401
    return Listing(
        Users.accounts,
        lambda world, after, limit: world.users.accounts(after, limit, **filters),
        lambda row: (row.folded, row.id),
        (World.sign_up, World.rename, World.switch, World.promote, World.end_account),
        newest_first=False,
        renamed=True,
    )


def posts(search: str | None = None, *, mine: bool = False) -> Listing:
    return Listing(
        Blogs.published,
        lambda world, after, limit: world.blogs.published(
            after, limit, author_id=world.me if mine else None, search=search
        ),
        lambda row: (row.published_at, row.id),
        (World.write, World.publish, World.edit, World.unpublish),
        moment="blogs.published_at",
    )


def own_posts(published: bool | None) -> Listing:
    return Listing(
        Blogs.of_author,
        lambda world, after, limit: world.blogs.of_author(
            world.me, after, limit, published=published
        ),
        lambda row: (row.id,),
        (World.write, World.publish, World.edit, World.unpublish),
    )


def meetings(ended: bool | None) -> Listing:
    return Listing(
        Meetings.list_for,
        lambda world, after, limit: world.meetings.list_for(world.me, after, limit, ended),
        lambda row: (row.joined_at, row.meeting.id),
        (World.meet, World.be_removed, World.be_readmitted, World.end),
        moment="meeting_members.joined_at",
    )


def entries(**filters: Any) -> Listing:  # noqa: ANN401
    return Listing(
        Audit.entries,
        lambda world, after, limit: world.audit.entries(after, limit, **filters),
        lambda row: (row.id,),
        (World.invite, World.call_friend),
    )


LISTS = {
    "people": people(),
    "people, searched": people(search="b"),
    "accounts": accounts(),
    "accounts, searched": accounts(search="a"),
    "accounts, active": accounts(active=True),
    "accounts, no administrators": accounts(admin=False),
    "posts": posts(),
    "posts, searched": posts("tea"),
    "posts of somebody": posts(mine=True),
    "own posts": own_posts(None),
    "drafts": own_posts(False),
    "conversations": Listing(
        Conversations.of_user,
        lambda world, after, limit: world.conversations.of_user(world.me, after, limit),
        lambda row: (row.active_at, row.id),
        (World.new_group, World.speak, World.leave, World.come_back),
        moment="conversations.active_at",
    ),
    "participants": Listing(
        Conversations.participants,
        lambda world, after, limit: world.conversations.participants(
            world.group, after[0] if after else None, limit
        ),
        lambda row: (row.user_id,),
        (World.add, World.add_again, World.put_out, World.rename, World.end_account),
        newest_first=False,
    ),
    "history": Listing(
        Messages.history,
        lambda world, after, limit: world.messages.history(
            world.group, after[0] if after else None, limit
        ),
        lambda row: (row.seq,),
        (World.say, World.say_else, World.unsay),
    ),
    "changes": Listing(
        Messages.changes,
        lambda world, after, limit: world.messages.changes(
            world.group, after[0] if after else 0, limit
        ),
        lambda row: (row.revision,),
        (World.say, World.say_else, World.unsay),
        newest_first=False,
    ),
    "meetings": meetings(None),
    "meetings that go on": meetings(False),
    "members": Listing(
        Meetings.list_members,
        lambda world, after, limit: world.meetings.list_members(world.meeting, after, limit),
        lambda row: (row.user_id,),
        (World.admit, World.remove, World.readmit, World.rename, World.end_account),
        newest_first=False,
    ),
    "audit": entries(),
    "audit, one action": entries(action="invitation.create"),
    "logins": Listing(
        Sessions.list_for,
        lambda world, after, limit: world.sessions.list_for(world.me, after, limit),
        lambda row: (row.created_at, row.id),
        (World.sign_in, World.sign_out, World.renew),
        moment="sessions.created_at",
    ),
    "invitations": Listing(
        Invitations.newest,
        lambda world, after, limit: world.invitations.newest(after, limit),
        lambda row: (row.id,),
        (World.invite, World.revoke, World.redeem),
    ),
}


@dataclass(frozen=True, slots=True)
class Step:
    write: int
    target: int
    """0: the last row that was read."""
    number: int


NUMBERS = st.integers(0, 9)
STEPS = st.lists(st.builds(Step, NUMBERS, st.integers(0, 5), NUMBERS), min_size=1, max_size=3)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(postgres: Address) -> AsyncIterator[Database]:
    async with new_database(postgres, TEMPLATE) as address, opened(address) as database:
        yield database


@settings(max_examples=8)
@given(
    before=st.lists(NUMBERS, min_size=3, max_size=9),
    rounds=st.lists(STEPS, min_size=2, max_size=6),
    limit=st.integers(1, 3),
    at_once=st.booleans(),
)
@pytest.mark.parametrize("name", LISTS)
@pytest.mark.asyncio(loop_scope="module")
async def test_whoever_pages_misses_nothing_and_reads_nothing_twice(
    shared: Database,
    name: str,
    before: list[int],
    rounds: list[list[Step]],
    limit: int,
    at_once: bool,
) -> None:
    listing, world = LISTS[name], World(shared)
    await world.begin()
    for number in before:
        await listing.writes[0](world, None, number)
    if at_once and listing.moment:
        table, _, column = listing.moment.partition(".")
        await shared.execute(
            f"UPDATE {table} SET {column} = now() - '1 h'::interval WHERE {column} IS NOT NULL"  # noqa: S608
        )
    states = [await listing.keys(world, None, 1000)]
    read: list[Key] = []
    while True:
        found = await listing.keys(world, read[-1] if read else None, limit + 1)
        read += found[:limit]
        ever = list(dict.fromkeys(key for state in states for key in state))
        assert len(read) <= len(ever), "it ends"
        if len(found) <= limit:
            break
        for step in rounds.pop() if rounds else ():
            write = listing.writes[step.write % len(listing.writes)]
            target = ever[step.target % len(ever)] if step.target else read[-1]
            with suppress(*REFUSED):
                await write(world, target[-1], step.number)
            states.append(await listing.keys(world, None, 1000))
    assert set.intersection(*map(set, states)) <= set(read) <= set(ever)
    rows = read if listing.renamed else [key[-1] for key in read]
    assert len(rows) == len(set(rows))
    assert read == sorted(read, reverse=listing.newest_first)


def test_each_list_is_tried() -> None:
    assert lists() == {listing.method.__qualname__ for listing in LISTS.values()}
