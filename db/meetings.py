"""Meetings, and the guests who may join one of them."""

from __future__ import annotations

import re
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from db.pool import Database

ID_BYTES = 12
"""96 random bits are 16 characters of base64url."""
_ID = re.compile(r"[A-Za-z0-9_-]{16}")


@dataclass(frozen=True, slots=True)
class MeetingRow:
    id: str
    title: str
    guests_allowed: bool
    host_id: int
    host_name: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class GuestRow:
    id: int
    meeting_id: str
    name: str
    created_at: datetime


MeetingLookup = Callable[[str], Awaitable[MeetingRow | None]]
"""`Meetings.find`, by the meeting's id."""

_COLUMNS = """
    meetings.id, title, guests_allowed, host_id, users.name AS host_name, meetings.created_at
"""


class Meetings:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, *, host_id: int, title: str, guests_allowed: bool) -> MeetingRow:
        record = await self._database.one(
            f"""
            WITH meetings AS (
                INSERT INTO meetings (id, host_id, title, guests_allowed)
                VALUES ($1, $2, $3, $4) RETURNING *
            )
            SELECT {_COLUMNS} FROM meetings JOIN users ON users.id = host_id
            """,  # noqa: S608 - a constant of this module
            secrets.token_urlsafe(ID_BYTES),
            host_id,
            title,
            guests_allowed,
        )
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

    async def add_guest(self, meeting_id: str, name: str) -> GuestRow:
        """The meeting must exist."""
        record = await self._database.one(
            """
            INSERT INTO meeting_guests (meeting_id, name) VALUES ($1, $2)
            RETURNING id, meeting_id, name, created_at
            """,
            meeting_id,
            name,
        )
        return GuestRow(**record)
