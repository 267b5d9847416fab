"""Logins. A token names a row here and is good only as long as the row is: deleting it revokes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
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


class Sessions:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def open_for_user(self, user_id: int, expires_at: datetime) -> UUID:
        return await self._open("user_id", user_id, expires_at)

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

    async def close(self, session_id: UUID) -> None:
        await self._database.execute("DELETE FROM sessions WHERE id = $1", session_id)

    async def delete_expired(self) -> None:
        await self._database.execute("DELETE FROM sessions WHERE expires_at <= now()")
