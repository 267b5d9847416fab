"""Passwords of accounts, as hashes. Who gets another one has to sign in again, everywhere."""

from __future__ import annotations

from uuid import UUID

from db import audit
from db.audit import Entry
from db.pool import Connection, Database


class Credentials:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def rehash(self, user_id: int, old: str, new: str) -> bool:
        """Keep the same password in another way; False: it has been changed meanwhile."""
        async with self._database.connection() as connection:
            return await _replace(connection, user_id, old, new)

    async def change(self, user_id: int, old: str, new: str, keep: UUID) -> bool:
        """And end all sessions but one. False: it has been changed meanwhile."""
        async with self._database.connection() as connection, connection.transaction():
            if not await _replace(connection, user_id, old, new):
                return False
            await connection.execute(
                "DELETE FROM sessions WHERE user_id = $1 AND id <> $2", user_id, keep
            )
            return True

    async def reset(self, user_id: int, new: str, *, actor_id: int | None) -> None:
        """And end all sessions, and tell it in the audit trail. An `actor_id` of None is the
        command line."""
        async with self._database.connection() as connection, connection.transaction():
            await connection.execute(
                """
                UPDATE users SET password = $2, updated_at = now()
                WHERE id = $1 AND deleted_at IS NULL
                """,
                user_id,
                new,
            )
            await connection.execute("DELETE FROM sessions WHERE user_id = $1", user_id)
            await audit.record(connection, actor_id, user_id, [Entry("user.reset_password")])


async def _replace(connection: Connection, user_id: int, old: str, new: str) -> bool:
    replaced = await connection.fetchval(
        """
        UPDATE users SET password = $3, updated_at = now()
        WHERE id = $1 AND password = $2 AND is_active RETURNING id
        """,
        user_id,
        old,
        new,
    )
    return replaced is not None
