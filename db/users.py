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
    created_at: datetime
    updated_at: datetime


class Users:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, *, email: str, password: str, name: str, age: int | None) -> UserRow:
        """`email` in lower case, `password` as a hash. Raises EmailTakenError."""
        try:
            record = await self._database.one(
                """
                INSERT INTO users (email, password, name, age)
                VALUES ($1, $2, $3, $4) RETURNING *
                """,
                email,
                password,
                name,
                age,
            )
        except asyncpg.UniqueViolationError:
            raise EmailTakenError from None
        return UserRow(**record)

    async def by_email(self, email: str) -> UserRow | None:
        record = await self._database.row("SELECT * FROM users WHERE email = $1", email)
        return UserRow(**record) if record else None

    async def by_id(self, user_id: int) -> UserRow | None:
        record = await self._database.row("SELECT * FROM users WHERE id = $1", user_id)
        return UserRow(**record) if record else None

    async def set_password(self, user_id: int, password: str) -> None:
        """Store another hash."""
        await self._database.execute(
            "UPDATE users SET password = $2, updated_at = now() WHERE id = $1", user_id, password
        )
