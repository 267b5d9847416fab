"""Answers of creates made with an `Idempotency-Key`, kept to be given again.

A row without status says that a request is under way. Its `created_at` tells that request from a
later one with the same key, which may have taken its place.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from db.pool import Database

KEPT = timedelta(hours=24)
ABANDONED = timedelta(minutes=1)
"""After this an unanswered request is taken for dead, with its server: none takes as long."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to do what is asked under a key; to be `finish`ed or `release`d."""

    user_id: int
    key: str
    since: datetime


@dataclass(frozen=True, slots=True)
class EarlierRequest:
    """What is known under a key."""

    fingerprint: bytes
    status: int | None
    """None: it is under way."""
    headers: Mapping[str, str]
    body: str | None


class IdempotencyKeys:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(self, user_id: int, key: str, fingerprint: bytes) -> Claim | EarlierRequest:
        """Of simultaneous requests with one key one gets the claim."""
        while True:
            since = await self._claim(user_id, key, fingerprint)
            if since is not None:
                return Claim(user_id, key, since)
            earlier = await self._find(user_id, key)
            if earlier is not None:  # else it was released between the two statements
                return earlier

    async def _claim(self, user_id: int, key: str, fingerprint: bytes) -> datetime | None:
        record = await self._database.row(
            """
            INSERT INTO idempotency_keys AS kept (user_id, key, fingerprint)
            VALUES ($1, $2, $3)
            ON CONFLICT (user_id, key) DO UPDATE SET
                fingerprint = $3, status = NULL, headers = NULL, body = NULL,
                created_at = now()
            WHERE kept.created_at < now() - $4::interval
               OR (kept.status IS NULL AND kept.fingerprint = $3
                   AND kept.created_at < now() - $5::interval)
            RETURNING created_at
            """,
            user_id,
            key,
            fingerprint,
            KEPT,
            ABANDONED,
        )
        since: datetime | None = record["created_at"] if record else None
        return since

    async def _find(self, user_id: int, key: str) -> EarlierRequest | None:
        record = await self._database.row(
            "SELECT fingerprint, status, headers, body FROM idempotency_keys"
            " WHERE user_id = $1 AND key = $2",
            user_id,
            key,
        )
        if record is None:
            return None
        headers = json.loads(record["headers"] or "{}")
        return EarlierRequest(record["fingerprint"], record["status"], headers, record["body"])

    async def finish(
        self, claim: Claim, status: int, headers: Mapping[str, str], body: str | None
    ) -> None:
        """Keep the answer, unless somebody else has the claim by now."""
        await self._database.execute(
            """
            UPDATE idempotency_keys SET status = $4, headers = $5, body = $6
            WHERE user_id = $1 AND key = $2 AND created_at = $3
            """,
            claim.user_id,
            claim.key,
            claim.since,
            status,
            json.dumps(dict(headers)),
            body,
        )

    async def release(self, claim: Claim) -> None:
        """Nothing was done: whoever asks again is the first."""
        await self._database.execute(
            "DELETE FROM idempotency_keys"
            " WHERE user_id = $1 AND key = $2 AND created_at = $3 AND status IS NULL",
            claim.user_id,
            claim.key,
            claim.since,
        )

    async def delete_expired(self) -> None:
        await self._database.execute(
            "DELETE FROM idempotency_keys WHERE created_at < now() - $1::interval", KEPT
        )
