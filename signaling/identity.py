"""Who a client is. Signaling is handed the proof's checker; it knows nothing of tokens itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody with an account (`user_id`) or a guest of one meeting (`guest_id`)."""

    session_id: str
    """The login this stands on, not the signaling session."""
    name: str
    user_id: int | None
    guest_id: int | None
    meeting_id: str | None
    """For a guest, the only meeting to join."""
    expires_at: float
    """Unix seconds."""
    admin: bool = False

    @property
    def guest(self) -> bool:
        return self.user_id is None

    def same_person(self, other: Identity) -> bool:
        """Whoever logs in again is still the same person."""
        return (self.user_id, self.guest_id) == (other.user_id, other.guest_id)


class BadToken(Exception):  # noqa: N818 - reads as what it is
    """The token is expired, revoked, forged, or no token at all."""


Authenticate = Callable[[str], Awaitable[Identity]]
"""From the token of the first message to who sends it; raises BadToken."""

LoginExpiry = Callable[[Identity], Awaitable[float | None]]
"""When somebody's login expires by now, in Unix seconds; None: it has ended."""
