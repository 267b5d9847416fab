"""Messages of conversations, in an order everybody agrees on.

`conversations.revision` counts, without gaps, what happens in a conversation. A message is sent by
taking the next number as its `seq` and `revision`, and changed by taking the next as its
`revision`; the row's lock is held until that is committed. So revisions become visible in their
order: whoever has seen revision n misses nothing up to n.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from datetime import datetime

import asyncpg

from db.membership import MEMBERS, Person, takes_part
from db.pool import Database

_ATTEMPTS = 3
_MAX_SEQ = 2**63 - 1


@dataclass(frozen=True, slots=True)
class MessageRow:
    id: int
    conversation_id: int
    seq: int
    """Orders the messages of a conversation."""
    revision: int
    """Of the last change."""
    sender_id: int | None
    guest_id: int | None
    author_name: str
    content: str | None
    """None: deleted."""
    client_key: str | None
    created_at: datetime
    edited_at: datetime | None
    deleted_at: datetime | None


_FIELDS = tuple(field.name for field in fields(MessageRow))


@dataclass(frozen=True, slots=True)
class Draft:
    """A message to be sent. The same author's key, where given, makes a repetition harmless."""

    author: Person
    content: str
    client_key: str | None = None


@dataclass(frozen=True, slots=True)
class SentMessage:
    row: MessageRow
    new: bool
    """False: it was sent before, with the same key."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of some drafts, in their order; None where the author takes no part."""

    messages: list[SentMessage | None]
    meeting_id: str | None = None
    members: Sequence[int] = ()
    """Ids of all users who take part."""


MESSAGE = """
    messages.id, messages.conversation_id, messages.seq, messages.revision, messages.sender_id,
    messages.guest_id, coalesce(sender.name, visitor.name) AS author_name,
    CASE WHEN messages.deleted_at IS NULL THEN messages.content END AS content,
    messages.client_key, messages.created_at, messages.edited_at, messages.deleted_at
"""
AUTHORS = """
    LEFT JOIN users AS sender ON sender.id = messages.sender_id
    LEFT JOIN meeting_guests AS visitor ON visitor.id = messages.guest_id
"""
"""What `MESSAGE` needs beside `messages`."""

_SEND = f"""
    WITH drafts AS (
        SELECT * FROM unnest($2::bigint[], $3::bigint[], $4::text[], $5::text[])
            WITH ORDINALITY AS draft (sender_id, guest_id, client_key, content, place)
    ), allowed AS (
        SELECT drafts.* FROM drafts, conversations
        WHERE conversations.id = $1 AND {takes_part("drafts.sender_id", "drafts.guest_id")}
    ), known AS (
        SELECT place, earlier.* FROM allowed CROSS JOIN LATERAL (
            SELECT * FROM messages
            WHERE conversation_id = $1 AND messages.sender_id = allowed.sender_id
                AND messages.client_key = allowed.client_key LIMIT 1
        ) AS earlier
        UNION ALL
        SELECT place, earlier.* FROM allowed CROSS JOIN LATERAL (
            SELECT * FROM messages
            WHERE conversation_id = $1 AND messages.guest_id = allowed.guest_id
                AND messages.client_key = allowed.client_key LIMIT 1
        ) AS earlier
    ), fresh AS (
        SELECT allowed.*, row_number() OVER (ORDER BY place) AS number FROM allowed
        WHERE place NOT IN (SELECT place FROM known)
    ), counted AS (
        UPDATE conversations
        SET revision = revision + (SELECT count(*) FROM fresh), active_at = clock_timestamp()
        WHERE id = $1 AND EXISTS (SELECT FROM fresh)
        RETURNING revision - (SELECT count(*) FROM fresh) AS before
    ), inserted AS (
        INSERT INTO messages
            (conversation_id, sender_id, guest_id, client_key, content, seq, revision, created_at)
        SELECT $1, sender_id, guest_id, client_key, content, before + number, before + number,
            clock_timestamp()
        FROM fresh, counted ORDER BY number
        RETURNING *
    ), stored AS (
        SELECT known.*, FALSE AS new FROM known
        UNION ALL
        SELECT place, inserted.*, TRUE FROM fresh, counted, inserted WHERE seq = before + number
    )
    SELECT place, new, {MESSAGE}, conversations.meeting_id,
        CASE WHEN place = (SELECT min(place) FROM stored) THEN {MEMBERS} END AS members
    FROM stored AS messages {AUTHORS} JOIN conversations ON conversations.id = conversation_id
    ORDER BY place
"""  # noqa: S608 - of constants, as all here
"""One statement, so one round trip to the database. Limits keep the planner from looking for keys
otherwise than by their index, whatever it thinks of a young table. It may run into the unique
indexes, when somebody else takes in the same keys at the same time: then it is done again, and
finds them."""

