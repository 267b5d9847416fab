"""All sessions, lobbies and live meetings of this process, and who may take over what.

Lifetimes: a connection opens its session or takes up an old one; losing the connection starts the
session's grace period; a session ends when that is over, or when a join replaces it. Ending a
session takes its participant out of the meeting; the last one out ends the meeting.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Literal

from db.meetings import MeetingRow
from db.membership import Person
from signaling import entry
from signaling.arrivals import Arrivals
from signaling.bucket import Buckets, Rate
from signaling.correlation import Tracer, noted, where, who
from signaling.errors import RequestError
from signaling.gate import Gate
from signaling.identity import Identity
from signaling.limits import Limits
from signaling.lobby import Lobbies, Waiting, ids_of
from signaling.media import MediaServer
from signaling.meeting import LiveMeeting, Member
from signaling.messages import (
    Closing,
    ClosingReason,
    Joined,
    LeaveReason,
    Meeting,
    Replaces,
    ResumeTicket,
    ServerStopping,
)
from signaling.messages.meeting import Admitted, MeetingChanged, Refused, Removed, Role
from signaling.observer import Observer, Unobserved
from signaling.outbox import Outbox, encode_event
from signaling.policy import told
from signaling.presence import People
from signaling.session import Session
from signaling.store import MeetingStore, VerifyPassword
from signaling.turn import Turn

if TYPE_CHECKING:
    from signaling.chat import Chat

log = logging.getLogger(__name__)

InviteUrl = Callable[[str], str]
"""From a meeting's id to the link that leads into it."""
RefusedReason = Literal["refused", "removed", "locked", "full", "ended"]

_REPLACED = Closing(reason="replaced", message="Joined again from elsewhere.")


