"""The lobbies of meetings: who waits to be let in.

A lobby is there while somebody waits in it, whether or not the meeting is live yet.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field

from db.meetings import MeetingRow
from signaling.entry import Visitor
from signaling.errors import RequestError
from signaling.messages.meeting import LobbyPerson, LobbyState
from signaling.session import Session


@dataclass(eq=False, slots=True)
class Waiting:
    """A session in a lobby."""

    meeting_id: str
    session: Session
    visitor: Visitor
    id: str = field(default_factory=lambda: secrets.token_urlsafe(9))

    def describe(self) -> LobbyPerson:
        identity = self.session.identity
        return LobbyPerson(
            id=self.id, name=identity.name, guest=identity.guest, user_id=identity.user_id
        )


class Lobbies:
    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lobbies: dict[str, dict[str, Waiting]] = {}
        """By meeting, then by their own id, who came first first."""

    @property
    def size(self) -> int:
        """Of all together."""
        return sum(map(len, self._lobbies.values()))

    def of(self, meeting_id: str) -> list[Waiting]:
        return list(self._lobbies.get(meeting_id, {}).values())

    def find(self, meeting_id: str, person_id: str) -> Waiting | None:
        return self._lobbies.get(meeting_id, {}).get(person_id)

    def state(self, meeting_id: str) -> LobbyState:
        return LobbyState(people=[waiting.describe() for waiting in self.of(meeting_id)])

    def enter(self, row: MeetingRow, session: Session, visitor: Visitor) -> Waiting:
        """Raises RequestError."""
        lobby = self._lobbies.setdefault(row.id, {})
        if len(lobby) >= self._limit:
            raise RequestError("meeting_full", "Too many are waiting for this meeting.")
        waiting = session.waiting = Waiting(row.id, session, visitor)
        lobby[waiting.id] = waiting
        return waiting

    def leave(self, waiting: Waiting) -> None:
        """Idempotent."""
        lobby = self._lobbies.get(waiting.meeting_id, {})
        lobby.pop(waiting.id, None)
        if not lobby:
            self._lobbies.pop(waiting.meeting_id, None)
        waiting.session.waiting = None

    def is_waiting(self, waiting: Waiting) -> bool:
        return waiting.session.waiting is waiting


def ids_of(people: Iterable[Waiting]) -> tuple[list[int], list[int]]:
    """Of users, and of guests."""
    identities = [waiting.session.identity for waiting in people]
    users = {each.user_id for each in identities if each.user_id is not None}
    guests = {each.guest_id for each in identities if each.guest_id is not None}
    return sorted(users), sorted(guests)
