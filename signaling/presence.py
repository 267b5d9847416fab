"""Who is there: sessions by person, and who wants to be told.

Somebody is there while he has a session; so a connection lost for a moment is no absence.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from signaling.identity import Identity
from signaling.messages.chat import Presence
from signaling.outbox import encode
from signaling.session import Session

_Person = tuple[int | None, int | None]


class People:
    def __init__(self) -> None:
        self._sessions: dict[_Person, dict[str, Session]] = {}
        """By user and guest id, then by their own."""
        self._watched: dict[Session, set[int]] = {}
        self._watchers: dict[int, set[Session]] = {}

    def same(self, identity: Identity) -> Collection[Session]:
        """All sessions of that person."""
        return self._sessions.get((identity.user_id, identity.guest_id), {}).values()

    def sessions_of(self, user_id: int) -> Collection[Session]:
        return self._sessions.get((user_id, None), {}).values()

    def opened(self, session: Session) -> None:
        person = _person(session)
        sessions = self._sessions.setdefault(person, {})
        sessions[session.id] = session
        if len(sessions) == 1:
            self._tell(person[0], online=True)

    def ended(self, session: Session) -> None:
        self.watch(session, ())
        person = _person(session)
        sessions = self._sessions[person]
        del sessions[session.id]
        if not sessions:
            del self._sessions[person]
            self._tell(person[0], online=False)

    def watch(self, session: Session, user_ids: Iterable[int]) -> list[int]:
        """Instead of whom the session watched before. Who of them is there."""
        for user_id in self._watched.pop(session, ()):
            watchers = self._watchers[user_id]
            watchers.discard(session)
            if not watchers:
                del self._watchers[user_id]
        watched = set(user_ids)
        if watched:
            self._watched[session] = watched
        for user_id in watched:
            self._watchers.setdefault(user_id, set()).add(session)
        return sorted(user_id for user_id in watched if self.sessions_of(user_id))

    def watched(self, session: Session) -> set[int]:
        return self._watched.get(session, set())

    def watchers(self, user_id: int) -> set[Session]:
        return self._watchers.get(user_id, set())

    def _tell(self, user_id: int | None, *, online: bool) -> None:
        if user_id is None or user_id not in self._watchers:
            return
        frame = encode(Presence(user_id=user_id, online=online))
        for watcher in self._watchers[user_id]:
            watcher.say(frame)


def _person(session: Session) -> _Person:
    return session.identity.user_id, session.identity.guest_id
