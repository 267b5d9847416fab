"""Conversations: of two people, of groups, of meetings. What is said here is told on `/ws` too."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from http import HTTPStatus

from api.avatars import avatar_path
from api.context import CHAT
from api.models.chat import (
    Conversation,
    ConversationChanges,
    ConversationParticipant,
    MessageChanges,
    MessagesQuery,
    NewConversation,
    NewDirect,
    NewMessage,
    NewParticipants,
    NewReadMark,
    OtherPerson,
)
from api.operations import Access, Call, Cost, Routes, Versioned
from api.paging import Page, PageQuery, cursor, page
from api.problems import SOON, FieldError, ProblemError, not_found, unprocessable
from db.conversations import (
    MAX_MEMBERS,
    ConversationRow,
    ParticipantRow,
    TooManyMembersError,
    UnknownPeopleError,
)
from db.membership import Person
from signaling.chat import chat_message
from signaling.errors import RequestError
from signaling.messages.chat import ChatMessage, ReadMark

_STATUS = {
    "not_found": HTTPStatus.NOT_FOUND,
    "forbidden": HTTPStatus.FORBIDDEN,
    "unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
}
_FULL = {HTTPStatus.CONFLICT: f"A group has at most {MAX_MEMBERS} members."}
_BUSY = {HTTPStatus.SERVICE_UNAVAILABLE: "Too much is being said here."}

routes = Routes("conversations")


@routes.post(
    "/conversations",
    access=Access.USER,
    cost=Cost.WRITE,
    status=HTTPStatus.CREATED,
    also={HTTPStatus.OK: "The two have this conversation already."},
    idempotent=True,
)
async def create(call: Call, body: NewConversation) -> Versioned[Conversation]:
    """Begin a conversation with one other person, or a group with oneself as its owner."""
    chat, wanted = call.app[CHAT], body.root
    if isinstance(wanted, NewDirect):
        with _refusals(people="user_id"):
            conversation_id, new = await chat.direct(call.user_id, wanted.user_id)
        return await _shown(call, conversation_id, None if new else HTTPStatus.OK)
    with _refusals():
        conversation_id = await chat.group(call.user_id, wanted.title, wanted.user_ids)
    return await _shown(call, conversation_id)


@routes.get("/conversations", access=Access.USER)
async def mine(call: Call, query: PageQuery) -> Page[Conversation]:
    """List one's own conversations, the most recently active first.

    Those of meetings in which nobody has said anything are left out.
    """
    rows = await call.app[CHAT].conversations.of_user(
        call.user_id, cursor(query, datetime, int), query.limit + 1
    )
    return page(rows, query.limit, key=lambda row: (row.active_at, row.id), shown=_conversation)


@routes.get("/conversations/{conversation_id}", access=Access.USER)
async def read(call: Call, conversation_id: int) -> Versioned[Conversation]:
    """Look at a conversation one takes part in."""
    return await _shown(call, conversation_id)


@routes.patch("/conversations/{conversation_id}", access=Access.USER, cost=Cost.WRITE, edits=True)
async def edit(
    call: Call, conversation_id: int, body: ConversationChanges
) -> Versioned[Conversation]:
    """Give a group of one's own another title."""
    with _refusals():
        await call.app[CHAT].rename(call.user_id, conversation_id, body.title, call.if_match)
    return await _shown(call, conversation_id)


@routes.get("/conversations/{conversation_id}/participants", access=Access.USER)
async def participants(
    call: Call, conversation_id: int, query: PageQuery
) -> Page[ConversationParticipant]:
    """List who takes part, by id; guests are not among them."""
    chat, after = call.app[CHAT], cursor(query, int)
    with _refusals():
        await chat.standing(_person(call), conversation_id)
    rows = await chat.conversations.participants(
        conversation_id, after[0] if after else None, query.limit + 1
    )
    return page(rows, query.limit, key=lambda row: (row.user_id,), shown=_participant)


@routes.post(
    "/conversations/{conversation_id}/participants",
    access=Access.USER,
    cost=Cost.WRITE,
    problems=_FULL,
)
async def add_participants(call: Call, conversation_id: int, body: NewParticipants) -> None:
    """Add people to a group of one's own.

    Whoever is in it already stays in it.
    """
    with _refusals():
        await call.app[CHAT].add(call.user_id, conversation_id, body.user_ids)


@routes.delete(
    "/conversations/{conversation_id}/participants/{user_id}",
    access=Access.USER,
    cost=Cost.WRITE,
)
async def remove_participant(call: Call, conversation_id: int, user_id: int) -> None:
    """Leave a group, or remove somebody from a group of one's own.

    When its owner leaves, a group belongs to whoever has been in it longest.
    """
    with _refusals():
        await call.app[CHAT].remove(call.user_id, conversation_id, user_id)


