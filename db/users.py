"""People with an account."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import asyncpg

from db.pool import Database


class EmailTakenError(Exception):
    """Somebody has an account with this email."""


@dataclass(frozen=True, slots=True)
class UserRow:
    id: int
    name: str
    email: str
    password: str = field(repr=False)
    age: int | None
    is_active: bool
    is_admin: bool
    version: int
    created_at: datetime
    updated_at: datetime


_COLUMNS = """
    id, name, email, password, age, is_active, is_admin, version, created_at, updated_at
"""


class Users:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, *, email: str, password: str, name: str, age: int | None) -> UserRow:
        """`email` in lower case, `password` as a hash. Raises EmailTakenError."""
        try:
            record = await self._database.one(
                f"""
                INSERT INTO users (email, password, name, age)
                VALUES ($1, $2, $3, $4) RETURNING {_COLUMNS}
                """,  # noqa: S608 - a constant of this module
                email,
                password,
                name,
                age,
            )
        except asyncpg.UniqueViolationError:
            raise EmailTakenError from None
        return UserRow(**record)

    async def by_email(self, email: str) -> UserRow | None:
        record = await self._database.row(
            f"SELECT {_COLUMNS} FROM users WHERE email = $1",  # noqa: S608
            email,
        )
        return UserRow(**record) if record else None

    async def by_id(self, user_id: int) -> UserRow | None:
        record = await self._database.row(
            f"SELECT {_COLUMNS} FROM users WHERE id = $1 AND deleted_at IS NULL",  # noqa: S608
            user_id,
        )
        return UserRow(**record) if record else None

    async def set_password(self, user_id: int, password: str) -> None:
        """Store another hash."""
        await self._database.execute(
            "UPDATE users SET password = $2, updated_at = now() WHERE id = $1", user_id, password
        )
