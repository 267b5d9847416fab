"""Users, guests, meetings and sessions, as rows."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import asyncpg
import pytest

from db.meetings import Meetings
from db.pool import Database
from db.sessions import Sessions
from db.users import EmailTakenError, UserRow, Users

LATER = datetime.now(UTC) + timedelta(days=1)


async def ada(database: Database) -> UserRow:
    return await Users(database).create(
        email="ada@example.com", password="hash", name="Ada", age=36
    )


async def test_a_user_is_found_by_email_and_id(database: Database) -> None:
    user = await ada(database)
    assert (user.name, user.age, user.is_active) == ("Ada", 36, True)
    assert await Users(database).by_email("ada@example.com") == user
    assert await Users(database).by_id(user.id) == user
    assert await Users(database).by_email("eve@example.com") is None
    assert await Users(database).by_id(user.id + 1) is None


async def test_an_email_has_one_account(database: Database) -> None:
    await ada(database)
    with pytest.raises(EmailTakenError):
        await ada(database)


async def test_an_email_is_stored_in_lower_case_only(database: Database) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        await Users(database).create(email="Ada@example.com", password="hash", name="A", age=None)


async def test_a_password_hash_is_not_printed(database: Database) -> None:
    assert "hash" not in repr(await ada(database))


async def test_a_meeting_is_found_by_its_unguessable_id(database: Database) -> None:
    user = await ada(database)
    meetings = Meetings(database)
    one = await meetings.create(host_id=user.id, title="Tea", guests_allowed=True)
    other = await meetings.create(host_id=user.id, title="Tea", guests_allowed=False)
    assert re.fullmatch(r"[A-Za-z0-9_-]{16}", one.id)
    assert one.id != other.id
    assert await meetings.find(one.id) == one
    assert (one.host_name, one.title, one.guests_allowed) == ("Ada", "Tea", True)
    assert not other.guests_allowed


@pytest.mark.parametrize("text", ["", "A" * 16, "\0" * 16, "\ud800" * 16, "A" * 17, "é" * 16])
async def test_any_text_may_be_asked_for_as_a_meeting(database: Database, text: str) -> None:
    assert await Meetings(database).find(text) is None


async def test_sessions_tell_whose_they_are(database: Database) -> None:
    user, sessions, meetings = await ada(database), Sessions(database), Meetings(database)
    meeting = await meetings.create(host_id=user.id, title="", guests_allowed=True)
    guest = await meetings.add_guest(meeting.id, "Bob")

    of_user = await sessions.find(await sessions.open_for_user(user.id, LATER))
    of_guest = await sessions.find(await sessions.open_for_guest(guest.id, LATER))

    assert of_user
    assert (of_user.name, of_user.user_id, of_user.guest_id) == ("Ada", user.id, None)
    assert of_guest
    assert (of_guest.name, of_guest.user_id, of_guest.guest_id) == ("Bob", None, guest.id)
    assert (of_user.meeting_id, of_guest.meeting_id) == (None, meeting.id)


async def test_a_closed_session_is_gone(database: Database) -> None:
    user, sessions = await ada(database), Sessions(database)
    kept, closed = [await sessions.open_for_user(user.id, LATER) for _ in range(2)]
    await sessions.close(closed)
    assert await sessions.find(closed) is None
    assert await sessions.find(kept)
    assert await sessions.find(uuid4()) is None


async def test_an_expired_session_is_gone_even_before_it_is_deleted(database: Database) -> None:
    user, sessions = await ada(database), Sessions(database)
    expired = await sessions.open_for_user(user.id, datetime.now(UTC))
    kept = await sessions.open_for_user(user.id, LATER)
    assert await sessions.find(expired) is None
    await sessions.delete_expired()
    assert await sessions.find(kept)
    assert (await database.one("SELECT count(*) FROM sessions"))["count"] == 1


async def test_sessions_of_an_inactive_user_are_no_good(database: Database) -> None:
    user, sessions = await ada(database), Sessions(database)
    session = await sessions.open_for_user(user.id, LATER)
    await database.execute("UPDATE users SET is_active = FALSE")
    assert await sessions.find(session) is None


@pytest.mark.parametrize(
    ("sender", "guest", "fine"),
    [(True, False, True), (False, True, True), (True, True, False), (False, False, False)],
)
async def test_a_message_has_exactly_one_author(
    database: Database, sender: bool, guest: bool, fine: bool
) -> None:
    user, meetings = await ada(database), Meetings(database)
    meeting = await meetings.create(host_id=user.id, title="", guests_allowed=True)
    visitor = await meetings.add_guest(meeting.id, "Bob")
    conversation = await database.one("INSERT INTO conversations DEFAULT VALUES RETURNING id")
    insertion = database.execute(
        "INSERT INTO messages (conversation_id, sender_id, guest_id, seq, revision, content)"
        " VALUES ($1, $2, $3, 1, 1, 'hello')",
        conversation["id"],
        user.id if sender else None,
        visitor.id if guest else None,
    )
    if fine:
        assert await insertion == "INSERT 0 1"
    else:
        with pytest.raises(asyncpg.CheckViolationError, match="messages_one_author"):
            await insertion
