"""Invitations to sign up. Only a digest of the code is kept; each is good once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from db import audit
from db.audit import Entry
from db.pool import Connection, Database
from db.users import NewUser, UserRow, insert_user

LIFETIME = timedelta(days=7)
_MAX_ID = 2**63 - 1


class InvitationError(Exception):
    """The invitation is unknown, used, expired, or somebody else's."""


@dataclass(frozen=True, slots=True)
class InvitationRow:
    id: int
    email: str | None
    """The only one it is good for; None: any."""
    created_by: int | None
    """None: from the command line."""
    creator_name: str | None
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    used_by: int | None
    user_name: str | None


_SELECT = """
    SELECT invitations.id, invitations.email, created_by, creator.name AS creator_name,
        invitations.created_at, expires_at, used_at, used_by, guest.name AS user_name
    FROM {source} AS invitations
    LEFT JOIN users AS creator ON creator.id = created_by
    LEFT JOIN users AS guest ON guest.id = used_by
"""


class Invitations:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(
        self, code_digest: bytes, email: str | None, *, actor_id: int | None
    ) -> InvitationRow:
        """Together with its entry in the audit trail. An `actor_id` of None: the command line."""
        async with self._database.connection() as connection, connection.transaction():
            record = await connection.fetchrow(
                f"""
                WITH made AS (
                    INSERT INTO invitations (code_digest, email, created_by, expires_at)
                    VALUES ($1, $2, $3, now() + $4) RETURNING *
                )
                {_SELECT.format(source="made")}
                """,  # noqa: S608 - constants of this module
                code_digest,
                email,
                actor_id,
                LIFETIME,
            )
            assert record  # noqa: S101 - an INSERT returns what it made
            row = InvitationRow(**record)
            await _note(connection, actor_id, "invitation.create", row.id)
        return row

    async def redeem(
        self, code_digest: bytes, user: NewUser, *, from_administrators: bool
    ) -> UserRow:
        """Make the account and use up the invitation, or neither.

        `from_administrators`: theirs are good, too, not only those of the command line.
        Raises InvitationError, EmailTakenError.
        """
        async with self._database.connection() as connection, connection.transaction():
            invitation = await connection.fetchval(
                """
                SELECT id FROM invitations
                WHERE code_digest = $1 AND used_at IS NULL AND expires_at > now()
                    AND (email IS NULL OR email = $2) AND (created_by IS NULL OR $3)
                FOR UPDATE
                """,
                code_digest,
                user.email,
                from_administrators,
            )
            if invitation is None:
                raise InvitationError
            row = await insert_user(connection, user)
            await connection.execute(
                "UPDATE invitations SET used_by = $2, used_at = now() WHERE id = $1",
                invitation,
                row.id,
            )
        return row

    async def newest(self, after: tuple[int] | None, limit: int) -> list[InvitationRow]:
        """The newest first."""
        records = await self._database.rows(
            f"""
            {_SELECT.format(source="invitations")}
            WHERE invitations.id < $2 ORDER BY invitations.id DESC LIMIT $1
            """,
            limit,
            after[0] if after else _MAX_ID,
        )
        return [InvitationRow(**record) for record in records]

    async def revoke(self, invitation_id: int, *, actor_id: int | None) -> bool:
        """Whether there was one that nobody had used."""
        async with self._database.connection() as connection, connection.transaction():
            revoked = await connection.fetchval(
                "DELETE FROM invitations WHERE id = $1 AND used_at IS NULL RETURNING id",
                invitation_id,
            )
            if revoked:
                await _note(connection, actor_id, "invitation.revoke", invitation_id)
        return revoked is not None

    async def delete_expired(self) -> None:
        """Those that nobody used; the others tell who came by whom."""
        await self._database.execute(
            "DELETE FROM invitations WHERE used_at IS NULL AND expires_at <= now()"
        )


async def _note(connection: Connection, actor_id: int | None, action: str, invitation: int) -> None:
    """By its number alone: the email goes with the invitation."""
    await audit.record(connection, actor_id, None, [Entry(action, {"invitation": invitation})])
