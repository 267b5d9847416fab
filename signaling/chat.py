"""Chat: what is written to a conversation is told to every device of its members.

The HTTP API and `/ws` both come in here, so it is the same whoever speaks which. Everything is
durable first: committed, then told, then answered.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from db.conversations import Conversations, Standing
from db.membership import Person
from db.messages import Draft, MessageRow, Messages, Sent
from signaling.errors import RequestError
from signaling.lanes import Lanes
from signaling.messages.chat import (
    ChatMessage,
    ConversationChanged,
    MessageAuthor,
    MessageChanged,
    Read,
    ReadMark,
    Typing,
)
from signaling.outbox import encode, encode_event
from signaling.session import Session

if TYPE_CHECKING:
    from signaling.hub import Hub

REMEMBERED = 10_000
"""Conversations of which we know up to where they have been told."""
MAX_CAUGHT_UP = 1000
"""Changes told after the fact; who misses more asks."""
REST = 0.0005
"""Seconds for each device: a conversation takes a twentieth of a processor at most, and what
is said in a quiet one is told at once."""
CROWD = 20
"""Devices."""
MAX_REST = 0.25
"""Seconds."""


@dataclass(frozen=True, slots=True)
class _Told:
    """The last that was told of a conversation."""

    revision: int
    devices: int
    """To so many."""


class Chat:
    def __init__(self, hub: Hub, conversations: Conversations, messages: Messages) -> None:
        self.conversations = conversations
        self.messages = messages
        self.said = 0
        """Messages, since the start."""
        self._hub = hub
        self._lanes: Lanes[MessageRow | None] = Lanes(self._send, self._rest)
        self._told: OrderedDict[int, _Told] = OrderedDict()
        """By conversation."""

    # Messages. All raise RequestError

    async def send(
        self, author: Person, conversation_id: int, content: str, client_key: str | None
    ) -> ChatMessage:
        row = await self._lanes.send(conversation_id, Draft(author, content, client_key))
        if row is None:
            raise no_conversation()
        self.said += 1
        return chat_message(row)

    async def edit(
        self, author: Person, conversation_id: int, message_id: int, content: str
    ) -> ChatMessage:
        async def act() -> ChatMessage:
            standing, row = await self._find(author, conversation_id, message_id)
            if author_of(row) != author:
                raise RequestError("forbidden", "Only its author can edit a message.")
            changed = await self.messages.edit(conversation_id, message_id, content)
            return await self._changed(standing, changed)

        return await self._lanes.do(conversation_id, act)

    async def delete(self, person: Person, conversation_id: int, message_id: int) -> ChatMessage:
        async def act() -> ChatMessage:
            standing, row = await self._find(person, conversation_id, message_id)
            if author_of(row) != person and not standing.moderator:
                raise RequestError("forbidden", "Only its author can delete a message.")
            if row.deleted_at:
                return chat_message(row)  # its answer may have been lost
            changed = await self.messages.delete(conversation_id, message_id)
            return await self._changed(standing, changed)

        return await self._lanes.do(conversation_id, act)

    async def history(
        self, person: Person, conversation_id: int, before: int | None, limit: int
    ) -> list[MessageRow]:
        standing = await self.standing(person, conversation_id)
        return await self.messages.history(
            conversation_id, before, limit, after=standing.history_after
        )

    async def changes(
        self, person: Person, conversation_id: int, after: int, limit: int
    ) -> list[MessageRow]:
        standing = await self.standing(person, conversation_id)
        return await self.messages.changes(
            conversation_id, after, limit, said_after=standing.history_after
        )

    async def mark_read(
        self, user_id: int, conversation_id: int, seq: int, device: Session | None = None
    ) -> ReadMark:
        """`device` knows already."""
        row = await self.conversations.read(conversation_id, user_id, seq)
        if row is None:
            raise no_conversation()
        body = encode_event(Read(conversation_id=conversation_id, seq=row.seq, unread=row.unread))
        for session in self._hub.sessions_of(user_id):
            if session is not device:
                session.emit(body)
        return ReadMark(seq=row.seq, unread=row.unread)

    async def typing(self, session: Session, conversation_id: int) -> None:
        person = person_of(session)
        standing = await self.standing(person, conversation_id)
        author = MessageAuthor(
            user_id=person.user_id, guest_id=person.guest_id, name=session.identity.name
        )
        frame = encode(Typing(conversation_id=conversation_id, author=author))
        for listener in self._devices(standing.members, standing.meeting_id):
            if person_of(listener) != person:
                listener.whisper(frame)

    async def watch_presence(self, session: Session, user_ids: Sequence[int]) -> list[int]:
        user_id = session.identity.user_id
        if user_id is None:
            return []
        known = await self.conversations.acquaintances(user_id, user_ids)
        return self._hub.people.watch(session, known)

    # Members

    async def standing(self, person: Person, conversation_id: int) -> Standing:
        standing = await self.conversations.standing(conversation_id, person)
        if standing is None:
            raise no_conversation()
        return standing

    async def direct(self, user_id: int, other_id: int) -> tuple[int, bool]:
        """The conversation's id, and whether it is new."""
        conversation_id, new = await self.conversations.direct(user_id, other_id)
        if new:
            self._tell_members((user_id, other_id), conversation_id, "added")
        return conversation_id, new

    async def group(self, owner_id: int, title: str, user_ids: Sequence[int]) -> int:
        conversation_id = await self.conversations.group(owner_id, title, user_ids)
        self._tell_members({owner_id, *user_ids}, conversation_id, "added")
        return conversation_id

    async def enter(self, meeting_id: str, user_ids: Sequence[int]) -> int:
        """The id of a meeting's conversation, which these take part in from now on."""
        conversation_id = await self.conversations.of_meeting(meeting_id)
        if user_ids:
            added = await self.conversations.add_to_meeting(conversation_id, user_ids)
            self._tell_members(added, conversation_id, "added")
        return conversation_id

    async def rename(
        self, user_id: int, conversation_id: int, title: str, version: int | None
    ) -> None:
        standing = await self._owned(user_id, conversation_id)
        await self.conversations.rename(conversation_id, title, version)
        self._tell_members(standing.members, conversation_id, "changed")

    async def add(self, user_id: int, conversation_id: int, user_ids: Sequence[int]) -> None:
        async def act() -> None:
            standing = await self._owned(user_id, conversation_id)
            added = await self.conversations.add_participants(conversation_id, user_ids)
            self._tell_members(added, conversation_id, "added")
            if added:
                self._tell_members(standing.members, conversation_id, "changed")

        await self._lanes.do(conversation_id, act)

    async def remove(self, user_id: int, conversation_id: int, member_id: int) -> None:
        """Oneself, or by the owner anybody."""

        async def act() -> None:
            standing = await self._group(user_id, conversation_id)
            if user_id not in (member_id, standing.owner_id):
                raise RequestError("forbidden", "Only its owner can remove others.")
            if not await self.conversations.remove_participant(conversation_id, member_id):
                raise RequestError("not_found", "There is no such participant.")
            self._tell_members((member_id,), conversation_id, "removed")
            others = [other for other in standing.members if other != member_id]
            self._tell_members(others, conversation_id, "changed")
            await self._part(member_id)

        await self._lanes.do(conversation_id, act)

    def members_changed(self, conversation_id: int, others: Collection[int]) -> None:
        """Somebody is gone from it, and these stay."""
        self._tell_members(others, conversation_id, "changed")

    async def close(self) -> None:
        await self._lanes.close()

    # Telling

    async def _send(self, conversation_id: int, drafts: Sequence[Draft]) -> list[MessageRow | None]:
        sent = await self.messages.send(conversation_id, drafts)
        await self._tell_sent(conversation_id, sent)
        return [message.row if message else None for message in sent.messages]

    async def _tell_sent(self, conversation_id: int, sent: Sent) -> None:
        known = [message for message in sent.messages if message]
        if known:
            new = [message.row for message in known if message.new]
            last = max(message.row.revision for message in known)
            await self._tell(conversation_id, new, last, sent.members, sent.meeting_id)

    async def _changed(self, standing: Standing, row: MessageRow | None) -> ChatMessage:
        if row is None:
            raise no_message()
        await self._tell(
            row.conversation_id, [row], row.revision, standing.members, standing.meeting_id
        )
        return chat_message(row)

    async def _tell(
        self,
        conversation_id: int,
        rows: Sequence[MessageRow],
        last: int,
        members: Collection[int],
        meeting_id: str | None,
    ) -> None:
        """All changes up to revision `last`, of which these `rows` are the newest: between what was
        told before and them there may be others, written by another server, or by us before the
        database was lost without saying so."""
        told = self._told.get(conversation_id)
        if told and told.revision + len(rows) < last:
            changes = await self.messages.changes(conversation_id, told.revision, MAX_CAUGHT_UP)
            rows = [row for row in changes if row.revision <= last]
        bodies = [
            (row.seq, encode_event(MessageChanged(message=chat_message(row)))) for row in rows
        ]
        unheard = await self._unheard(rows, meeting_id)
        devices = list(self._devices(members, meeting_id)) if bodies else []
        for session in devices:
            after = unheard.get(session.identity.guest_id, 0)
            for seq, body in bodies:
                if seq > after:
                    session.emit(body)
        self._remember(conversation_id, max(last, told.revision if told else 0), len(devices))

    async def _unheard(
        self, rows: Sequence[MessageRow], meeting_id: str | None
    ) -> Mapping[int | None, int]:
        """By guest, up to where he was not there yet: of changes to that he is told nothing. What
        is new is for everybody who is there."""
        if all(row.seq == row.revision for row in rows):
            return {}
        guests = {session.identity.guest_id for session in self._devices((), meeting_id)}
        return await self.conversations.histories_after(guests) if guests else {}

    def _remember(self, conversation_id: int, revision: int, devices: int) -> None:
        self._told[conversation_id] = _Told(revision, devices)
        self._told.move_to_end(conversation_id)
        if len(self._told) > REMEMBERED:
            self._told.popitem(last=False)

    def _rest(self, conversation_id: int) -> float:
        """Each device takes a write to its socket, for one message or for ten."""
        told = self._told.get(conversation_id)
        return min(told.devices * REST, MAX_REST) if told and told.devices >= CROWD else 0.0

    def _tell_members(
        self,
        user_ids: Collection[int],
        conversation_id: int,
        change: Literal["added", "removed", "changed"],
    ) -> None:
        body = encode_event(ConversationChanged(conversation_id=conversation_id, change=change))
        for session in self._devices(user_ids, None):
            session.emit(body)

    def _devices(self, user_ids: Collection[int], meeting_id: str | None) -> Iterator[Session]:
        for user_id in user_ids:
            yield from self._hub.sessions_of(user_id)
        meeting = self._hub.meetings.get(meeting_id) if meeting_id else None
        if meeting:
            members = meeting.members.values()
            yield from (member.session for member in members if member.session.identity.guest)

    # Permissions

    async def _find(
        self, person: Person, conversation_id: int, message_id: int
    ) -> tuple[Standing, MessageRow]:
        standing = await self.standing(person, conversation_id)
        row = await self.messages.find(conversation_id, message_id)
        if row is None or row.seq <= standing.history_after:
            raise no_message()
        return standing, row

    async def _group(self, user_id: int, conversation_id: int) -> Standing:
        standing = await self.standing(Person(user_id), conversation_id)
        if standing.kind != "group":
            raise RequestError("forbidden", "Only groups have members that come and go.")
        return standing

    async def _owned(self, user_id: int, conversation_id: int) -> Standing:
        standing = await self._group(user_id, conversation_id)
        if standing.owner_id != user_id:
            raise RequestError("forbidden", "Only its owner can do that.")
        return standing

    async def _part(self, user_id: int) -> None:
        """Who shares no conversation any more sees no presence."""
        people = self._hub.people
        sessions = tuple(self._hub.sessions_of(user_id))
        watchers = people.watchers(user_id)
        near = {w.identity.user_id for w in watchers if w.identity.user_id is not None}
        for session in sessions:
            near |= people.watched(session)
        still = await self.conversations.acquaintances(user_id, near) if near else set()
        for session in sessions:
            people.watch(session, people.watched(session) & still)
        for watcher in tuple(people.watchers(user_id)):
            if watcher.identity.user_id not in still:
                people.watch(watcher, people.watched(watcher) - {user_id})


def no_conversation() -> RequestError:
    """Nor is there one for whoever takes no part in it."""
    return RequestError("not_found", "There is no such conversation.", "conversation_id")


def no_message() -> RequestError:
    return RequestError("not_found", "There is no such message.", "message_id")


def person_of(session: Session) -> Person:
    return Person(session.identity.user_id, session.identity.guest_id)


def author_of(row: MessageRow) -> Person:
    return Person(row.sender_id, row.guest_id)


def chat_message(row: MessageRow) -> ChatMessage:
    return ChatMessage(
        id=row.id,
        conversation_id=row.conversation_id,
        seq=row.seq,
        revision=row.revision,
        author=MessageAuthor(user_id=row.sender_id, guest_id=row.guest_id, name=row.author_name),
        content=row.content,
        client_key=row.client_key,
        created_at=row.created_at,
        edited_at=row.edited_at,
        deleted_at=row.deleted_at,
    )
