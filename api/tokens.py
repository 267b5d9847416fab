"""Access tokens: JWTs (RFC 7519), each good only while its session row is.

So a token can be revoked, and what it says about its bearer is read from the database, not from
the token.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID

import jwt

from db.sessions import SessionRow, Sessions
from signaling.identity import BadToken, Identity

ALGORITHM = "HS256"
"""The only one accepted, whatever the token's header says (RFC 8725, section 3.1)."""
LONGEST = timedelta(days=90)
"""From signing in, however often a session is renewed."""


@dataclass(frozen=True, slots=True)
class Token:
    text: str = field(repr=False)
    expires_at: datetime


class Tokens:
    def __init__(self, key: str, lifetime: timedelta, sessions: Sessions) -> None:
        self._key = key
        self._lifetime = lifetime
        self._sessions = sessions

    async def issue_for_user(self, user_id: int) -> Token:
        expires_at = self._expiry()
        session = await self._sessions.open_for_user(user_id, expires_at)
        return self._sign("user", user_id, session, expires_at)

    async def issue_for_login(self, user_id: int, password: str) -> Token | None:
        """None: the password, a hash that was checked, is not this user's any more."""
        expires_at = self._expiry()
        session = await self._sessions.open_with_password(user_id, password, expires_at)
        return self._sign("user", user_id, session, expires_at) if session else None

    async def issue_for_guest(self, guest_id: int) -> str:
        expires_at = self._expiry()
        session = await self._sessions.open_for_guest(guest_id, expires_at)
        return self._sign("guest", guest_id, session, expires_at).text

    async def renew(self, identity: Identity) -> Token | None:
        """For the same session, which lasts longer now; None: it has ended."""
        session = UUID(identity.session_id)
        expires_at = await self._sessions.renew(session, self._expiry(), LONGEST)
        if expires_at is None:
            return None
        if identity.user_id is not None:
            return self._sign("user", identity.user_id, session, expires_at)
        assert identity.guest_id is not None  # noqa: S101 - a session is of the one or the other
        return self._sign("guest", identity.guest_id, session, expires_at)

    def _expiry(self) -> datetime:
        """In whole seconds, as a token says it."""
        return (datetime.now(UTC) + self._lifetime).replace(microsecond=0)

    def _sign(
        self, kind: Literal["user", "guest"], owner: int, session: UUID, expires_at: datetime
    ) -> Token:
        claims = {"sub": str(owner), "sid": str(session), "exp": expires_at, "kind": kind}
        return Token(jwt.encode(claims, self._key, ALGORITHM), expires_at)

    async def authenticate(self, token: str) -> Identity:
        """Whose token it is. Raises BadToken."""
        row = await self._sessions.find(self._session_id(token))
        if row is None:
            raise BadToken("The session has ended.")
        return _identity(row)

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

    async def expiry(self, identity: Identity) -> float | None:
        """When the login expires by now, in Unix seconds; None: it has ended."""
        row = await self._sessions.find(UUID(identity.session_id))
        return row.expires_at.timestamp() if row else None

    async def revoke(self, identity: Identity) -> None:
        await self._sessions.close(UUID(identity.session_id))


def _identity(row: SessionRow) -> Identity:
    return Identity(
        session_id=str(row.id),
        name=row.name,
        user_id=row.user_id,
        guest_id=row.guest_id,
        meeting_id=row.meeting_id,
        expires_at=row.expires_at.timestamp(),
        admin=row.is_admin,
    )
