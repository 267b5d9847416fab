"""Meetings as rows: settings, who was let in, guests."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from db.errors import StaleError
from db.meetings import MAX_GUESTS, Meetings, Standing, TooManyGuestsError, UnknownMemberError
from db.pool import Database
from db.sessions import Sessions
from db.users import Users

LATER = datetime(2126, 1, 1, tzinfo=UTC)
NEVER_IN = Standing(None, removed=False)


async def person(database: Database, name: str) -> int:
    email = f"{name.lower()}@example.com"
    user = await Users(database).create(email=email, password="hash", name=name, age=None)
    return user.id


async def test_what_is_set_is_kept(database: Database) -> None:
    ada, meetings = await person(database, "Ada"), Meetings(database)
    plain = await meetings.create(host_id=ada)
    assert (plain.lobby, plain.locked, plain.password, plain.version) == ("off", False, None, 1)
    made = await meetings.create(
        host_id=ada,
        title="Tea",
        guests_allowed=False,
        lobby="all",
        locked=True,
        password="hash of it",
        max_participants=12,
        starts_at=LATER,
    )
    assert await meetings.find(made.id) == made
    assert (made.lobby, made.locked, made.max_participants, made.starts_at) == (
        "all",
        True,
        12,
        LATER,
    )
    assert "hash of it" not in repr(made)


async def test_an_edit_is_of_one_version(database: Database) -> None:
    meetings = Meetings(database)
    meeting = await meetings.create(host_id=await person(database, "Ada"), title="Tea")
    edited = await meetings.update(meeting.id, {"title": "Coffee", "password": "hash"}, 1)
    assert edited
    assert (edited.title, edited.password, edited.version) == ("Coffee", "hash", 2)
    assert edited.updated_at >= meeting.updated_at
    with pytest.raises(StaleError):
        await meetings.update(meeting.id, {"title": "Milk"}, 1)
    unconditional = await meetings.update(meeting.id, {"password": None, "locked": True}, None)
    assert unconditional
    assert (unconditional.title, unconditional.password, unconditional.locked) == (
        "Coffee",
        None,
        True,
    )


async def test_an_ended_meeting_stays_as_it_is(database: Database) -> None:
    meetings = Meetings(database)
    meeting = await meetings.create(host_id=await person(database, "Ada"))
    assert await meetings.end(meeting.id)
    assert not await meetings.end(meeting.id)
    ended = await meetings.find(meeting.id)
    assert ended
    assert ended.ended_at
    assert await meetings.update(meeting.id, {"title": "Tea"}, None) is None
    assert await meetings.update(meeting.id, {"title": "Tea"}, ended.version) is None


async def test_who_was_let_in_stays_in_until_removed(database: Database) -> None:
    ada, bob = await person(database, "Ada"), await person(database, "Bob")
    meetings = Meetings(database)
    meeting = await meetings.create(host_id=ada)
    assert await meetings.standing(meeting.id, ada) == Standing("host", removed=False)
    assert await meetings.standing(meeting.id, bob) == NEVER_IN
    await meetings.admit(meeting.id, [bob])
    await meetings.set_role(meeting.id, bob, "cohost")
    await meetings.admit(meeting.id, [bob])
    assert await meetings.standing(meeting.id, bob) == Standing("cohost", removed=False)
    assert await meetings.remove_user(meeting.id, bob)
    assert await meetings.standing(meeting.id, bob) == Standing("participant", removed=True)
    with pytest.raises(UnknownMemberError):
        await meetings.set_role(meeting.id, bob, "cohost")
    with pytest.raises(UnknownMemberError):
        await meetings.hand_over(meeting.id, bob)
    await meetings.admit(meeting.id, [bob])  # begun before he was removed
    assert await meetings.standing(meeting.id, bob) == Standing("participant", removed=True)
    await meetings.readmit(meeting.id, bob)
    assert await meetings.standing(meeting.id, bob) == Standing("participant", removed=False)
    names = [member.name for member in await meetings.list_members(meeting.id, None, 10)]
    assert names == ["Ada", "Bob"]
    second = await meetings.list_members(meeting.id, (ada,), 10)
    assert [member.name for member in second] == ["Bob"]


async def test_the_host_cannot_be_removed(database: Database) -> None:
    ada, meetings = await person(database, "Ada"), Meetings(database)
    meeting = await meetings.create(host_id=ada)
    assert not await meetings.remove_user(meeting.id, ada)
    assert await meetings.standing(meeting.id, ada) == Standing("host", removed=False)
    assert len(await meetings.list_for(ada, None, 10)) == 1


async def test_a_host_who_hands_over_stays_co_host(database: Database) -> None:
    ada, bob = await person(database, "Ada"), await person(database, "Bob")
    meetings = Meetings(database)
    meeting = await meetings.create(host_id=ada)
    with pytest.raises(UnknownMemberError):
        await meetings.hand_over(meeting.id, bob)
    await meetings.admit(meeting.id, [bob])
    handed = await meetings.hand_over(meeting.id, bob)
    assert (handed.host_id, handed.host_name, handed.version) == (bob, "Bob", 2)
    assert await meetings.standing(meeting.id, ada) == Standing("cohost", removed=False)
    assert await meetings.standing(meeting.id, bob) == Standing("host", removed=False)


async def test_my_meetings_are_those_i_made_or_was_let_into(database: Database) -> None:
    ada, bob = await person(database, "Ada"), await person(database, "Bob")
    meetings = Meetings(database)
    made = [await meetings.create(host_id=ada, title=str(number)) for number in range(5)]
    for meeting in made[:3]:
        await meetings.admit(meeting.id, [bob])
    await meetings.remove_user(made[1].id, bob)
    own = await meetings.create(host_id=bob, title="own")
    first = await meetings.list_for(bob, None, 2)
    assert [row.meeting.title for row in first] == ["own", "2"]
    last = first[-1]
    rest = await meetings.list_for(bob, (last.joined_at, last.meeting.id), 2)
    assert [row.meeting.title for row in rest] == ["0"]
    assert first[0].meeting == own
    assert [row.role for row in first] == ["host", "participant"]
    await meetings.end(made[0].id)
    assert [row.meeting.title for row in await meetings.list_for(bob, None, 9, True)] == ["0"]
    assert [row.meeting.title for row in await meetings.list_for(bob, None, 9, False)] == [
        "own",
        "2",
    ]


async def test_a_removed_guest_stays_out_and_later_guests_wait(database: Database) -> None:
    meetings, sessions = Meetings(database), Sessions(database)
    meeting = await meetings.create(host_id=await person(database, "Ada"))
    guest = await meetings.add_guest(meeting.id, "Eve")
    assert (guest.admitted_at, guest.removed_at) == (None, None)
    await meetings.admit(meeting.id, guest_ids=[guest.id])
    admitted = await meetings.guest(guest.id)
    assert admitted
    assert admitted.admitted_at
    session = await sessions.open_for_guest(guest.id, LATER)
    changed = await meetings.remove_guest(guest.id)
    assert (changed.lobby, changed.version) == ("guests", 2)
    assert await sessions.find(session) is None
    removed = await meetings.guest(guest.id)
    assert removed
    assert removed.removed_at


async def test_removing_a_guest_does_not_open_a_lobby_for_all(database: Database) -> None:
    meetings = Meetings(database)
    meeting = await meetings.create(host_id=await person(database, "Ada"), lobby="all")
    guest = await meetings.add_guest(meeting.id, "Eve")
    assert (await meetings.remove_guest(guest.id)).lobby == "all"
    with pytest.raises(LookupError):
        await meetings.remove_guest(guest.id + 1)
    assert await meetings.guest(guest.id + 1) is None


async def test_guests_of_a_meeting_are_bounded_and_those_never_seen_forgotten(
    database: Database,
) -> None:
    meetings = Meetings(database)
    meeting = await meetings.create(host_id=await person(database, "Ada"))
    await database.execute(
        """
        INSERT INTO meeting_guests (meeting_id, name, created_at)
        SELECT $1, 'Crowd', now() - interval '3 days' FROM generate_series(1, $2)
        """,
        meeting.id,
        MAX_GUESTS - 1,
    )
    await meetings.add_guest(meeting.id, "Last")
    with pytest.raises(TooManyGuestsError):
        await meetings.add_guest(meeting.id, "One more")
    await meetings.delete_expired()
    assert await meetings.add_guest(meeting.id, "One more")
    assert (await database.one("SELECT count(*) FROM meeting_guests"))["count"] == 2
