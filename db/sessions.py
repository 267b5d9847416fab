"""Logins. A token names a row here and is good only as long as the row is: deleting it revokes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from db.pool import Database


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session and whose it is: a user's, or a guest's in one meeting."""

    id: UUID
    user_id: int | None
    guest_id: int | None
    meeting_id: str | None
    name: str
    is_admin: bool
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class LoginRow:
    """A session, as its owner sees it."""

    id: UUID
    created_at: datetime
    expires_at: datetime


class Sessions:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def open_for_user(self, user_id: int, expires_at: datetime) -> UUID:
        return await self._open("user_id", user_id, expires_at)

    async def open_with_password(
        self, user_id: int, password: str, expires_at: datetime
    ) -> UUID | None:
        """None: the password, a hash that was checked, is not this user's any more.

        The lock makes whoever changes it, or deactivates the user, see the session and end it.
        """
        record = await self._database.row(
            """
            INSERT INTO sessions (user_id, expires_at)
            SELECT id, $3 FROM users WHERE id = $1 AND password = $2 AND is_active FOR SHARE
            RETURNING id
            """,
            user_id,
            password,
            expires_at,
        )
        return record["id"] if record else None

    async def open_for_guest(self, guest_id: int, expires_at: datetime) -> UUID:
        return await self._open("guest_id", guest_id, expires_at)

    async def _open(self, owner: str, owner_id: int, expires_at: datetime) -> UUID:
        record = await self._database.one(
            f"INSERT INTO sessions ({owner}, expires_at) VALUES ($1, $2) RETURNING id",  # noqa: S608
            owner_id,
            expires_at,
        )
        session_id: UUID = record["id"]
        return session_id

    async def find(self, session_id: UUID) -> SessionRow | None:
        """The session, unless it has expired or its user is no longer active."""
        record = await self._database.row(
            """
            SELECT sessions.id, user_id, guest_id, meeting_id, expires_at,
                   coalesce(users.name, meeting_guests.name) AS name,
                   coalesce(users.is_admin, FALSE) AS is_admin
            FROM sessions
            LEFT JOIN users ON users.id = user_id
            LEFT JOIN meeting_guests ON meeting_guests.id = guest_id
            WHERE sessions.id = $1 AND expires_at > now() AND coalesce(users.is_active, TRUE)
            """,
            session_id,
        )
        return SessionRow(**record) if record else None

    async def renew(
        self, session_id: UUID, expires_at: datetime, longest: timedelta
    ) -> datetime | None:
        """Let it last until `expires_at`, or for `longest` from its beginning if that is sooner.

        Returns when it expires now, never sooner than before; None: it has ended.
        """
        record = await self._database.row(
            """
            UPDATE sessions
            SET expires_at = greatest(expires_at, least($2, created_at + $3::interval))
            WHERE id = $1 AND expires_at > now() RETURNING expires_at
            """,
            session_id,
            expires_at,
            longest,
        )
        return record["expires_at"] if record else None

    async def list_for(
        self, user_id: int, after: tuple[datetime, UUID] | None, limit: int
    ) -> list[LoginRow]:
        """The newest first. `after`: when the last one before was opened, and its id."""
        opened, last = after or (None, UUID(int=0))
        records = await self._database.rows(
            """
            SELECT id, created_at, expires_at FROM sessions
            WHERE user_id = $1 AND expires_at > now()
                AND (created_at, id)
                    < (coalesce($3, TIMESTAMPTZ 'infinity'), $4::uuid)
            ORDER BY created_at DESC, id DESC LIMIT $2
            """,
            user_id,
            limit,
            opened,
            last,
        )
        return [LoginRow(**record) for record in records]

    async def ended(self, session_ids: Collection[UUID]) -> set[UUID]:
        """Which of these were closed, or are of a user who is no longer active.

        One that has merely expired is not among them before it is deleted.
        """
        records = await self._database.rows(
            """
            SELECT asked.id FROM unnest($1::uuid[]) AS asked (id)
            WHERE NOT EXISTS (
                SELECT FROM sessions LEFT JOIN users ON users.id = user_id
                WHERE sessions.id = asked.id AND coalesce(users.is_active, TRUE)
            )
            """,
            session_ids,
        )
        return {record["id"] for record in records}

    async def close(self, session_id: UUID) -> None:
        await self._database.execute("DELETE FROM sessions WHERE id = $1", session_id)

    async def close_own(self, user_id: int, session_id: UUID) -> bool:
        """Whether this user had such a session."""
        tag = await self._database.execute(
            "DELETE FROM sessions WHERE id = $1 AND user_id = $2", session_id, user_id
        )
        return tag == "DELETE 1"

    async def delete_expired(self) -> None:
        await self._database.execute("DELETE FROM sessions WHERE expires_at <= now()")