@routes.get("/conversations/{conversation_id}/messages", access=Access.GUEST)
async def messages(call: Call, conversation_id: int, query: MessagesQuery) -> Page[ChatMessage]:
    """Read what was said, the newest first.

    With `changed_after`: what was sent or changed after that revision, the oldest change first, to
    catch up with.
    """
    chat, person, key = call.app[CHAT], _person(call), cursor(query, int)
    after: int | None = key[0] if key else None
    with _refusals():
        if query.changed_after is None:
            rows = await chat.history(person, conversation_id, after, query.limit + 1)
            return page(rows, query.limit, key=lambda row: (row.seq,), shown=chat_message)
        since = max(query.changed_after, after or 0)
        rows = await chat.changes(person, conversation_id, since, query.limit + 1)
        return page(rows, query.limit, key=lambda row: (row.revision,), shown=chat_message)


@routes.post(
    "/conversations/{conversation_id}/messages",
    access=Access.GUEST,
    cost=Cost.WRITE,
    status=HTTPStatus.CREATED,
    problems=_BUSY,
)
async def send(call: Call, conversation_id: int, body: NewMessage) -> ChatMessage:
    """Say something.

    With a `client_key` that was used before, the first message with it is the answer, and nothing
    is said twice.
    """
    with _refusals():
        return await call.app[CHAT].send(
            _person(call), conversation_id, body.content, body.client_key
        )


@routes.patch(
    "/conversations/{conversation_id}/messages/{message_id}",
    access=Access.GUEST,
    cost=Cost.WRITE,
    problems=_BUSY,
)
async def edit_message(
    call: Call, conversation_id: int, message_id: int, body: MessageChanges
) -> ChatMessage:
    """Change a message of one's own."""
    with _refusals():
        return await call.app[CHAT].edit(_person(call), conversation_id, message_id, body.content)


@routes.delete(
    "/conversations/{conversation_id}/messages/{message_id}",
    access=Access.GUEST,
    cost=Cost.WRITE,
    problems=_BUSY,
)
async def delete_message(call: Call, conversation_id: int, message_id: int) -> None:
    """Delete a message of one's own, or as host or co-host any in the meeting's conversation.

    A mark of it stays, without its content.
    """
    with _refusals():
        await call.app[CHAT].delete(_person(call), conversation_id, message_id)


@routes.put("/conversations/{conversation_id}/read", access=Access.USER, cost=Cost.WRITE)
async def mark_read(call: Call, conversation_id: int, body: NewReadMark) -> ReadMark:
    """Tell up to which message one has read.

    The mark never moves back.
    """
    with _refusals():
        return await call.app[CHAT].mark_read(call.user_id, conversation_id, body.seq)


@contextmanager
def _refusals(people: str = "user_ids") -> Iterator[None]:
    """What chat refuses, as problems; `people` is the field that names them."""
    try:
        yield
    except UnknownPeopleError:
        raise unprocessable(
            [FieldError(field=people, message="names somebody who is not there")]
        ) from None
    except TooManyMembersError:
        raise ProblemError(HTTPStatus.CONFLICT, _FULL[HTTPStatus.CONFLICT]) from None
    except RequestError as error:
        status = _STATUS[error.problem.code]
        busy = status is HTTPStatus.SERVICE_UNAVAILABLE
        raise ProblemError(status, error.problem.message, headers=SOON if busy else {}) from None


def _person(call: Call) -> Person:
    if call.identity is None:
        raise RuntimeError("an operation for everybody asked for a person")
    return Person(call.identity.user_id, call.identity.guest_id)


async def _shown(
    call: Call, conversation_id: int, status: HTTPStatus | None = None
) -> Versioned[Conversation]:
    row = await call.app[CHAT].conversations.find(conversation_id, call.user_id)
    if row is None:
        raise not_found("conversation")
    return Versioned(_conversation(row), row.version, status)


def _conversation(row: ConversationRow) -> Conversation:
    other = None
    if row.other_id is not None and row.other_name is not None:
        other = OtherPerson(
            id=row.other_id,
            name=row.other_name,
            avatar=avatar_path(row.other_id, row.other_avatar),
        )
    return Conversation(
        id=row.id,
        kind=row.kind,
        title=row.title,
        owner_id=row.owner_id,
        meeting_id=row.meeting_id,
        other=other,
        revision=row.revision,
        read_seq=row.read_seq,
        unread=row.unread,
        last_message=chat_message(row.last) if row.last else None,
        active_at=row.active_at,
        created_at=row.created_at,
        version=row.version,
    )


def _participant(row: ParticipantRow) -> ConversationParticipant:
    return ConversationParticipant(
        id=row.user_id,
        name=row.name,
        avatar=avatar_path(row.user_id, row.avatar),
        joined_at=row.joined_at,
    )
