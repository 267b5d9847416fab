"""Conversations of two, of a group, of a meeting: their members, and how far they have read.

Who takes part is told by db/membership.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import asyncpg

from db.errors import StaleError
from db.membership import MEMBERS, Person, takes_part, user_takes_part
from db.messages import AUTHORS, MESSAGE, MessageRow
from db.pool import Database

Kind = Literal["direct", "group", "meeting"]
MAX_MEMBERS = 1000
"""Of a group."""
MAX_UNREAD = 100
"""Who has missed more is told as many."""
LOOKED_AT = 1000
"""Messages, the latest: whoever writes and writes and never reads costs no more than others."""


class UnknownPeopleError(Exception):
    """Some of these people do not exist, or have no account any more."""


class TooManyMembersError(Exception):
    """A group has at most `MAX_MEMBERS` members."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What somebody is in a conversation he takes part in."""

    kind: Kind
    owner_id: int | None
    """Of a group."""
    meeting_id: str | None
    moderator: bool
    """Host or co-host of the meeting."""
    members: list[int]
    """Ids of all users who take part."""
    history_after: int
    """Messages up to this `seq` are not for him: they were said before a guest was let in."""


@dataclass(frozen=True, slots=True)
class ConversationRow:
    """As one of its members sees it."""

    id: int
    kind: Kind
    title: str
    """A meeting's conversation has its title."""
    owner_id: int | None
    meeting_id: str | None
    other_id: int | None
    """The other person of a direct conversation."""
    other_name: str | None
    other_avatar: str | None
    revision: int
    read_seq: int
    unread: int
    """Others' messages after the read mark, at most `MAX_UNREAD`."""
    last: MessageRow | None
    active_at: datetime
    created_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class ParticipantRow:
    user_id: int
    name: str
    avatar: str | None
    joined_at: datetime


@dataclass(frozen=True, slots=True)
class ReadRow:
    seq: int
    unread: int


_UNREAD = f"""
    SELECT count(*) FROM (
        SELECT FROM (
            SELECT sender_id, deleted_at FROM messages
            WHERE messages.conversation_id = membership.conversation_id
                AND messages.seq > membership.read_seq
            ORDER BY seq DESC LIMIT {LOOKED_AT}
        ) AS latest
        WHERE sender_id IS DISTINCT FROM membership.user_id AND deleted_at IS NULL
        LIMIT {MAX_UNREAD}
    ) AS missed
"""  # noqa: S608 - of constants, as all here
_SEEN = f"""
    WITH membership AS (
        SELECT part.conversation_id, part.user_id, part.read_seq, conversations.*
        FROM conversation_participants AS part
        JOIN conversations ON conversations.id = part.conversation_id
        WHERE part.user_id = $1 AND {user_takes_part("$1")} AND {{condition}}
        ORDER BY active_at DESC, conversations.id DESC LIMIT {{limit}}
    )
    SELECT membership.id, kind, coalesce(meetings.title, membership.title) AS title, owner_id,
        meeting_id, other.id AS other_id, other.name AS other_name,
        (SELECT digest FROM avatars WHERE user_id = other.id) AS other_avatar,
        membership.revision, read_seq,
        ({_UNREAD}) AS unread, last, active_at, membership.created_at, membership.version
    FROM membership
    LEFT JOIN meetings ON meetings.id = meeting_id
    LEFT JOIN users AS other ON other.id = CASE low_id WHEN $1 THEN high_id ELSE low_id END
    LEFT JOIN LATERAL (
        SELECT {MESSAGE} FROM messages {AUTHORS}
        WHERE conversation_id = membership.id ORDER BY seq DESC LIMIT 1
    ) AS last ON TRUE
    ORDER BY active_at DESC, membership.id DESC
"""  # noqa: S608
_PEOPLE = "SELECT id FROM users WHERE id = ANY($2::bigint[]) AND is_active"
_STAYING = "ORDER BY id FOR KEY SHARE"
"""Of `_PEOPLE`: nobody of them is deleted meanwhile. To be asked for after the conversation, as
whoever sends or deletes does."""


