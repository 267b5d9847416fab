"""Conversations, presence."""

from __future__ import annotations

import asyncio

from signaling.chat import Chat, chat_message, person_of
from signaling.errors import RequestError
from signaling.handlers.base import Table, member_of
from signaling.hub import Hub
from signaling.messages import Empty, Result
from signaling.messages.chat import (
    DeleteMessage,
    EditMessage,
    History,
    HistoryResult,
    MarkRead,
    MessageResult,
    SendMessage,
    SendPrivately,
    StartTyping,
    WatchPresence,
    WatchPresenceResult,
)
from signaling.session import Session


async def send_message(hub: Hub, session: Session, request: SendMessage) -> Result:
    message = await _chat(hub, session).send(
        person_of(session), request.conversation_id, request.content, request.client_key
    )
    return MessageResult(message=message)


async def edit_message(hub: Hub, session: Session, request: EditMessage) -> Result:
    message = await _chat(hub, session).edit(
        person_of(session), request.conversation_id, request.message_id, request.content
    )
    return MessageResult(message=message)


async def delete_message(hub: Hub, session: Session, request: DeleteMessage) -> Result:
    message = await _chat(hub, session).delete(
        person_of(session), request.conversation_id, request.message_id
    )
    return MessageResult(message=message)


async def mark_read(hub: Hub, session: Session, request: MarkRead) -> Result:
    user_id = session.identity.user_id
    if user_id is None:
        raise RequestError("forbidden", "Guests have no read marks.")
    return await _chat(hub, session).mark_read(
        user_id, request.conversation_id, request.seq, session
    )


async def typing(hub: Hub, session: Session, request: StartTyping) -> Result:
    await _chat(hub, session).typing(session, request.conversation_id)
    return Empty()


async def history(hub: Hub, session: Session, request: History) -> Result:
    chat, person, one_more = _chat(hub, session), person_of(session), request.limit + 1
    if request.changed_after is None:
        rows = await chat.history(person, request.conversation_id, request.before, one_more)
    else:
        rows = await chat.changes(person, request.conversation_id, request.changed_after, one_more)
    return HistoryResult(
        messages=[chat_message(row) for row in rows[: request.limit]],
        more=len(rows) > request.limit,
    )


async def watch_presence(hub: Hub, session: Session, request: WatchPresence) -> Result:
    return WatchPresenceResult(
        online=await _chat(hub, session).watch_presence(session, request.user_ids)
    )


async def send_privately(hub: Hub, session: Session, request: SendPrivately) -> Result:
    member = member_of(session)
    _count(hub, session)
    recipient = member.meeting.find(request.participant_id)
    if recipient.session.identity.same_person(session.identity):
        raise RequestError("forbidden", "This is you.", "participant_id")
    member.meeting.tell_privately(member, recipient, request.content)
    return Empty()


HANDLERS: Table = {
    SendMessage: send_message,
    SendPrivately: send_privately,
    EditMessage: edit_message,
    DeleteMessage: delete_message,
    MarkRead: mark_read,
    StartTyping: typing,
    History: history,
    WatchPresence: watch_presence,
}


def _chat(hub: Hub, session: Session) -> Chat:
    """Raises RequestError where there is none, and for whoever asks too much of it."""
    if hub.chat is None:
        raise RequestError("unavailable", "There is no chat on this server.")
    _count(hub, session)
    return hub.chat


def _count(hub: Hub, session: Session) -> None:
    """Raises RequestError for whoever says too much."""
    if wait := hub.chatting.take(person_of(session), asyncio.get_running_loop().time()):
        raise RequestError("too_many_requests", f"Too much at once; wait {wait:.1f} s.")
