"""Who takes part in a conversation, as conditions on a row of `conversations`.

A member has a row in `conversation_participants`; whoever was removed from a meeting is no member
of its conversation. A guest belongs to the conversation of the meeting from being let in until
being removed.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account or a guest: one of the two is None."""

    user_id: int | None = None
    guest_id: int | None = None


def _removed(user: str) -> str:
    return f"""EXISTS (
        SELECT FROM meeting_members AS removed
        WHERE removed.meeting_id = conversations.meeting_id AND removed.user_id = {user}
            AND removed.removed_at IS NOT NULL
    )"""


def user_takes_part(user: str) -> str:
    """`user` is SQL for an id; a column needs its table's name."""
    return f"""(
        EXISTS (
            SELECT FROM conversation_participants AS part
            WHERE part.conversation_id = conversations.id AND part.user_id = {user}
        ) AND NOT {_removed(user)}
    )"""


def takes_part(user: str, guest: str) -> str:
    """SQL for the ids of a `Person`."""
    return f"""(
        {user_takes_part(user)} OR conversations.meeting_id = (
            SELECT visitor.meeting_id FROM meeting_guests AS visitor
            WHERE visitor.id = {guest}
                AND visitor.admitted_at IS NOT NULL AND visitor.removed_at IS NULL
        )
    )"""  # noqa: S608 - of constants


MEMBERS = f"""ARRAY(
    SELECT part.user_id FROM conversation_participants AS part
    WHERE part.conversation_id = conversations.id AND NOT {_removed("part.user_id")}
)"""  # noqa: S608
"""The ids of all users who take part."""