class Conversations:
    def __init__(self, database: Database) -> None:
        self._database = database

    # Making them

    async def direct(self, user_id: int, other_id: int) -> tuple[int, bool]:
        """The conversation of two, and whether it is new. Raises UnknownPeopleError."""
        low, high = sorted((user_id, other_id))
        if low == high:
            raise UnknownPeopleError
        made = await self._database.row(
            """
            WITH made AS (
                INSERT INTO conversations (kind, low_id, high_id)
                SELECT 'direct', $1, $2 WHERE 2 = (
                    SELECT count(*) FROM (
                        SELECT FROM users WHERE id IN ($1, $2) AND is_active
                        ORDER BY id FOR KEY SHARE
                    ) AS people
                )
                ON CONFLICT ON CONSTRAINT conversations_direct DO NOTHING RETURNING id
            ), parts AS (
                INSERT INTO conversation_participants (conversation_id, user_id)
                SELECT id, unnest(ARRAY[$1, $2]::bigint[]) FROM made
            )
            SELECT id FROM made
            """,
            low,
            high,
        )
        if made:
            return made["id"], True
        known = await self._database.row(
            "SELECT id FROM conversations WHERE low_id = $1 AND high_id = $2", low, high
        )
        if known is None:
            raise UnknownPeopleError
        return known["id"], False

    async def group(self, owner_id: int, title: str, user_ids: Sequence[int]) -> int:
        """The new group's id. Raises UnknownPeopleError."""
        made = await self._database.row(
            f"""
            WITH people AS ({_PEOPLE} {_STAYING}), made AS (
                INSERT INTO conversations (kind, title, owner_id)
                SELECT 'group', $3, $1
                WHERE (SELECT count(*) FROM people) = cardinality($2::bigint[]) RETURNING id
            ), parts AS (
                INSERT INTO conversation_participants (conversation_id, user_id)
                SELECT made.id, people.id FROM made, people
            )
            SELECT id FROM made
            """,  # noqa: S608
            owner_id,
            sorted({owner_id, *user_ids}),
            title,
        )
        if made is None:
            raise UnknownPeopleError
        conversation_id: int = made["id"]
        return conversation_id

    async def of_meeting(self, meeting_id: str) -> int:
        """Made when first asked for, with the host. The meeting must exist."""
        find = "SELECT id FROM conversations WHERE meeting_id = $1"
        record = await self._database.row(find, meeting_id)
        if record is None:
            await self._database.execute(
                """
                WITH made AS (
                    INSERT INTO conversations (kind, meeting_id) VALUES ('meeting', $1)
                    ON CONFLICT (meeting_id) DO NOTHING RETURNING id
                )
                INSERT INTO conversation_participants (conversation_id, user_id)
                SELECT made.id, host_id FROM made, meetings WHERE meetings.id = $1
                """,
                meeting_id,
            )
            record = await self._database.one(find, meeting_id)
        conversation_id: int = record["id"]
        return conversation_id

    # Looking at them

    async def of_user(
        self, user_id: int, after: tuple[datetime, int] | None, limit: int
    ) -> list[ConversationRow]:
        """The most recently active first, without meetings in which nobody has said anything.

        One that becomes active between two pages goes to the front: it is on one page at most.
        """
        condition = "(kind <> 'meeting' OR revision > 0)"
        if after:
            condition += " AND (active_at, conversations.id) < ($3, $4)"
        records = await self._database.rows(
            _SEEN.format(condition=condition, limit="$2"), user_id, limit, *(after or ())
        )
        return [_conversation(record) for record in records]

    async def find(self, conversation_id: int, user_id: int) -> ConversationRow | None:
        """None also where the user takes no part."""
        record = await self._database.row(
            _SEEN.format(condition="conversations.id = $2", limit="1"), user_id, conversation_id
        )
        return _conversation(record) if record else None

    async def standing(self, conversation_id: int, person: Person) -> Standing | None:
        """None where that person takes no part."""
        record = await self._database.row(
            f"""
            SELECT kind, owner_id, meeting_id, {MEMBERS} AS members, EXISTS (
                SELECT FROM meetings
                LEFT JOIN meeting_members AS part
                    ON part.meeting_id = meetings.id AND part.user_id = $2::bigint
                WHERE meetings.id = conversations.meeting_id
                    AND (host_id = $2::bigint OR part.role = 'cohost')
            ) AS moderator, coalesce(
                (SELECT history_after FROM meeting_guests WHERE id = $3::bigint), 0
            ) AS history_after
            FROM conversations WHERE id = $1 AND {takes_part("$2::bigint", "$3::bigint")}
            """,  # noqa: S608
            conversation_id,
            person.user_id,
            person.guest_id,
        )
        return Standing(**record) if record else None

    async def histories_after(self, guest_ids: Iterable[int | None]) -> dict[int | None, int]:
        """`Standing.history_after` of guests."""
        records = await self._database.rows(
            "SELECT id, history_after FROM meeting_guests WHERE id = ANY($1::bigint[])",
            list(guest_ids),
        )
        return {record["id"]: record["history_after"] for record in records}

    async def participants(
        self, conversation_id: int, after: int | None, limit: int
    ) -> list[ParticipantRow]:
        """Users only, by id."""
        records = await self._database.rows(
            f"""
            SELECT users.id AS user_id, name, joined_at,
                (SELECT digest FROM avatars WHERE avatars.user_id = users.id) AS avatar
            FROM conversations
            JOIN conversation_participants ON conversation_id = conversations.id
            JOIN users ON users.id = user_id
            WHERE conversations.id = $1 AND user_id > $2 AND users.id > $2
                AND {user_takes_part("users.id")}
            ORDER BY user_id LIMIT $3
            """,  # noqa: S608
            conversation_id,
            after or 0,
            limit,
        )
        return [ParticipantRow(**record) for record in records]

    async def acquaintances(self, user_id: int, user_ids: Iterable[int]) -> set[int]:
        """Which of these people share a conversation with the user."""
        records = await self._database.rows(
            f"""
            SELECT asked.user_id FROM unnest($2::bigint[]) AS asked (user_id)
            CROSS JOIN LATERAL (
                SELECT conversations.id FROM conversation_participants AS other
                JOIN conversation_participants AS own USING (conversation_id)
                JOIN conversations ON conversations.id = conversation_id
                WHERE other.user_id = asked.user_id AND own.user_id = $1
                    AND {user_takes_part("$1")} AND {user_takes_part("asked.user_id")}
                LIMIT 1
            ) AS shared
            """,  # noqa: S608
            user_id,
            list(user_ids),
        )
        return {record["user_id"] for record in records}

    # Changing them

    async def rename(self, conversation_id: int, title: str, version: int | None) -> None:
        """Raises StaleError when `version` (None: any) is not what is there."""
        renamed = await self._database.row(
            """
            UPDATE conversations SET title = $2, version = version + 1
            WHERE id = $1 AND version = coalesce($3, version) RETURNING id
            """,
            conversation_id,
            title,
            version,
        )
        if renamed is None:
            raise StaleError

    async def add_to_meeting(self, conversation_id: int, user_ids: Sequence[int]) -> list[int]:
        """Who of them took no part before. What was said before counts as read."""
        records = await self._database.rows(
            f"""
            WITH people AS ({_PEOPLE} {_STAYING})
            INSERT INTO conversation_participants (conversation_id, user_id, read_seq)
            SELECT conversations.id, people.id, revision FROM conversations, people
            WHERE conversations.id = $1
            ON CONFLICT DO NOTHING RETURNING user_id
            """,  # noqa: S608
            conversation_id,
            user_ids,
        )
        return [record["user_id"] for record in records]

    async def add_participants(self, conversation_id: int, user_ids: Sequence[int]) -> list[int]:
        """Who of them is new. Raises UnknownPeopleError, TooManyMembersError; then adds nobody."""
        record = await self._database.one(
            f"""
            WITH conversation AS (
                SELECT id, revision FROM conversations WHERE id = $1 FOR NO KEY UPDATE
            ), people AS ({_PEOPLE} AND EXISTS (SELECT FROM conversation) {_STAYING}
            ), checks AS (
                SELECT
                    (SELECT count(*) FROM people) = cardinality($2::bigint[]) AS known,
                    (SELECT count(*) FROM (
                        SELECT user_id FROM conversation_participants WHERE conversation_id = $1
                        UNION SELECT id FROM people
                    ) AS members) <= {MAX_MEMBERS} AS fits
            ), added AS (
                INSERT INTO conversation_participants (conversation_id, user_id, read_seq)
                SELECT conversation.id, people.id, revision
                FROM conversation, people, checks WHERE known AND fits
                ON CONFLICT DO NOTHING RETURNING user_id
            )
            SELECT known, fits, ARRAY(SELECT user_id FROM added) AS added FROM checks
            """,  # noqa: S608
            conversation_id,
            sorted(set(user_ids)),
        )
        if not record["known"]:
            raise UnknownPeopleError
        if not record["fits"]:
            raise TooManyMembersError
        added: list[int] = record["added"]
        return added

    async def remove_participant(self, conversation_id: int, user_id: int) -> bool:
        """Whether the user was one. A group's owner is followed by who has been in it longest."""
        record = await self._database.row(
            """
            WITH conversation AS (
                SELECT id FROM conversations WHERE id = $1 FOR NO KEY UPDATE
            ), gone AS (
                DELETE FROM conversation_participants USING conversation
                WHERE conversation_id = conversation.id AND user_id = $2 RETURNING user_id
            ), handed_over AS (
                UPDATE conversations SET version = version + 1, owner_id = (
                    SELECT user_id FROM conversation_participants
                    JOIN users ON users.id = user_id AND deleted_at IS NULL
                    WHERE conversation_id = $1 AND user_id <> $2
                    ORDER BY joined_at, user_id LIMIT 1
                )
                WHERE id = $1 AND owner_id = $2 AND EXISTS (SELECT FROM gone)
            )
            SELECT user_id FROM gone
            """,
            conversation_id,
            user_id,
        )
        return record is not None

    async def read(self, conversation_id: int, user_id: int, seq: int) -> ReadRow | None:
        """Move the user's read mark on, never back and not beyond what there is. None where the
        user takes no part."""
        record = await self._database.row(
            f"""
            WITH membership AS (
                UPDATE conversation_participants AS own
                SET read_seq = greatest(read_seq, least($3, revision))
                FROM conversations
                WHERE conversations.id = $1 AND own.conversation_id = $1 AND own.user_id = $2
                    AND {user_takes_part("$2")}
                RETURNING own.*
            )
            SELECT read_seq AS seq, ({_UNREAD}) AS unread FROM membership
            """,  # noqa: S608
            conversation_id,
            user_id,
            seq,
        )
        return ReadRow(**record) if record else None


def _conversation(record: asyncpg.Record) -> ConversationRow:
    last = record["last"]
    return ConversationRow(**{**record, "last": MessageRow(*last) if last else None})
