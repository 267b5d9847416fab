"""Accounts, their pictures, what administrators do to them, and their end."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.audit import Audit
from db.avatars import AvatarRow, Avatars
from db.blogs import Blogs, Content
from db.conversations import Conversations, UnknownPeopleError
from db.deletion import Gone, delete_account
from db.errors import NoAccountError, StaleError
from db.meetings import Meetings, UnknownMemberError
from db.pool import Database
from db.sessions import Sessions
from db.users import (
    AccountChanges,
    EmailTakenError,
    LastAdministratorError,
    ProfileChanges,
    UserRow,
    Users,
)

LATER = datetime.now(UTC) + timedelta(days=1)
PICTURE = AvatarRow(b"picture", "digest")
DEACTIVATE, DEMOTE = AccountChanges(is_active=False), AccountChanges(is_admin=False)


async def new(database: Database, name: str, *, admin: bool = False) -> UserRow:
    users = Users(database)
    user = await users.create(
        email=f"{name}@example.com".lower().replace(" ", "."), password="hash", name=name, age=36
    )
    if admin:
        await database.execute("UPDATE users SET is_admin = TRUE WHERE id = $1", user.id)
    return await users.by_id(user.id) or user


async def names(users: Users, search: str | None = None, *, but: int = 0) -> list[str]:
    return [row.name for row in await users.people(None, 100, but=but, search=search)]


async def actions(database: Database) -> list[tuple[int | None, str, int | None, dict[str, Any]]]:
    rows = await Audit(database).entries(None, 100)
    return [(row.actor_id, row.action, row.subject_id, row.details) for row in rows][::-1]


async def waiting(database: Database) -> int:
    """How many statements wait for a lock."""
    row = await database.one(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    return int(row["count"])


# Profiles


async def test_a_profile_changes_by_version(database: Database) -> None:
    users, ada = Users(database), await new(database, "Ada")
    renamed = await users.change_profile(ada.id, ProfileChanges(name="Ada L."), ada.version)
    assert (renamed.name, renamed.age, renamed.version) == ("Ada L.", 36, 2)
    with pytest.raises(StaleError):
        await users.change_profile(ada.id, ProfileChanges(name="Eve"), ada.version)
    older = await users.change_profile(ada.id, ProfileChanges(age=37), None)
    assert (older.name, older.age, older.version) == ("Ada L.", 37, 3)
    forgotten = await users.change_profile(ada.id, ProfileChanges(forget_age=True), 3)
    assert (forgotten.name, forgotten.age) == ("Ada L.", None)
    assert await users.by_id(ada.id) == forgotten


async def test_an_avatar_is_put_replaced_and_deleted(database: Database) -> None:
    users, avatars, ada = Users(database), Avatars(database), await new(database, "Ada")
    await avatars.put((await new(database, "Ben")).id, AvatarRow(b"ben", "ben"))
    assert await avatars.find(ada.id) is None
    with_first = await avatars.put(ada.id, AvatarRow(b"first", "1st"))
    assert with_first
    assert (with_first.avatar, with_first.version) == ("1st", 2)
    assert await avatars.put(ada.id, PICTURE) == await users.by_id(ada.id)
    assert await avatars.find(ada.id) == PICTURE
    person = await users.person(ada.id)
    assert person
    assert person.avatar == "digest"
    without = await avatars.delete(ada.id)
    assert without == await users.by_id(ada.id)
    assert without
    assert (without.avatar, without.version) == (None, 4)
    assert await avatars.find(ada.id) is None


# Finding people


async def test_people_are_listed_by_name_in_pages(database: Database) -> None:
    users = Users(database)
    for name in ("ben", "Ada", "Ben", "ÅSA", "Zoë", "ada b"):
        await new(database, name.replace("Ben", "Ben B"))
    everybody = await users.people(None, 100, but=0)
    assert [row.name for row in everybody][:2] == ["Ada", "ada b"]
    seen, after = [], None
    for _ in range(3):
        found = await users.people(after, 2, but=0)
        seen += found
        after = (found[-1].folded, found[-1].id)
    assert seen == everybody
    assert await users.people(after, 2, but=0) == []


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("ada", ["Ada King Lovelace"]),
        ("LOVE ad", ["Ada King Lovelace"]),
        ("lace", []),
        ("ada ben", []),
        ("o'b", ["Conan O'Brien"]),
        ("jean-l", ["Jean-Luc"]),
        ("luc", ["Jean-Luc"]),
        ("žof", ["Žofie"]),
        ("%", []),
        ("!!! & | ( ' \\", []),
    ],
)
async def test_people_are_found_by_beginnings_of_words(
    database: Database, search: str, found: list[str]
) -> None:
    for name in ("Ada King Lovelace", "Conan O'Brien", "Jean-Luc", "Žofie"):
        await new(database, name)
    assert await names(Users(database), search) == found


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    search=st.text(
        st.characters(exclude_categories=["Cc", "Cs"]) | st.sampled_from(" '\\&|!():*<->%_"),
        min_size=1,
        max_size=30,
    )
)
async def test_no_search_is_an_error(database: Database, search: str) -> None:
    users = Users(database)
    await users.people(None, 2, but=0, search=search)
    await users.accounts(None, 2, search=search)


async def test_only_active_people_are_found(database: Database) -> None:
    users, ada = Users(database), await new(database, "Ada")
    gone, away = await new(database, "Ada gone"), await new(database, "Ada away")
    await new(database, "Ada there")
    await Avatars(database).put(away.id, PICTURE)
    await users.delete(gone.id, actor_id=None)
    await users.administer(away.id, DEACTIVATE, None, actor_id=None)
    for search in (None, "ada", "deleted"):
        found = [] if search == "deleted" else ["Ada there"]
        assert await names(users, search, but=ada.id) == found
    assert await users.person(gone.id) is None
    assert await users.person(away.id) is None
    assert await Avatars(database).find(away.id) is None
    assert await users.person(ada.id)


async def test_administrators_find_by_email_and_state(database: Database) -> None:
    users = Users(database)
    ada, ben = await new(database, "Ada", admin=True), await new(database, "Ben_1")
    eve, gone = await new(database, "Eve"), await new(database, "Ada gone")
    await users.administer(eve.id, DEACTIVATE, None, actor_id=ada.id)
    await users.delete(gone.id, actor_id=ada.id)

    async def found(**wanted: Any) -> list[int]:  # noqa: ANN401
        return [row.id for row in await users.accounts(None, 10, **wanted)]

    assert await found() == [ada.id, ben.id, eve.id]
    assert await found(search="BEN_1@") == [ben.id]
    assert await found(search="ben_1%m") == await found(search="b_n") == []
    assert await found(search="deleted") == await found(search="example") == []
    assert await found(active=True) == [ada.id, ben.id]
    assert await found(active=False) == [eve.id]
    assert await found(admin=True) == await found(admin=True, search="ad") == [ada.id]
    assert await found(admin=False, active=True) == [ben.id]
    rows = await users.accounts((ada.folded, ada.id), 1)
    assert [row.id for row in rows] == [ben.id]


# Administration


async def test_each_change_is_told_with_what_was_before(database: Database) -> None:
    users, ada = Users(database), await new(database, "Ada", admin=True)
    ben = await new(database, "Ben")
    everything = AccountChanges(name="Benjamin", is_active=False, is_admin=True)
    changed = await users.administer(ben.id, everything, ben.version, actor_id=ada.id)
    assert changed == await users.by_id(ben.id)
    assert changed
    assert (changed.name, changed.is_active, changed.is_admin) == ("Benjamin", False, True)
    assert changed.version == ben.version + 1
    told = [
        (ada.id, "user.rename", ben.id, {"before": "Ben", "after": "Benjamin"}),
        (ada.id, "user.deactivate", ben.id, {"before": True, "after": False}),
        (ada.id, "user.promote", ben.id, {"before": False, "after": True}),
    ]
    assert await actions(database) == told
    assert await users.administer(ben.id, everything, None, actor_id=ada.id) == changed
    assert await actions(database) == told  # nothing changed
    await users.administer(
        ben.id, AccountChanges(is_active=True, is_admin=False), None, actor_id=None
    )
    assert (await actions(database))[3:] == [
        (None, "user.reactivate", ben.id, {"before": False, "after": True}),
        (None, "user.demote", ben.id, {"before": True, "after": False}),
    ]


async def test_what_fails_is_not_told(database: Database) -> None:
    users, ada = Users(database), await new(database, "Ada", admin=True)
    assert await users.administer(ada.id + 1, DEMOTE, None, actor_id=ada.id) is None
    assert await users.delete(ada.id + 1, actor_id=ada.id) is None
    with pytest.raises(StaleError):
        await users.administer(ada.id, AccountChanges(name="A"), ada.version + 1, actor_id=ada.id)
    for change in (DEMOTE, DEACTIVATE):
        with pytest.raises(LastAdministratorError):
            await users.administer(ada.id, change, None, actor_id=ada.id)
    with pytest.raises(LastAdministratorError):
        await users.delete(ada.id, actor_id=ada.id)
    assert await users.by_id(ada.id) == ada
    assert await actions(database) == []


async def test_an_administrator_who_is_not_active_does_not_count(database: Database) -> None:
    users = Users(database)
    ada, ben = await new(database, "Ada", admin=True), await new(database, "Ben", admin=True)
    await users.administer(ben.id, DEACTIVATE, None, actor_id=ada.id)
    with pytest.raises(LastAdministratorError):
        await users.administer(ada.id, DEMOTE, None, actor_id=ada.id)
    assert await users.administer(ben.id, DEMOTE, None, actor_id=ada.id)


async def test_two_administrators_cannot_remove_each_other(database: Database) -> None:
    users = Users(database)
    ada, ben = await new(database, "Ada", admin=True), await new(database, "Ben", admin=True)
    for attempt in range(8):
        await database.execute("UPDATE users SET is_admin = TRUE, is_active = TRUE")
        change = DEMOTE if attempt % 2 else DEACTIVATE
        results = await asyncio.gather(
            users.administer(ben.id, change, None, actor_id=ada.id),
            users.administer(ada.id, change, None, actor_id=ben.id),
            return_exceptions=True,
        )
        assert {type(result) for result in results} == {LastAdministratorError, UserRow}


async def test_whoever_is_deactivated_is_signed_out_for_good(database: Database) -> None:
    users, sessions = Users(database), Sessions(database)
    ada, ben = await new(database, "Ada"), await new(database, "Ben")
    ended, kept = [await sessions.open_for_user(user.id, LATER) for user in (ada, ben)]
    await users.administer(ada.id, DEACTIVATE, None, actor_id=None)
    await users.administer(ada.id, AccountChanges(is_active=True), None, actor_id=None)
    assert await sessions.find(ended) is None
    assert await sessions.find(kept)


async def test_the_audit_trail_is_filtered_and_paged(database: Database) -> None:
    users, audit = Users(database), Audit(database)
    ada, ben = await new(database, "Ada", admin=True), await new(database, "Ben")
    await users.administer(ben.id, AccountChanges(name="B"), None, actor_id=ada.id)
    await users.administer(ada.id, AccountChanges(name="A"), None, actor_id=ada.id)
    await users.administer(ben.id, DEACTIVATE, None, actor_id=None)
    newest, middle, oldest = await audit.entries(None, 10)
    assert [row.actor_name for row in (newest, middle, oldest)] == [None, "A", "A"]
    assert [row.subject_name for row in (newest, middle, oldest)] == ["B", "A", "B"]
    assert await audit.entries((newest.id,), 1) == [middle]
    assert await audit.entries(None, 9, actor_id=ada.id) == [middle, oldest]
    assert await audit.entries(None, 9, subject_id=ben.id) == [newest, oldest]
    assert await audit.entries(None, 9, action="user.rename") == [middle, oldest]
    filters = {"actor_id": ada.id, "subject_id": ben.id, "action": "user.rename"}
    assert await audit.entries((middle.id,), 9, **filters) == [oldest]  # type: ignore[arg-type]
    assert await audit.entries((oldest.id,), 9) == []


# The end


async def test_nothing_personal_is_left_of_a_deleted_account(database: Database) -> None:
    users, sessions = Users(database), Sessions(database)
    ada, ben = await new(database, "Ada"), await new(database, "Ben")
    session = await sessions.open_for_user(ada.id, LATER)
    await Avatars(database).put(ada.id, PICTURE)
    await users.administer(ada.id, AccountChanges(name="Ada L."), None, actor_id=ben.id)
    for user in (ada, ben):
        await database.execute(
            "INSERT INTO idempotency_keys (user_id, key, fingerprint, body)"
            " VALUES ($1, 'key', '', 'Ada')",
            user.id,
        )
        await database.execute(
            "INSERT INTO blogs (author_id, title, content, published_at)"
            " VALUES ($1, $2, '', now()), ($1, $2, 'draft', NULL)",
            user.id,
            user.name,
        )
    assert await users.delete(ada.id, actor_id=ada.id) == Gone()

    assert await users.by_id(ada.id) is None
    assert await sessions.find(session) is None
    assert await users.delete(ada.id, actor_id=ada.id) is None
    left = dict(await database.one("SELECT * FROM users WHERE id = $1", ada.id))
    assert left.pop("deleted_at") == left.pop("updated_at")
    assert left == {
        "id": ada.id,
        "name": "Deleted user",
        "email": f"deleted:{ada.id}@invalid",
        "password": "",
        "age": None,
        "is_active": False,
        "is_admin": False,
        "created_at": ada.created_at,
        "version": 4,
    }
    for table, owner in (
        ("avatars", "user_id"),
        ("sessions", "user_id"),
        ("idempotency_keys", "user_id"),
        ("blogs", "author_id"),
    ):
        query = f"SELECT FROM {table} WHERE {owner} = $1"
        assert await database.rows(query, ada.id) == []
    assert len(await database.rows("SELECT FROM blogs")) == 2
    assert len(await database.rows("SELECT FROM idempotency_keys")) == 1
    assert await actions(database) == [
        (ben.id, "user.rename", ada.id, {}),
        (
            ada.id,
            "user.delete",
            ada.id,
            {"before": {"is_active": True, "is_admin": False}},
        ),
    ]
    again = await new(database, "Ada")
    assert again.id != ada.id
    assert (await users.by_email(again.email)) == again


async def test_invitations_of_a_deleted_account_tell_nothing(database: Database) -> None:
    ada, ben = await new(database, "Ada"), await new(database, "Ben")
    rows = {
        "made, not used": ("carl@example.com", ada.id, None),
        "made, used": ("ben@example.com", ada.id, ben.id),
        "for her, not used": (ada.email, ben.id, None),
        "used by her": ("ada@work.example", ben.id, ada.id),
        "of others": ("dora@example.com", ben.id, None),
        "of others, for anybody": (None, ben.id, None),
    }
    for code, (email, creator, user) in rows.items():
        await database.execute(
            "INSERT INTO invitations (code_digest, email, created_by, used_by, used_at, expires_at)"
            " VALUES ($1, $2, $3, $4::bigint, CASE WHEN $4 IS NOT NULL THEN now() END, $5)",
            code.encode(),
            email,
            creator,
            user,
            LATER,
        )
    await Users(database).delete(ada.id, actor_id=None)
    left = await database.rows("SELECT code_digest, email FROM invitations ORDER BY id")
    assert {row["code_digest"].decode(): row["email"] for row in left} == {
        "made, used": None,
        "used by her": None,
        "of others": "dora@example.com",
        "of others, for anybody": None,
    }


async def conversation(database: Database, kind: str, *members: UserRow) -> int:
    low, high = (members[0].id, members[1].id) if kind == "direct" else (None, None)
    record = await database.one(
        "INSERT INTO conversations (kind, low_id, high_id, owner_id)"
        " VALUES ($1, $2, $3, $4) RETURNING id",
        kind,
        low,
        high,
        members[0].id if kind == "group" else None,
    )
    await database.execute(
        "INSERT INTO conversation_participants (conversation_id, user_id, joined_at)"
        " SELECT $1, id, now() - position * interval '1 s'"
        " FROM unnest($2::bigint[]) WITH ORDINALITY AS member (id, position)",
        record["id"],
        [member.id for member in members],
    )
    conversation_id: int = record["id"]
    return conversation_id


SEND = "INSERT INTO messages (conversation_id, sender_id, seq, revision, content)"


async def test_messages_stay_and_memberships_end(database: Database) -> None:
    ada, ben, eve = [await new(database, name) for name in ("Ada", "Ben", "Eve")]
    direct = await conversation(database, "direct", ada, ben)
    group = await conversation(database, "group", ada, ben, eve)
    alone = await conversation(database, "group", ada)
    others = await conversation(database, "group", ben, eve)
    await database.execute(f"{SEND} VALUES ($1, $2, 1, 1, 'hello')", direct, ada.id)
    await Users(database).delete(ada.id, actor_id=None)
    message = await database.one(
        "SELECT content, name FROM messages JOIN users ON users.id = sender_id"
    )
    assert tuple(message) == ("hello", "Deleted user")
    members = await database.rows(
        "SELECT conversation_id, array_agg(user_id ORDER BY user_id)"
        " FROM conversation_participants GROUP BY 1 ORDER BY 1"
    )
    assert [tuple(row) for row in members] == [
        (direct, [ben.id]),
        (group, [ben.id, eve.id]),
        (others, [ben.id, eve.id]),
    ]
    owners = await database.rows("SELECT id, owner_id, version FROM conversations ORDER BY id")
    assert [tuple(row) for row in owners] == [
        (direct, None, 1),
        (group, eve.id, 2),  # the longest in it
        (alone, None, 2),
        (others, ben.id, 1),
    ]


async def test_hosted_meetings_end(database: Database) -> None:
    ada, ben = await new(database, "Ada"), await new(database, "Ben")
    await database.execute(
        "INSERT INTO meetings (id, host_id, password, ended_at) VALUES ('on', $1, 'hash', NULL),"
        " ('over', $1, NULL, 'epoch'), ('other', $2, 'hash', NULL)",
        ada.id,
        ben.id,
    )
    await database.execute(
        "INSERT INTO meeting_members (meeting_id, user_id) VALUES ('other', $1), ('on', $2)",
        ada.id,
        ben.id,
    )
    assert await Users(database).delete(ada.id, actor_id=None) == Gone(["on"])
    left = await database.rows(
        "SELECT id, ended_at IS NOT NULL, password FROM meetings ORDER BY id"
    )
    assert [tuple(row) for row in left] == [
        ("on", True, None),
        ("other", False, "hash"),
        ("over", True, None),
    ]
    members = await database.rows("SELECT meeting_id, user_id FROM meeting_members")
    assert [tuple(row) for row in members] == [("on", ben.id)]


async def test_deletion_waits_for_messages_under_way(database: Database) -> None:
    """Whoever sends holds the conversation and then needs its author: nobody may lose."""
    ada, ben = await new(database, "Ada"), await new(database, "Ben")
    direct = await conversation(database, "direct", ada, ben)
    async with database.connection() as connection, connection.transaction():
        await connection.execute(
            "SELECT FROM conversations WHERE id = $1 FOR NO KEY UPDATE", direct
        )
        deletion = asyncio.create_task(Users(database).delete(ada.id, actor_id=None))
        while not await waiting(database):
            assert not deletion.done()
        await connection.execute(f"{SEND} VALUES ($1, $2, 1, 1, 'hello')", direct, ada.id)
    assert await deletion == Gone([], {direct: [ben.id]})
    assert await database.row("SELECT 1 FROM messages")
    assert await Users(database).by_id(ada.id) is None


async def test_nothing_is_made_for_a_deleted_account(database: Database) -> None:
    """Not even by what began before the deletion."""
    ada, ben = await new(database, "Ada"), await new(database, "Ben")
    blogs, meetings, talks = Blogs(database), Meetings(database), Conversations(database)
    group, meeting = await talks.group(ben.id, "Tea", []), await meetings.create(host_id=ben.id)
    text = Content("", "", 1)
    async with database.connection() as connection, connection.transaction():
        await delete_account(connection, ada.id)
        attempts = [
            asyncio.ensure_future(attempt)
            for attempt in (
                blogs.create(ada.id, title="", content=text, published=True),
                meetings.create(host_id=ada.id),
                talks.direct(ben.id, ada.id),
                talks.group(ben.id, "Tea", [ada.id]),
                talks.add_participants(group, [ada.id]),
                meetings.admit(meeting.id, [ada.id]),
                meetings.remove_user(meeting.id, ada.id),
            )
        ]
        while await waiting(database) < len(attempts):
            assert not any(attempt.done() for attempt in attempts)
    results = await asyncio.gather(*attempts, return_exceptions=True)
    refusals = [NoAccountError] * 2 + [UnknownPeopleError] * 3 + [type(None), bool]
    assert [type(result) for result in results] == refusals
    assert await database.rows("SELECT FROM blogs") == []
    for table in ("conversation_participants", "meeting_members"):
        (row,) = await database.rows(f"SELECT user_id FROM {table}")  # noqa: S608
        assert row["user_id"] == ben.id


async def test_deletion_and_leaving_do_not_wait_for_each_other(database: Database) -> None:
    ada, ben = await new(database, "Ada"), await new(database, "Ben")
    talks = Conversations(database)
    group = await talks.group(ada.id, "Tea", [ben.id])
    async with database.connection() as connection, connection.transaction():
        await connection.execute("SELECT FROM conversations WHERE id = $1 FOR NO KEY UPDATE", group)
        leaving = asyncio.create_task(talks.remove_participant(group, ada.id))
        while not await waiting(database):
            assert not leaving.done()
        await delete_account(connection, ada.id)
    assert not await leaving
    assert (await database.one("SELECT owner_id FROM conversations"))["owner_id"] == ben.id


async def test_a_meeting_is_not_handed_over_to_a_deleted_account(database: Database) -> None:
    ada, ben = await new(database, "Ada"), await new(database, "Ben")
    meetings = Meetings(database)
    meeting = await meetings.create(host_id=ben.id)
    await meetings.admit(meeting.id, [ada.id])
    async with database.connection() as connection, connection.transaction():
        await connection.execute("SELECT FROM users WHERE id = $1 FOR UPDATE", ada.id)
        handing_over = asyncio.create_task(meetings.hand_over(meeting.id, ada.id))
        while not await waiting(database):
            assert not handing_over.done()
        await delete_account(connection, ada.id)
    with pytest.raises(UnknownMemberError):
        await handing_over


async def test_nobody_can_take_the_email_of_a_deleted_account(database: Database) -> None:
    users, ada = Users(database), await new(database, "Ada")
    await users.create(email=f"deleted-{ada.id}@invalid", password="", name="Eve", age=None)
    assert await users.delete(ada.id, actor_id=None) == Gone()
    with pytest.raises(EmailTakenError):
        await users.create(email=f"deleted:{ada.id}@invalid", password="", name="", age=None)