class Hub:
    def __init__(
        self,
        media: MediaServer,
        store: MeetingStore,
        invite_url: InviteUrl,
        limits: Limits,
        verify_password: VerifyPassword,
        tracer: Tracer,
        turn: Turn,
    ) -> None:
        self.store = store
        self.turn = turn
        self.tracer = tracer
        self.invite_url = invite_url
        self.limits = limits
        self.gate = Gate(verify_password, limits)
        self.sessions: dict[str, Session] = {}
        self.meetings: dict[str, LiveMeeting] = {}
        self.lobbies = Lobbies(limits.waiting)
        self.arrivals = Arrivals()
        self.reactions: Buckets[str] = Buckets(Rate(limits.reactions, 2 * limits.reactions))
        """By participant."""
        self.chatting: Buckets[Person] = Buckets(Rate(limits.chat_rate, limits.chat_burst))
        self.policy = told(media.policy)
        self.people = People()
        self.chat: Chat | None = None
        """None where there is no database."""
        self.observer: Observer = Unobserved()
        self.quiet = asyncio.Event()
        """Set while there is no meeting."""
        self.quiet.set()
        self._stops_at: float | None = None
        self._media = media

    # Sessions

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

    def end(self, session: Session, reason: LeaveReason, closing: Closing = _REPLACED) -> None:
        del self.sessions[session.id]
        self.people.ended(session)
        if session.member:
            self.leave(session.member, reason)
        if session.waiting:
            self.stop_waiting(session.waiting)
        session.drop(closing)
        with noted(**who(session)):
            log.info("session %s ended: %s", session.id, reason)

    def revoke(
        self, matches: Callable[[Identity], bool], reason: ClosingReason = "session_ended"
    ) -> None:
        """End the sessions of these logins at once: they are good no longer."""
        closing = Closing(reason=reason, message="Your login has ended; please sign in again.")
        for session in list(self.sessions.values()):
            if matches(session.identity):
                self.end(session, "ended", closing)

    def stop_at(self, deadline: float, now: float) -> None:
        """Let no meeting begin any more, and tell everybody until when those that run may go on."""
        self._stops_at = deadline
        for session in self.sessions.values():
            self.tell_stop(session, now)

    def tell_stop(self, session: Session, now: float) -> None:
        """To whom it may not have been told, if there is anything to tell."""
        if self._stops_at is not None:
            session.tell(ServerStopping(seconds=max(0.0, self._stops_at - now)))

    def close(self) -> None:
        for session in list(self.sessions.values()):
            self.end(session, "ended")

    # Coming and going

    def join(
        self, session: Session, row: MeetingRow, role: Role, replaces: Replaces | None = None
    ) -> Member:
        """The session is in the meeting, whom it replaces is not. Raises RequestError."""
        old = self.check_room(session, row, replaces)
        if old:
            self.end(old, "replaced")
        if session.waiting:
            self.stop_waiting(session.waiting)
        meeting = self.meetings.get(row.id) or LiveMeeting(
            row, self._media.room(row.id), self.lobbies
        )
        member = meeting.admit(session, role)
        self.meetings[row.id] = meeting
        self.quiet.clear()
        with noted(**where(session)):
            log.info("session %s joined meeting %s as %s", session.id, row.id, member.id)
        return member

    def check_room(
        self, session: Session, row: MeetingRow, replaces: Replaces | None
    ) -> Session | None:
        """Whom it replaces, if it may come in at all and there is room. Raises RequestError."""
        old = self._place(session, row, replaces)
        if self._full(row, leaving=old):
            raise RequestError("meeting_full", "This meeting is full.")
        return old

    def wait(
        self, session: Session, row: MeetingRow, visitor: entry.Visitor, replaces: Replaces | None
    ) -> None:
        """The session is in the lobby, whom it replaces is not. Raises RequestError."""
        old = self._place(session, row, replaces)
        if old:
            self.end(old, "replaced")
        if session.waiting and session.waiting.meeting_id == row.id:
            return  # the answer to its first request was lost
        if session.waiting:
            self.stop_waiting(session.waiting)
        self.lobbies.enter(row, session, visitor)
        self._lobby_changed(row.id)
        log.info("session %s waits for meeting %s", session.id, row.id)

    def stop_waiting(self, waiting: Waiting) -> None:
        self.lobbies.leave(waiting)
        self._lobby_changed(waiting.meeting_id)

    def leave(self, member: Member, reason: LeaveReason) -> None:
        meeting = member.meeting
        meeting.remove(member, reason)
        if not meeting.members:
            del self.meetings[meeting.id]
        if not self.meetings:
            self.quiet.set()

    def put_out(self, member: Member, reason: Literal["removed", "ended"]) -> None:
        """Whoever is put out is told himself."""
        session = member.session
        self.leave(member, reason)
        session.emit(encode_event(Removed(reason=reason)))

    # The lobby

    async def admit(self, people: Collection[Waiting]) -> None:
        """Let them in on all devices, and remember that they were. Of one meeting."""
        if not people:
            return
        meeting_id = next(iter(people)).meeting_id
        if self._comes_too_late(meeting_id):
            return  # they are let in when the server is back
        users, guests = ids_of(people)
        await self.store.admit(meeting_id, users, guests)
        conversation_id = await self.conversation(meeting_id, users)
        row = await self.store.find(meeting_id)
        if row is None:
            return
        for waiting in self.lobbies.of(meeting_id):
            identity = waiting.session.identity
            chosen = identity.user_id in users or identity.guest_id in guests
            if chosen and self.lobbies.is_waiting(waiting):
                self.lobbies.leave(waiting)
                self._admit(waiting, row, conversation_id)
                await asyncio.sleep(0)  # a crowd must not keep everybody else from being served
        self._lobby_changed(meeting_id)

    def _admit(self, waiting: Waiting, row: MeetingRow, conversation_id: int | None) -> None:
        session = waiting.session
        try:
            joined = self.joined(self.join(session, row, waiting.visitor.role), conversation_id)
        except RequestError:
            session.emit(encode_event(Refused(reason="full")))
        else:
            session.emit(encode_event(Admitted(joined=joined)))

    def refuse(self, waiting: Waiting, reason: RefusedReason) -> None:
        if self.lobbies.is_waiting(waiting):
            self.stop_waiting(waiting)
            waiting.session.emit(encode_event(Refused(reason=reason)))

    def _lobby_changed(self, meeting_id: str) -> None:
        meeting = self.meetings.get(meeting_id)
        if meeting:
            meeting.lobby_changed()

    # What is stored has changed

    async def meeting_changed(self, row: MeetingRow) -> None:
        """Tell everybody in it; let in who need not wait any more, send away who may not come."""
        self.arrivals.outdate(row.id)
        meeting = self.meetings.get(row.id)
        if meeting and row.version < meeting.row.version:
            return
        if meeting:
            self._follow_host(meeting, row)
            meeting.row = row
            meeting.tell_all(MeetingChanged(meeting=self.describe(row)))
        welcome = []
        for waiting in self.lobbies.of(row.id):
            try:
                entry.check(row, waiting.visitor)
            except RequestError as error:
                self.refuse(waiting, "locked" if error.problem.code == "locked" else "refused")
                continue
            if not entry.has_to_wait(row, waiting.visitor):
                welcome.append(waiting)
        await self.admit(welcome)

    def _follow_host(self, meeting: LiveMeeting, row: MeetingRow) -> None:
        if row.host_id == meeting.row.host_id:
            return
        members = meeting.members.values()
        before, after = meeting.row.host_id, row.host_id
        meeting.set_role((m for m in members if m.session.identity.user_id == before), "cohost")
        meeting.set_role((m for m in members if m.session.identity.user_id == after), "host")

    def meeting_ended(self, meeting_id: str) -> None:
        self.arrivals.outdate(meeting_id)
        for waiting in self.lobbies.of(meeting_id):
            self.refuse(waiting, "ended")
        meeting = self.meetings.get(meeting_id)
        for member in list(meeting.members.values()) if meeting else ():
            self.put_out(member, "ended")

    def member_removed(self, meeting_id: str, matches: Callable[[Identity], bool]) -> None:
        """Put a person out on all devices, and out of the lobby."""
        self.arrivals.outdate(meeting_id)
        for waiting in self.lobbies.of(meeting_id):
            if matches(waiting.session.identity):
                self.refuse(waiting, "removed")
        meeting = self.meetings.get(meeting_id)
        for member in list(meeting.members.values()) if meeting else ():
            if matches(member.session.identity):
                self.put_out(member, "removed")

    def role_changed(self, meeting_id: str, user_id: int, role: Role) -> None:
        self.arrivals.outdate(meeting_id)
        meeting = self.meetings.get(meeting_id)
        if meeting:
            members = list(meeting.members.values())
            meeting.set_role((m for m in members if m.session.identity.user_id == user_id), role)

    # What is told

    async def conversation(self, meeting_id: str, user_ids: Sequence[int]) -> int | None:
        """Of a meeting, with these people in it."""
        if self.chat is None:
            return None
        return await self.chat.enter(meeting_id, user_ids)

    def joined(self, member: Member, conversation_id: int | None) -> Joined:
        meeting = member.meeting
        return Joined(
            participant_id=member.id,
            role=member.role,
            meeting=self.describe(meeting.row),
            conversation_id=conversation_id,
            policy=self.policy,
            ice_servers=self.turn.servers(member.id),
            participants=[other.describe() for other in meeting.others(member)],
        )

    def describe(self, row: MeetingRow) -> Meeting:
        return Meeting(
            id=row.id,
            title=row.title,
            invite_url=self.invite_url(row.id),
            guests_allowed=row.guests_allowed,
            lobby=row.lobby,
            locked=row.locked,
            password_required=row.password is not None,
        )

    def _place(
        self, session: Session, row: MeetingRow, replaces: Replaces | None
    ) -> Session | None:
        """Whom it replaces, if it may come in at all. Raises RequestError."""
        if self.sessions.get(session.id) is not session:
            raise RequestError("unavailable", "This session has ended.")
        if session.member:
            raise RequestError("already_joined", "Leave the meeting you are in first.")
        if self._comes_too_late(row.id):
            raise RequestError("unavailable", "The server is about to restart; try again soon.")
        return self._replaced(session, row, replaces) if replaces else None

    def _replaced(self, session: Session, row: MeetingRow, ticket: Replaces) -> Session | None:
        """Whom the ticket lets replace. A session that is over needs no replacing; for all that is
        wrong with a ticket there is one answer, which tells nothing about the session."""
        old = self.sessions.get(ticket.session_id)
        if old is None:
            return None
        elsewhere = _whereabouts(old) not in (None, row.id)
        if old is session or elsewhere or not old.admits(session.identity, ticket.secret):
            raise RequestError("forbidden", "This ticket replaces nobody.", "replaces")
        return old

    def _comes_too_late(self, meeting_id: str) -> bool:
        """To begin, for the server is about to stop."""
        return self._stops_at is not None and meeting_id not in self.meetings

    def _full(self, row: MeetingRow, leaving: Session | None) -> bool:
        meeting = self.meetings.get(row.id)
        if meeting is None:
            return False
        freed = 1 if leaving and leaving.member else 0
        most = min(row.max_participants or self.limits.participants, self.limits.participants)
        return len(meeting.members) - freed >= most


def _whereabouts(session: Session) -> str | None:
    """The meeting it is in, or waits for."""
    if session.member:
        return session.member.meeting.id
    return session.waiting.meeting_id if session.waiting else None
