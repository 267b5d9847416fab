"""May somebody come in? The rules of a meeting's door, in the order they are asked."""

from __future__ import annotations

from dataclasses import dataclass

from db.meetings import MeetingRow
from signaling.errors import RequestError
from signaling.identity import Identity
from signaling.messages.meeting import Role
from signaling.store import MeetingStore


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody at the door."""

    role: Role
    """What he will be inside."""
    known: bool
    """He was let in before."""
    removed: bool
    """… and put out since."""

    @property
    def moderates(self) -> bool:
        return self.role in ("host", "cohost")


async def recognise(store: MeetingStore, row: MeetingRow, identity: Identity) -> Visitor:
    if identity.user_id is not None:
        standing = await store.standing(row.id, identity.user_id)
        role = standing.role or "participant"
        return Visitor(role, known=standing.role is not None, removed=standing.removed)
    guest = await store.guest(identity.guest_id or 0)
    known = guest is not None and guest.admitted_at is not None
    removed = guest is None or guest.removed_at is not None
    return Visitor("guest", known=known, removed=removed)


def check(row: MeetingRow, visitor: Visitor) -> None:
    """Whom the door stays shut for. Raises RequestError."""
    if row.ended_at is not None:
        raise RequestError("ended", "This meeting has ended.")
    if visitor.removed:
        raise RequestError("removed", "You have been removed from this meeting.")
    if visitor.role == "guest" and not row.guests_allowed:
        raise RequestError("forbidden", "This meeting does not admit guests.")
    if row.locked and not visitor.known:
        raise RequestError("locked", "This meeting is locked: nobody new can come in.")


def needs_password(row: MeetingRow, visitor: Visitor) -> bool:
    """Guests gave it when they became guests."""
    return row.password is not None and not visitor.known and visitor.role != "guest"


def has_to_wait(row: MeetingRow, visitor: Visitor) -> bool:
    if visitor.known:
        return False
    return row.lobby == "all" or (row.lobby == "guests" and visitor.role == "guest")
