"""Meetings: what is set for them, who was let in, and their guests."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from db.errors import NoAccountError, StaleError
from db.pool import Database

ID_BYTES = 12
"""96 random bits are 16 characters of base64url."""
_ID = re.compile(r"[A-Za-z0-9_-]{16}")

Lobby = Literal["off", "guests", "all"]
"""Who waits until a host lets him in."""
MemberRole = Literal["cohost", "participant"]
Role = Literal["host", "cohost", "participant"]


MAX_GUESTS = 5000
"""Of one meeting, over all its time."""
FORGOTTEN = timedelta(days=2)


class TooManyGuestsError(Exception):
    """A meeting has at most `MAX_GUESTS` guests."""


class UnknownMemberError(Exception):
    """This person was never let into the meeting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingRow:
    id: str
    title: str
    guests_allowed: bool
    lobby: Lobby = "off"
    locked: bool = False
    password: str | None = field(default=None, repr=False)
    """A hash."""
    max_participants: int | None = None
    host_id: int
    host_name: str
    starts_at: datetime | None = None
    ended_at: datetime | None = None
    created_at: datetime
    updated_at: datetime
    version: int = 1


@dataclass(frozen=True, slots=True)
class GuestRow:
    id: int
    meeting_id: str
    name: str
    created_at: datetime
    admitted_at: datetime | None
    removed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Standing:
    """What somebody with an account is in a meeting."""

    role: Role | None
    """None: was never let in."""
    removed: bool


@dataclass(frozen=True, slots=True)
class MembershipRow:
    """One of somebody's meetings."""

    joined_at: datetime
    role: Role
    meeting: MeetingRow


@dataclass(frozen=True, slots=True)
class MemberRow:
    user_id: int
    name: str
    role: MemberRole
    joined_at: datetime
    removed_at: datetime | None


EDITABLE = (
    "title",
    "guests_allowed",
    "lobby",
    "locked",
    "password",
    "max_participants",
    "starts_at",
)
"""What `Meetings.update` changes."""

_COLUMNS = """
    meetings.id, title, guests_allowed, lobby, locked, meetings.password, max_participants,
    host_id, users.name AS host_name, starts_at, ended_at, meetings.created_at,
    meetings.updated_at, meetings.version
"""
_GUEST = "id, meeting_id, name, created_at, admitted_at, removed_at"


