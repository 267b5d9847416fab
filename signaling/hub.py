"""All sessions and live meetings of this process, and who may take over what.

Lifetimes: a connection opens its session or takes up an old one; losing the connection starts the
session's grace period; a session ends when that is over, or when a join replaces it. Ending a
session takes its participant out of the meeting; the last one out ends the meeting.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from db.meetings import MeetingLookup, MeetingRow
from signaling.errors import RequestError
from signaling.identity import Identity
from signaling.limits import Limits
from signaling.media import MediaServer
from signaling.meeting import LiveMeeting, Member
from signaling.messages import Closing, LeaveReason, Replaces, ResumeTicket
from signaling.outbox import Outbox
from signaling.policy import told
from signaling.presence import People
from signaling.session import Session

if TYPE_CHECKING:
    from signaling.chat import Chat

log = logging.getLogger(__name__)

InviteUrl = Callable[[str], str]
"""From a meeting's id to the link that leads into it."""


class Hub:
    def __init__(
        self, media: MediaServer, lookup: MeetingLookup, invite_url: InviteUrl, limits: Limits
    ) -> None:
        self.lookup = lookup
        self.invite_url = invite_url
        self.limits = limits
        self.sessions: dict[str, Session] = {}
        self.meetings: dict[str, LiveMeeting] = {}
        self.policy = told(media.policy)
        self.people = People()
        self.chat: Chat | None = None
        """None where there is no database."""
        self._media = media

    def open(self, identity: Identity) -> Session:
        """A new session. Raises RequestError if this person has too many."""
        if len(self.people.same(identity)) >= self.limits.sessions_per_person:
            raise RequestError("too_many_requests", "You are connected too many times.")
        session = Session(identity, self.limits)
        self.sessions[session.id] = session
        self.people.opened(session)
        log.info("session %s opened, login %s", session.id, identity.session_id)
        return session

    def sessions_of(self, user_id: int) -> Collection[Session]:
        return self.people.sessions_of(user_id)

    def resume(
        self, identity: Identity, ticket: ResumeTicket
    ) -> tuple[Session, list[bytes]] | None:
        """The session and the events it missed; None: start afresh.

        None also ends the session of a right ticket that comes too late for the events: its owner
        is told that what was joined is gone.
        """
        session = self.sessions.get(ticket.session_id)
        if session is None or not session.admits(identity, ticket.secret):
            return None
        missed = session.missed(ticket.last_event)
        if missed is None:
            self.end(session, "lost")
            return None
        session.identity = identity
        return session, missed

    def lose(self, session: Session, outbox: Outbox, now: float) -> float | None:
        """A connection is gone. When to call `expire` for it; None if it was not the newest."""
        deadline = now + self.limits.grace
        if session.id in self.sessions and session.lose(outbox, deadline):
            log.info("session %s lost its connection", session.id)
            return deadline
        return None

    def expire(self, now: float) -> None:
        """End the sessions whose grace period is over."""
        for session in list(self.sessions.values()):
            if session.deadline is not None and session.deadline <= now:
                self.end(session, "lost")

    def end(self, session: Session, reason: LeaveReason) -> None:
        del self.sessions[session.id]
        self.people.ended(session)
        if session.member:
            self.leave(session.member, reason)
        session.drop(Closing(reason="replaced", message="Joined again from elsewhere."))
        log.info("session %s ended: %s", session.id, reason)

    def join(self, session: Session, row: MeetingRow, replaces: Replaces | None) -> Member:
        """The session is in the meeting, whom it replaces is not. Raises RequestError."""
        if self.sessions.get(session.id) is not session:
            raise RequestError("unavailable", "This session has ended.")
        if session.member:
            raise RequestError("already_joined", "Leave the meeting you are in first.")
        old = self._replaced(session, row, replaces) if replaces else None
        if self._full(row, leaving=old):
            raise RequestError("meeting_full", "This meeting is full.")
        if old:
            self.end(old, "replaced")
        meeting = self.meetings.get(row.id) or LiveMeeting(row, self._media.room(row.id))
        member = meeting.admit(session)
        self.meetings[row.id] = meeting
        log.info("session %s joined meeting %s as %s", session.id, row.id, member.id)
        return member

    def leave(self, member: Member, reason: LeaveReason) -> None:
        meeting = member.meeting
        meeting.remove(member, reason)
        if not meeting.members:
            del self.meetings[meeting.id]

    def close(self) -> None:
        for session in list(self.sessions.values()):
            self.end(session, "ended")

    def _replaced(self, session: Session, row: MeetingRow, ticket: Replaces) -> Session | None:
        """Whom the ticket lets replace. A session that is over needs no replacing; for all that is
        wrong with a ticket there is one answer, which tells nothing about the session."""
        old = self.sessions.get(ticket.session_id)
        if old is None:
            return None
        elsewhere = old.member is not None and old.member.meeting.id != row.id
        if old is session or elsewhere or not old.admits(session.identity, ticket.secret):
            raise RequestError("forbidden", "This ticket replaces nobody.", "replaces")
        return old

    def _full(self, row: MeetingRow, leaving: Session | None) -> bool:
        meeting = self.meetings.get(row.id)
        if meeting is None:
            return False
        freed = 1 if leaving and leaving.member else 0
        return len(meeting.members) - freed >= self.limits.participants
