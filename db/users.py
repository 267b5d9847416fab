"""People with an account."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import asyncpg

from db import audit
from db.audit import Entry
from db.deletion import Gone, delete_account
from db.errors import StaleError
from db.pool import Connection, Database

ADMINISTRATION_LOCK = 0x61646D696E  # "admin"
"""Key of the advisory lock, so that no two take away each other's rights at the same time."""


class EmailTakenError(Exception):
    """Somebody has an account with this email."""


class LastAdministratorError(Exception):
    """Nobody would be left who could administer."""


@dataclass(frozen=True, slots=True)
class UserRow:
    id: int
    name: str
    folded: str
    """The name, as lists are sorted by it."""
    email: str
    password: str = field(repr=False)
    age: int | None
    avatar: str | None
    """The picture's digest."""
    is_active: bool
    is_admin: bool
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class NewUser:
    email: str
    """In lower case."""
    password: str = field(repr=False)
    """As a hash."""
    name: str
    age: int | None


@dataclass(frozen=True, slots=True)
class PersonRow:
    """What others may know."""

    id: int
    name: str
    folded: str
    avatar: str | None


@dataclass(frozen=True, slots=True)
class ProfileChanges:
    """None leaves a thing as it is."""

    name: str | None = None
    age: int | None = None
    forget_age: bool = False


@dataclass(frozen=True, slots=True)
class AccountChanges:
    """None leaves a thing as it is."""

    name: str | None = None
    is_active: bool | None = None
    is_admin: bool | None = None

    def entries(self, before: UserRow) -> Iterator[Entry]:
        """One for each thing that becomes different."""
        if self.name not in (None, before.name):
            yield _change("user.rename", before.name, self.name)
        if self.is_active not in (None, before.is_active):
            action = "user.reactivate" if self.is_active else "user.deactivate"
            yield _change(action, before.is_active, self.is_active)
        if self.is_admin not in (None, before.is_admin):
            action = "user.promote" if self.is_admin else "user.demote"
            yield _change(action, before.is_admin, self.is_admin)


def _change(action: str, before: object, after: object) -> Entry:
    return Entry(action, {"before": before, "after": after})


_PERSON = """
    id, name, lower(name) AS folded,
    (SELECT digest FROM avatars WHERE avatars.user_id = users.id) AS avatar
"""
COLUMNS = f"""
    {_PERSON}, email, password, age, is_active, is_admin, version, created_at, updated_at
"""
"""Of a `UserRow`."""
_FOUND = """
    WITH users AS MATERIALIZED (
        SELECT * FROM users WHERE deleted_at IS NULL AND ({condition})
    )
"""
"""First find, then sort. PostgreSQL believes that every beginning of a word is a frequent one, and
would look through everybody in the order of the list."""
_NAMED = "to_tsvector('simple', name) @@ to_tsquery('simple', {words})"