class Meetings:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(
        self,
        *,
        host_id: int,
        title: str = "",
        guests_allowed: bool = True,
        lobby: Lobby = "off",
        locked: bool = False,
        password: str | None = None,
        max_participants: int | None = None,
        starts_at: datetime | None = None,
    ) -> MeetingRow:
        """`password` as a hash. Raises NoAccountError."""
        record = await self._database.row(
            f"""
            WITH meetings AS (
                INSERT INTO meetings (id, host_id, title, guests_allowed, lobby, locked,
                                      password, max_participants, starts_at)
                SELECT $1, id, $3, $4, $5, $6, $7, $8, $9
                FROM users WHERE id = $2 AND is_active FOR KEY SHARE
                RETURNING *
            ), membership AS (
                INSERT INTO meeting_members (meeting_id, user_id, role)
                SELECT id, host_id, 'cohost' FROM meetings
            )
            SELECT {_COLUMNS} FROM meetings JOIN users ON users.id = host_id
            """,  # noqa: S608 - constants of this module, as all here
            secrets.token_urlsafe(ID_BYTES),
            host_id,
            title,
            guests_allowed,
            lobby,
            locked,
            password,
            max_participants,
            starts_at,
        )
        if record is None:
            raise NoAccountError
        return MeetingRow(**record)

    async def find(self, meeting_id: str) -> MeetingRow | None:
        """Takes any text: there is no meeting under what is no id."""
        if not _ID.fullmatch(meeting_id):
            return None
        record = await self._database.row(
            f"SELECT {_COLUMNS} FROM meetings JOIN users ON users.id = host_id"  # noqa: S608
            " WHERE meetings.id = $1",
            meeting_id,
        )
        return MeetingRow(**record) if record else None

    async def list_for(
        self,
        user_id: int,
        after: tuple[datetime, str] | None,
        limit: int,
        ended: bool | None = None,
    ) -> list[MembershipRow]:
        """Those one made or was let into, the latest first; `after` is (joined_at, meeting id).
        Only those that have ended, or have not, if `ended` is told."""
        records = await self._database.rows(
            f"""
            SELECT {_COLUMNS}, member.joined_at,
                   CASE WHEN host_id = $1 THEN 'host' ELSE member.role END AS role
            FROM meeting_members AS member
            JOIN meetings ON meetings.id = meeting_id JOIN users ON users.id = host_id
            WHERE member.user_id = $1 AND removed_at IS NULL
                AND (joined_at, meeting_id)
                    < (coalesce($2, TIMESTAMPTZ 'infinity'), coalesce($3, ''))
                AND ($5::boolean IS NULL OR (ended_at IS NOT NULL) = $5)
            ORDER BY joined_at DESC, meeting_id DESC LIMIT $4
            """,  # noqa: S608
            user_id,
            *(after or (None, None)),
            limit,
            ended,
        )
        return [_membership(dict(record)) for record in records]

    async def update(
        self, meeting_id: str, changes: Mapping[str, Any], version: int | None
    ) -> MeetingRow | None:
        """`changes`: values by the names in `EDITABLE`. None: no such meeting, or it has ended.

        Raises StaleError if it has another `version`.
        """
        names = [name for name in EDITABLE if name in changes]
        assignments = "".join(f"{name} = ${number}, " for number, name in enumerate(names, 3))
        record = await self._database.row(
            f"""
            WITH meetings AS (
                UPDATE meetings SET {assignments} updated_at = now(), version = version + 1
                WHERE id = $1 AND ended_at IS NULL AND ($2::integer IS NULL OR version = $2)
                RETURNING *
            )
            SELECT {_COLUMNS} FROM meetings JOIN users ON users.id = host_id
            """,  # noqa: S608
            meeting_id,
            version,
            *(changes[name] for name in names),
        )
        if record is None and version is not None and await self._is_on(meeting_id):
            raise StaleError
        return MeetingRow(**record) if record else None

    async def _is_on(self, meeting_id: str) -> bool:
        meeting = await self.find(meeting_id)
        return meeting is not None and meeting.ended_at is None

    async def end(self, meeting_id: str) -> bool:
        """For good. False if it had ended before."""
        tag = await self._database.execute(
            """
            UPDATE meetings SET ended_at = now(), updated_at = now(), version = version + 1
            WHERE id = $1 AND ended_at IS NULL
            """,
            meeting_id,
        )
        return tag == "UPDATE 1"

    # People with an account

    async def standing(self, meeting_id: str, user_id: int) -> Standing:
        record = await self._database.row(
            """
            SELECT CASE WHEN host_id = $2 THEN 'host' ELSE member.role END AS role,
                   host_id <> $2 AND member.removed_at IS NOT NULL AS removed
            FROM meetings LEFT JOIN meeting_members AS member
                ON member.meeting_id = meetings.id AND member.user_id = $2
            WHERE meetings.id = $1
            """,
            meeting_id,
            user_id,
        )
        return Standing(**record) if record else Standing(None, removed=False)

    async def admit(
        self, meeting_id: str, user_ids: Sequence[int] = (), guest_ids: Sequence[int] = ()
    ) -> None:
        """Remember that these were let in. Whoever was removed meanwhile stays so."""
        async with self._database.connection() as connection, connection.transaction():
            if user_ids:
                await connection.execute(
                    """
                    INSERT INTO meeting_members (meeting_id, user_id)
                    SELECT $1, id FROM users WHERE id = ANY($2::bigint[]) AND is_active
                    ORDER BY id FOR KEY SHARE
                    ON CONFLICT (meeting_id, user_id) DO NOTHING
                    """,
                    meeting_id,
                    user_ids,
                )
            if guest_ids:
                await connection.execute(
                    """
                    UPDATE meeting_guests SET admitted_at = now(), history_after = coalesce(
                        (SELECT revision FROM conversations WHERE meeting_id = $1), 0
                    )
                    WHERE meeting_id = $1 AND id = ANY($2::bigint[]) AND admitted_at IS NULL
                    """,
                    meeting_id,
                    guest_ids,
                )

    async def readmit(self, meeting_id: str, user_id: int) -> None:
        """Let in again who was removed."""
        await self._database.execute(
            "UPDATE meeting_members SET removed_at = NULL WHERE meeting_id = $1 AND user_id = $2",
            meeting_id,
            user_id,
        )

    async def remove_user(self, meeting_id: str, user_id: int) -> bool:
        """Keep him out; he is a participant again if he ever comes back. False: he is the host, or
        has no account any more."""
        tag = await self._database.execute(
            """
            INSERT INTO meeting_members (meeting_id, user_id, removed_at)
            SELECT meetings.id, users.id, now() FROM meetings, users
            WHERE meetings.id = $1 AND host_id <> $2 AND users.id = $2 AND deleted_at IS NULL
            FOR KEY SHARE OF users
            ON CONFLICT (meeting_id, user_id)
                DO UPDATE SET removed_at = now(), role = 'participant'
            """,
            meeting_id,
            user_id,
        )
        return tag == "INSERT 0 1"

    async def set_role(self, meeting_id: str, user_id: int, role: MemberRole) -> None:
        """Raises UnknownMemberError for whoever is not in."""
        tag = await self._database.execute(
            """
            UPDATE meeting_members SET role = $3
            WHERE meeting_id = $1 AND user_id = $2 AND removed_at IS NULL
            """,
            meeting_id,
            user_id,
            role,
        )
        if tag != "UPDATE 1":
            raise UnknownMemberError

    async def hand_over(self, meeting_id: str, user_id: int) -> MeetingRow:
        """Make a member the host; who was it stays a co-host. Raises UnknownMemberError."""
        record = await self._database.row(
            f"""
            WITH person AS (
                SELECT id FROM users WHERE id = $2 AND is_active FOR KEY SHARE
            ), heir AS (
                UPDATE meeting_members SET role = 'cohost' FROM person
                WHERE meeting_id = $1 AND user_id = person.id AND removed_at IS NULL
                RETURNING meeting_id, user_id
            ), meetings AS (
                UPDATE meetings
                SET host_id = heir.user_id, updated_at = now(), version = version + 1
                FROM heir WHERE meetings.id = heir.meeting_id RETURNING meetings.*
            )
            SELECT {_COLUMNS} FROM meetings JOIN users ON users.id = host_id
            """,  # noqa: S608
            meeting_id,
            user_id,
        )
        if record is None:
            raise UnknownMemberError
        return MeetingRow(**record)

    async def list_members(
        self, meeting_id: str, after: tuple[int] | None, limit: int
    ) -> list[MemberRow]:
        """All that were let in, and those removed; `after` is (user_id,)."""
        records = await self._database.rows(
            """
            SELECT user_id, name, role, joined_at, removed_at
            FROM meeting_members JOIN users ON users.id = user_id
            WHERE meeting_id = $1 AND user_id > $2 AND users.id > $2 ORDER BY user_id LIMIT $3
            """,
            meeting_id,
            after[0] if after else 0,
            limit,
        )
        return [MemberRow(**record) for record in records]

    # Guests

    async def add_guest(self, meeting_id: str, name: str) -> GuestRow:
        """The meeting must exist. Raises TooManyGuestsError."""
        record = await self._database.row(
            f"""
            INSERT INTO meeting_guests (meeting_id, name)
            SELECT $1::varchar, $2::varchar
            WHERE {MAX_GUESTS} > (
                SELECT count(*) FROM meeting_guests WHERE meeting_id = $1::varchar
            )
            RETURNING {_GUEST}
            """,  # noqa: S608
            meeting_id,
            name,
        )
        if record is None:
            raise TooManyGuestsError
        return GuestRow(**record)

    async def delete_expired(self) -> None:
        """Guests who asked to be one and were never seen again."""
        await self._database.execute(
            """
            DELETE FROM meeting_guests
            WHERE admitted_at IS NULL AND removed_at IS NULL AND created_at < now() - $1::interval
            """,
            FORGOTTEN,
        )

    async def guest(self, guest_id: int) -> GuestRow | None:
        record = await self._database.row(
            f"SELECT {_GUEST} FROM meeting_guests WHERE id = $1",  # noqa: S608
            guest_id,
        )
        return GuestRow(**record) if record else None

    async def remove_guest(self, guest_id: int) -> MeetingRow:
        """Keep him out, and let other guests wait from now on: he may come back as one of them.

        Raises LookupError if there is no such guest.
        """
        async with self._database.connection() as connection, connection.transaction():
            meeting_id = await connection.fetchval(
                "UPDATE meeting_guests SET removed_at = now() WHERE id = $1 RETURNING meeting_id",
                guest_id,
            )
            await connection.execute("DELETE FROM sessions WHERE guest_id = $1", guest_id)
            record = await connection.fetchrow(
                f"""
                WITH meetings AS (
                    UPDATE meetings SET lobby = CASE lobby WHEN 'off' THEN 'guests' ELSE lobby END,
                        updated_at = now(), version = version + 1
                    WHERE id = $1 RETURNING *
                )
                SELECT {_COLUMNS} FROM meetings JOIN users ON users.id = host_id
                """,  # noqa: S608
                meeting_id,
            )
        if record is None:
            raise LookupError(guest_id)
        return MeetingRow(**record)


def _membership(record: dict[str, Any]) -> MembershipRow:
    joined_at, role = record.pop("joined_at"), record.pop("role")
    return MembershipRow(joined_at, role, MeetingRow(**record))
