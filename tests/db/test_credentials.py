"""Sessions, passwords and invitations: what ends what, also when things cross."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from db.audit import Audit
from db.credentials import Credentials
from db.invitations import LIFETIME, InvitationError, Invitations
from db.pool import Database
from db.sessions import Sessions
from db.users import AccountChanges, EmailTakenError, NewUser, UserRow, Users

NOW = datetime.now(UTC)
LATER = NOW + timedelta(hours=1)
LONGEST = timedelta(days=90)
DIGEST = b"digest"


async def new(database: Database, name: str = "ada") -> UserRow:
    return await Users(database).create(
        email=f"{name}@example.com", password="hash", name=name, age=None
    )


def guest(name: str) -> NewUser:
    return NewUser(f"{name}@example.com", "hash", name, None)


async def test_a_session_is_opened_only_by_the_password_there_is(database: Database) -> None:
    user, sessions = await new(database), Sessions(database)
    opened = await sessions.open_with_password(user.id, "hash", LATER)
    assert opened
    assert await sessions.find(opened)
    assert await sessions.open_with_password(user.id, "old hash", LATER) is None
    await database.execute("UPDATE users SET is_active = FALSE")
    assert await sessions.open_with_password(user.id, "hash", LATER) is None


async def test_no_session_by_the_old_password_outlives_a_reset(database: Database) -> None:
    """Whichever comes first."""
    user, sessions, credentials = await new(database), Sessions(database), Credentials(database)
    for attempt in range(10):
        await database.execute("UPDATE users SET password = 'hash'")
        pair = [
            sessions.open_with_password(user.id, "hash", LATER),
            credentials.reset(user.id, "new hash", actor_id=None),
        ]
        await asyncio.gather(*(pair if attempt % 2 else reversed(pair)))
        assert (await database.one("SELECT count(*) FROM sessions"))["count"] == 0


async def test_a_change_ends_all_sessions_but_one(database: Database) -> None:
    ada, ben = await new(database), await new(database, "ben")
    sessions, credentials = Sessions(database), Credentials(database)
    here, there, bens = [await sessions.open_for_user(user.id, LATER) for user in (ada, ada, ben)]
    assert not await credentials.change(ada.id, "wrong", "new", here)
    assert await sessions.find(there)
    assert await credentials.change(ada.id, "hash", "new", here)
    assert await sessions.find(there) is None
    assert await sessions.find(here)
    assert await sessions.find(bens)
    row = await Users(database).by_id(ada.id)
    assert row
    assert row.password == "new"
    assert not await credentials.rehash(ada.id, "hash", "the old one again")


async def test_a_reset_ends_all_sessions_and_is_told(database: Database) -> None:
    ada, ben = await new(database), await new(database, "ben")
    sessions = Sessions(database)
    adas, bens = [await sessions.open_for_user(user.id, LATER) for user in (ada, ben)]
    await Credentials(database).reset(ada.id, "new", actor_id=None)
    assert await sessions.find(adas) is None
    assert await sessions.find(bens)
    (entry,) = await Audit(database).entries(None, 9)
    assert (entry.actor_id, entry.subject_id, entry.action) == (None, ada.id, "user.reset_password")


async def test_a_session_is_renewed_up_to_a_bound(database: Database) -> None:
    user, sessions = await new(database), Sessions(database)
    session = await sessions.open_for_user(user.id, LATER)
    assert await sessions.renew(session, LATER - timedelta(minutes=1), LONGEST) == LATER
    later = LATER + timedelta(hours=1)
    assert await sessions.renew(session, later, LONGEST) == later
    row = await sessions.find(session)
    assert row
    assert row.expires_at == later
    bound = (await database.one("SELECT created_at FROM sessions"))["created_at"] + LONGEST
    assert await sessions.renew(session, NOW + timedelta(days=999), LONGEST) == bound
    await database.execute("UPDATE sessions SET expires_at = now()")
    assert await sessions.renew(session, later, LONGEST) is None
    assert await sessions.renew(uuid4(), later, LONGEST) is None


async def test_sessions_are_listed_to_their_owner_by_pages(database: Database) -> None:
    ada, ben = await new(database), await new(database, "ben")
    sessions = Sessions(database)
    own = [await sessions.open_for_user(ada.id, LATER) for _ in range(3)]
    other = await sessions.open_for_user(ben.id, LATER)
    await sessions.open_for_user(ada.id, NOW - timedelta(hours=1))
    first = await sessions.list_for(ada.id, None, 2)
    rest = await sessions.list_for(ada.id, (first[-1].created_at, first[-1].id), 2)
    assert [row.id for row in (*first, *rest)] == own[::-1]
    assert not await sessions.close_own(ada.id, other)
    assert await sessions.close_own(ada.id, own[0])
    assert not await sessions.close_own(ada.id, own[0])
    assert await sessions.find(other)


async def test_it_is_told_which_sessions_have_ended(database: Database) -> None:
    ada, ben = await new(database), await new(database, "ben")
    sessions = Sessions(database)
    kept, closed, bens = [await sessions.open_for_user(user.id, LATER) for user in (ada, ada, ben)]
    expired = await sessions.open_for_user(ada.id, NOW - timedelta(hours=1))
    await sessions.close(closed)
    await database.execute("UPDATE users SET is_active = FALSE WHERE id = $1", ben.id)
    assert await sessions.ended([kept, closed, bens, expired]) == {closed, bens}
    await Users(database).administer(ada.id, AccountChanges(is_active=False), None, actor_id=None)
    assert await sessions.ended([kept]) == {kept}


async def test_an_invitation_is_good_once_however_many_try(database: Database) -> None:
    invitations = Invitations(database)
    await invitations.create(DIGEST, None, actor_id=None)
    results = await asyncio.gather(
        *(invitations.redeem(DIGEST, guest(str(n)), from_administrators=False) for n in range(8)),
        return_exceptions=True,
    )
    (user,) = [result for result in results if isinstance(result, UserRow)]
    assert {type(result) for result in results} == {UserRow, InvitationError}
    (row,) = await invitations.newest(None, 9)
    assert (row.used_by, row.user_name) == (user.id, user.name)
    assert (await database.one("SELECT count(*) FROM users"))["count"] == 1


async def test_an_invitation_is_not_used_up_by_a_taken_email(database: Database) -> None:
    await new(database, "ada")
    invitations = Invitations(database)
    await invitations.create(DIGEST, None, actor_id=None)
    with pytest.raises(EmailTakenError):
        await invitations.redeem(DIGEST, guest("ada"), from_administrators=False)
    assert await invitations.redeem(DIGEST, guest("ben"), from_administrators=False)


async def test_what_is_no_invitation_of_this_guest(database: Database) -> None:
    admin, invitations = await new(database, "admin"), Invitations(database)

    async def refused(
        digest: bytes, name: str = "ada", *, from_administrators: bool = True
    ) -> bool:
        try:
            await invitations.redeem(digest, guest(name), from_administrators=from_administrators)
        except InvitationError:
            return True
        return False

    assert await refused(b"unknown")
    mine = await invitations.create(b"mine", "ada@example.com", actor_id=admin.id)
    assert mine.expires_at - mine.created_at == LIFETIME
    assert (mine.creator_name, mine.email, mine.used_at) == ("admin", "ada@example.com", None)
    assert await refused(b"mine", "eve")
    assert await refused(b"mine", from_administrators=False)
    await database.execute("UPDATE invitations SET expires_at = now()")
    assert await refused(b"mine")
    await database.execute("UPDATE invitations SET expires_at = now() + interval '1 day'")
    assert not await refused(b"mine")
    assert await refused(b"mine", "eve")
    # what is used stays, and cannot be taken back
    assert not await invitations.revoke(mine.id, actor_id=admin.id)
    other = await invitations.create(b"other", None, actor_id=admin.id)
    assert await invitations.newest(None, 9) == [other, *await invitations.newest((other.id,), 9)]
    assert await invitations.revoke(other.id, actor_id=admin.id)
    assert await refused(b"other", "eve")
    actions = [entry.action for entry in await Audit(database).entries(None, 9)]
    assert actions == ["invitation.revoke", "invitation.create", "invitation.create"]


async def test_expired_invitations_are_deleted_unless_they_were_used(database: Database) -> None:
    invitations = Invitations(database)
    for digest in (b"used", b"expired"):
        await invitations.create(digest, None, actor_id=None)
    await invitations.redeem(b"used", guest("ada"), from_administrators=False)
    await database.execute("UPDATE invitations SET expires_at = now()")
    kept = await invitations.create(b"kept", None, actor_id=None)
    await invitations.delete_expired()
    assert [row.user_name for row in await invitations.newest(None, 9)] == [None, "ada"]
    assert (await invitations.newest(None, 1)) == [kept]
