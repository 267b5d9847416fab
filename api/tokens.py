"""Access tokens: JWTs (RFC 7519), each good only while its session row is.

So a token can be revoked, and what it says about its bearer is read from the database, not from
the token.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID

import jwt

from db.sessions import Sessions
from signaling.identity import BadToken, Identity

ALGORITHM = "HS256"
"""The only one accepted, whatever the token's header says (RFC 8725, section 3.1)."""


class Tokens:
    def __init__(self, key: str, lifetime: timedelta, sessions: Sessions) -> None:
        self._key = key
        self._lifetime = lifetime
        self._sessions = sessions

    async def issue_for_user(self, user_id: int) -> str:
        expires_at = self._expiry()
        session = await self._sessions.open_for_user(user_id, expires_at)
        return self._sign("user", user_id, session, expires_at)

    async def issue_for_guest(self, guest_id: int) -> str:
        expires_at = self._expiry()
        session = await self._sessions.open_for_guest(guest_id, expires_at)
        return self._sign("guest", guest_id, session, expires_at)

    def _expiry(self) -> datetime:
        return datetime.now(UTC) + self._lifetime

    def _sign(
        self, kind: Literal["user", "guest"], owner: int, session: UUID, expires_at: datetime
    ) -> str:
        claims = {"sub": str(owner), "sid": str(session), "exp": expires_at, "kind": kind}
        return jwt.encode(claims, self._key, ALGORITHM)

    async def authenticate(self, token: str) -> Identity:
        """Whose token it is. Raises BadToken."""
        row = await self._sessions.find(self._session_id(token))
        if row is None:
            raise BadToken("The session has ended.")
        return Identity(
            session_id=str(row.id),
            name=row.name,
            user_id=row.user_id,
            guest_id=row.guest_id,
            meeting_id=row.meeting_id,
            expires_at=row.expires_at.timestamp(),
            admin=row.is_admin,
        )

    def _session_id(self, token: str) -> UUID:
        try:
            claims = jwt.decode(
                token, self._key, [ALGORITHM], options={"require": ["sub", "sid", "exp", "kind"]}
            )
            return UUID(claims["sid"])
        except jwt.ExpiredSignatureError:
            raise BadToken("The token has expired.") from None
        # A header of nothing but brackets is too deep for the JSON parser.
        except (jwt.PyJWTError, ValueError, TypeError, AttributeError, RecursionError):
            raise BadToken("The token is not valid.") from None

    async def revoke(self, identity: Identity) -> None:
        await self._sessions.close(UUID(identity.session_id))
