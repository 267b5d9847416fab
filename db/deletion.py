"""The end of an account: what goes with it, and what stays without a name (docs/privacy.md)."""

from __future__ import annotations

from dataclasses import dataclass, field

from db.pool import Connection

NAME = "Deleted user"
_LOCKS = (
    """
    SELECT FROM conversations
    WHERE id IN (SELECT conversation_id FROM conversation_participants WHERE user_id = $1)
    ORDER BY id FOR NO KEY UPDATE
    """,
    "SELECT FROM meetings WHERE host_id = $1 ORDER BY id FOR NO KEY UPDATE",
)
"""Taken first, as by everybody else: who sends a message holds its conversation, and then waits
for the row of its sender."""
_INVITATIONS = (
    """
    DELETE FROM invitations USING users
    WHERE users.id = $1 AND used_at IS NULL
        AND (created_by = users.id OR invitations.email = users.email)
    """,
    """
    UPDATE invitations SET email = NULL FROM users
    WHERE users.id = $1 AND (created_by = users.id OR used_by = users.id
        OR invitations.email = users.email)
    """,
)
_TOMBSTONE = f"""
    UPDATE users SET
        name = '{NAME}',
        email = 'deleted:' || id || '@invalid', -- a colon: nobody can sign up with it
        password = '',
        age = NULL,
        is_active = FALSE,
        is_admin = FALSE,
        deleted_at = now(),
        updated_at = now(),
        version = version + 1
    WHERE id = $1
"""  # noqa: S608 - a constant
_REST = (
    "DELETE FROM avatars WHERE user_id = $1",
    "DELETE FROM sessions WHERE user_id = $1",
    "DELETE FROM idempotency_keys WHERE user_id = $1",
    "DELETE FROM blogs WHERE author_id = $1",
    """
    WITH gone AS (
        DELETE FROM conversation_participants WHERE user_id = $1 RETURNING conversation_id
    )
    UPDATE conversations SET version = version + 1, owner_id = (
        SELECT user_id FROM conversation_participants AS part
        WHERE part.conversation_id = conversations.id AND user_id <> $1
        ORDER BY joined_at, user_id LIMIT 1
    )
    FROM gone WHERE conversations.id = gone.conversation_id AND owner_id = $1
    """,
    "DELETE FROM meeting_members WHERE user_id = $1",
    # Such as names that it had.
    "UPDATE audit_log SET details = '{}' WHERE subject_id = $1",
)
_CONVERSATIONS = """
    SELECT conversation_id, array_agg(user_id ORDER BY user_id) AS others
    FROM conversation_participants
    WHERE user_id <> $1 AND conversation_id IN (
        SELECT conversation_id FROM conversation_participants WHERE user_id = $1
    )
    GROUP BY conversation_id
"""
_MEETINGS = """
    UPDATE meetings SET
        ended_at = now(), password = NULL, updated_at = now(), version = version + 1
    WHERE host_id = $1 AND ended_at IS NULL RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Gone:
    """What others notice of the end of an account."""

    meetings: list[str] = field(default_factory=list)
    """Ids of those that ended with it."""
    conversations: dict[int, list[int]] = field(default_factory=dict)
    """By id, the users who stay in conversations it took part in."""


async def delete_account(connection: Connection, user_id: int) -> Gone:
    """Within a transaction."""
    for lock in _LOCKS:
        await connection.execute(lock, user_id)
    conversations = await connection.fetch(_CONVERSATIONS, user_id)
    for statement in (*_INVITATIONS, _TOMBSTONE, *_REST):
        await connection.execute(statement, user_id)
    meetings = await connection.fetch(_MEETINGS, user_id)
    return Gone(
        [record["id"] for record in meetings],
        {record["conversation_id"]: record["others"] for record in conversations},
    )