_CHANGE = f"""
    WITH counted AS (
        UPDATE conversations SET revision = revision + 1
        WHERE id = $1 AND EXISTS (
            SELECT FROM messages WHERE conversation_id = $1 AND id = $2 AND deleted_at IS NULL
        )
        RETURNING revision
    ), messages AS (
        UPDATE messages SET revision = counted.revision, {{change}} FROM counted
        WHERE conversation_id = $1 AND id = $2 AND deleted_at IS NULL
        RETURNING messages.*
    )
    SELECT {MESSAGE} FROM messages {AUTHORS}
"""  # noqa: S608
_EDIT = _CHANGE.format(change="content = $3, edited_at = clock_timestamp()")
_DELETE = _CHANGE.format(change="content = '', deleted_at = clock_timestamp()")


class Messages:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def send(self, conversation_id: int, drafts: Sequence[Draft]) -> Sent:
        """All or nothing; what this returns is there for good."""
        firsts, places = _without_repetitions(drafts)
        records = await self._send(
            conversation_id,
            [draft.author.user_id for draft in firsts],
            [draft.author.guest_id for draft in firsts],
            [draft.client_key for draft in firsts],
            [draft.content for draft in firsts],
        )
        if not records:
            return Sent([None] * len(drafts))
        stored = {record["place"] - 1: record for record in records}
        messages: list[SentMessage | None] = []
        for place in places:
            record = stored.get(place)
            new = record is not None and record["new"] and place not in places[: len(messages)]
            messages.append(SentMessage(message(record), new) if record else None)
        return Sent(messages, records[0]["meeting_id"], records[0]["members"])

    async def edit(self, conversation_id: int, message_id: int, content: str) -> MessageRow | None:
        """None: there is no such message, or it is deleted."""
        record = await self._database.row(_EDIT, conversation_id, message_id, content)
        return message(record) if record else None

    async def delete(self, conversation_id: int, message_id: int) -> MessageRow | None:
        """Its content goes, a mark stays. None: there is no such message, or it is deleted."""
        record = await self._database.row(_DELETE, conversation_id, message_id)
        return message(record) if record else None

    async def find(self, conversation_id: int, message_id: int) -> MessageRow | None:
        record = await self._database.row(
            f"SELECT {MESSAGE} FROM messages {AUTHORS}"  # noqa: S608
            " WHERE conversation_id = $1 AND messages.id = $2",
            conversation_id,
            message_id,
        )
        return message(record) if record else None

    async def history(
        self, conversation_id: int, before: int | None, limit: int, *, after: int = 0
    ) -> list[MessageRow]:
        """The newest first, of those whose `seq` is between `after` and `before`."""
        records = await self._database.rows(
            f"""
            SELECT {MESSAGE} FROM messages {AUTHORS}
            WHERE conversation_id = $1 AND seq < $2 AND seq > $4 ORDER BY seq DESC LIMIT $3
            """,  # noqa: S608
            conversation_id,
            _MAX_SEQ if before is None else before,
            limit,
            after,
        )
        return [message(record) for record in records]

    async def changes(
        self, conversation_id: int, after: int, limit: int, *, said_after: int = 0
    ) -> list[MessageRow]:
        """What was sent or changed after that revision, in the order of revisions; only messages
        whose `seq` is higher than `said_after`.

        A message that is changed between two pages comes again, after all others.
        """
        records = await self._database.rows(
            f"""
            SELECT {MESSAGE} FROM messages {AUTHORS}
            WHERE conversation_id = $1 AND revision > $2 AND seq > $4 ORDER BY revision LIMIT $3
            """,  # noqa: S608
            conversation_id,
            after,
            limit,
            said_after,
        )
        return [message(record) for record in records]

    async def _send(self, *arguments: object) -> list[asyncpg.Record]:
        for _ in range(_ATTEMPTS - 1):
            with suppress(asyncpg.UniqueViolationError):
                return await self._database.rows(_SEND, *arguments)
        return await self._database.rows(_SEND, *arguments)


def message(record: asyncpg.Record) -> MessageRow:
    """From a record that has at least `MESSAGE`."""
    return MessageRow(**{name: record[name] for name in _FIELDS})


def _without_repetitions(drafts: Sequence[Draft]) -> tuple[list[Draft], list[int]]:
    """The first of each author and key, and for each draft the place of its first."""
    firsts: dict[object, tuple[int, Draft]] = {}
    places = []
    for draft in drafts:
        same = object() if draft.client_key is None else (draft.author, draft.client_key)
        places.append(firsts.setdefault(same, (len(firsts), draft))[0])
    return [draft for _, draft in firsts.values()], places