class Users:
    def __init__(self, database: Database) -> None:
        self._database = database

    # Accounts

    async def create(self, *, email: str, password: str, name: str, age: int | None) -> UserRow:
        """`email` in lower case, `password` as a hash. Raises EmailTakenError."""
        async with self._database.connection() as connection:
            return await insert_user(connection, NewUser(email, password, name, age))

    async def by_email(self, email: str) -> UserRow | None:
        record = await self._database.row(
            f"SELECT {COLUMNS} FROM users WHERE email = $1",  # noqa: S608
            email,
        )
        return UserRow(**record) if record else None

    async def by_id(self, user_id: int) -> UserRow | None:
        record = await self._database.row(
            f"SELECT {COLUMNS} FROM users WHERE id = $1 AND deleted_at IS NULL",  # noqa: S608
            user_id,
        )
        return UserRow(**record) if record else None

    async def change_profile(
        self, user_id: int, changes: ProfileChanges, version: int | None
    ) -> UserRow:
        """Raises StaleError when `version` (None: any) is not what is there."""
        record = await self._database.row(
            f"""
            UPDATE users SET
                name = coalesce($3, name),
                age = CASE WHEN $5 THEN NULL ELSE coalesce($4, age) END,
                updated_at = now(),
                version = version + 1
            WHERE id = $1 AND version = coalesce($2, version) AND deleted_at IS NULL
            RETURNING {COLUMNS}
            """,  # noqa: S608
            user_id,
            version,
            changes.name,
            changes.age,
            changes.forget_age,
        )
        if record is None:
            raise StaleError
        return UserRow(**record)

    # People, as others may see them

    async def people(
        self, after: tuple[str, int] | None, limit: int, *, but: int, search: str | None = None
    ) -> list[PersonRow]:
        """Whoever is active, by name, without the one with the id `but`.

        `search` finds beginnings of the words of names. Whoever is renamed between two pages is on
        them once at most under each name.
        """
        conditions = ["is_active", "id <> $2"]
        records = await self._list(_PERSON, conditions, (limit, but), after, search)
        return [PersonRow(**record) for record in records]

    async def person(self, user_id: int) -> PersonRow | None:
        """None also where the account is not active."""
        record = await self._database.row(
            f"""
            SELECT {_PERSON} FROM users WHERE id = $1 AND is_active AND deleted_at IS NULL
            """,  # noqa: S608
            user_id,
        )
        return PersonRow(**record) if record else None

    # Administration

    async def accounts(
        self,
        after: tuple[str, int] | None,
        limit: int,
        *,
        search: str | None = None,
        active: bool | None = None,
        admin: bool | None = None,
    ) -> list[UserRow]:
        """By name, as `people`. `search` finds beginnings of the words of names, and of emails."""
        conditions = []
        if active is not None:
            conditions.append("is_active" if active else "NOT is_active")
        if admin is not None:
            conditions.append("is_admin" if admin else "NOT is_admin")
        records = await self._list(COLUMNS, conditions, (limit,), after, search, emails=True)
        return [UserRow(**record) for record in records]

    async def _list(
        self,
        columns: str,
        conditions: Sequence[str],
        arguments: Sequence[object],
        after: tuple[str, int] | None,
        search: str | None,
        *,
        emails: bool = False,
    ) -> list[asyncpg.Record]:
        """The first of the arguments is the limit."""
        conditions = ["deleted_at IS NULL", *conditions]
        arguments = list(arguments)

        def parameter(value: object) -> str:
            arguments.append(value)
            return f"${len(arguments)}"

        found = ""
        if search:
            condition = _NAMED.format(words=parameter(_beginnings(search)))
            if emails:
                condition += f" OR email LIKE {parameter(_beginning(search.lower()))}"
            found = _FOUND.format(condition=condition)
        if after:
            name, last = map(parameter, after)
            conditions.append(f"(lower(name), id) > ({name}, {last})")
        rows = self._database.rows_planned_anew if search else self._database.rows
        return await rows(
            f"""
            {found} SELECT {columns} FROM users WHERE {" AND ".join(conditions)}
            ORDER BY lower(name), id LIMIT $1
            """,  # noqa: S608
            *arguments,
        )

    async def administer(
        self, user_id: int, changes: AccountChanges, version: int | None, *, actor_id: int | None
    ) -> UserRow | None:
        """Together with its entries in the audit trail; None: there is no such account.

        Raises StaleError when `version` (None: any) is not what is there, and
        LastAdministratorError. Whoever is deactivated is signed out.
        """
        async with self._database.connection() as connection, connection.transaction():
            before = await _administered(connection, user_id)
            if before is None:
                return None
            if version not in (None, before.version):
                raise StaleError
            entries = list(changes.entries(before))
            if not entries:
                return before
            record = await connection.fetchrow(
                f"""
                UPDATE users SET
                    name = coalesce($2, name),
                    is_active = coalesce($3, is_active),
                    is_admin = coalesce($4, is_admin),
                    updated_at = now(),
                    version = version + 1
                WHERE id = $1 RETURNING {COLUMNS}
                """,  # noqa: S608
                user_id,
                changes.name,
                changes.is_active,
                changes.is_admin,
            )
            assert record  # noqa: S101 - it is locked
            if not record["is_active"]:
                await connection.execute("DELETE FROM sessions WHERE user_id = $1", user_id)
            await _require_administrator(connection, before)
            await audit.record(connection, actor_id, user_id, entries)
        return UserRow(**record)

    async def delete(self, user_id: int, *, actor_id: int | None) -> Gone | None:
        """None: there is no such account. Raises LastAdministratorError."""
        async with self._database.connection() as connection, connection.transaction():
            before = await _administered(connection, user_id)
            if before is None:
                return None
            gone = await delete_account(connection, user_id)
            await _require_administrator(connection, before)
            rights = {"is_active": before.is_active, "is_admin": before.is_admin}
            await audit.record(
                connection, actor_id, user_id, [Entry("user.delete", {"before": rights})]
            )
        return gone


async def insert_user(connection: Connection, user: NewUser) -> UserRow:
    """Within a transaction of more than this, too. Raises EmailTakenError."""
    try:
        record = await connection.fetchrow(
            f"""
            INSERT INTO users (email, password, name, age)
            VALUES ($1, $2, $3, $4) RETURNING {COLUMNS}
            """,  # noqa: S608 - a constant of this module
            user.email,
            user.password,
            user.name,
            user.age,
        )
    except asyncpg.UniqueViolationError:
        raise EmailTakenError from None
    assert record  # noqa: S101 - an INSERT returns what it made
    return UserRow(**record)


async def _administered(connection: Connection, user_id: int) -> UserRow | None:
    """An account, for one administrator at a time."""
    await connection.execute("SELECT pg_advisory_xact_lock($1)", ADMINISTRATION_LOCK)
    record = await connection.fetchrow(
        f"""
        SELECT {COLUMNS} FROM users WHERE id = $1 AND deleted_at IS NULL FOR NO KEY UPDATE
        """,  # noqa: S608
        user_id,
    )
    return UserRow(**record) if record else None


async def _require_administrator(connection: Connection, before: UserRow) -> None:
    """Where there was one: raises LastAdministratorError."""
    if not (before.is_active and before.is_admin):
        return
    left = await connection.fetchval(
        "SELECT EXISTS (SELECT FROM users WHERE is_admin AND is_active AND deleted_at IS NULL)"
    )
    if not left:
        raise LastAdministratorError


def _beginnings(search: str) -> str:
    """A query for texts with words that begin so, each of them; in PostgreSQL's language."""
    words = (word.replace("\\", "\\\\").replace("'", "''") for word in search.split())
    return " & ".join(f"'{word}':*" for word in words)


def _beginning(search: str) -> str:
    """A pattern of LIKE."""
    for special in "\\%_":
        search = search.replace(special, f"\\{special}")
    return f"{search}%"
