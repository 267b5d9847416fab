"""What administrators did: one entry per change, written together with the change."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from db.pool import Connection, Database


@dataclass(frozen=True, slots=True)
class Entry:
    """What was done, such as `user.rename`; `details` can be anything that JSON can."""

    action: str
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AuditRow:
    id: int
    at: datetime
    actor_id: int | None
    """None: from the command line."""
    actor_name: str | None
    action: str
    subject_id: int | None
    """The account it was done to, if it was to one."""
    subject_name: str | None
    details: dict[str, Any]


async def record(
    connection: Connection, actor_id: int | None, subject_id: int | None, entries: Sequence[Entry]
) -> None:
    """Within the transaction of what it tells about. An `actor_id` of None is the command line."""
    await connection.execute(
        """
        INSERT INTO audit_log (actor_id, subject_id, action, details)
        SELECT $1, $2, action, details
        FROM unnest($3::text[], $4::jsonb[]) AS entry (action, details)
        """,
        actor_id,
        subject_id,
        [entry.action for entry in entries],
        [json.dumps(entry.details) for entry in entries],
    )


class Audit:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def entries(
        self,
        after: tuple[int] | None,
        limit: int,
        *,
        actor_id: int | None = None,
        subject_id: int | None = None,
        action: str | None = None,
    ) -> list[AuditRow]:
        """The newest first."""
        wanted = {
            "audit_log.id <": after[0] if after else None,
            "actor_id =": actor_id,
            "subject_id =": subject_id,
            "action =": action,
        }
        given = {test: value for test, value in wanted.items() if value is not None}
        conditions = [f"{test} ${number}" for number, test in enumerate(given, 2)]
        # Some actions are rare, others most of all there is.
        records = await self._database.rows_planned_anew(
            f"""
            SELECT audit_log.id, at, actor_id, actor.name AS actor_name, action, subject_id,
                subject.name AS subject_name, details
            FROM audit_log
            LEFT JOIN users AS actor ON actor.id = actor_id
            LEFT JOIN users AS subject ON subject.id = subject_id
            WHERE {" AND ".join(conditions) or "TRUE"} ORDER BY audit_log.id DESC LIMIT $1
            """,  # noqa: S608 - constants of this module
            limit,
            *given.values(),
        )
        return [
            AuditRow(**{**record, "details": json.loads(record["details"])}) for record in records
        ]
