"""Conversations: what is said in them, who is typing, and who is there."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from signaling.messages.base import Identifier, Message, NumberedEvent, Request, Result

MAX_CONTENT = 4000
"""Characters of one message."""
MAX_WATCHED = 200
"""People whose presence one client watches."""
MAX_HISTORY = 100
"""Messages in one answer."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
"""Unicode's categories Cc and Cs, but for lines and tabs."""


def _writable(text: str) -> str:
    if _CONTROL.search(text):
        raise ValueError("must not contain control characters")
    return text


Content = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_CONTENT),
    AfterValidator(_writable),
]
ClientKey = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[!-~]+$")]
"""Made by the client, new for each message: a repeated send then gives the first one."""
DatabaseId = Annotated[int, Field(ge=1, le=2**63 - 1)]
Count = Annotated[int, Field(ge=0, le=2**63 - 1)]


class MessageAuthor(Message):
    """Somebody with an account or a guest: one of the ids is null."""

    user_id: int | None
    guest_id: int | None
    name: str


class ChatMessage(Message):
    id: int
    conversation_id: int
    seq: int
    """Orders the messages of a conversation; it never changes."""
    revision: int
    """Of the message's last change. Revisions count, without gaps, what happens in a
    conversation."""
    author: MessageAuthor
    content: str | None
    """Null: deleted."""
    client_key: str | None
    created_at: datetime
    edited_at: datetime | None
    deleted_at: datetime | None


class ReadMark(Result):
    seq: int
    """Up to here everything is read."""
    unread: int
    """How many messages of others come after; at most 100 are counted."""


class MessageResult(Result):
    message: ChatMessage


class SendMessage(Request):
    result = MessageResult
    type: Literal["send_message"]
    conversation_id: DatabaseId
    content: Content
    client_key: ClientKey | None = None


class SendPrivately(Request):
    """To one other person in the meeting, on all devices. It is told and not kept."""

    type: Literal["private_message"]
    participant_id: Identifier
    content: Content


class EditMessage(Request):
    """Only one's own."""

    result = MessageResult
    type: Literal["edit_message"]
    conversation_id: DatabaseId
    message_id: DatabaseId
    content: Content


class DeleteMessage(Request):
    """One's own, or in the conversation of a meeting, its host and co-hosts, any. A mark stays."""

    result = MessageResult
    type: Literal["delete_message"]
    conversation_id: DatabaseId
    message_id: DatabaseId


class MarkRead(Request):
    """A mark never moves back. Guests have none."""

    result = ReadMark
    type: Literal["mark_read"]
    conversation_id: DatabaseId
    seq: Count


class StartTyping(Request):
    """Repeat it every few seconds while it is true."""

    type: Literal["typing"]
    conversation_id: DatabaseId


class HistoryResult(Result):
    messages: list[ChatMessage]
    more: bool
    """There are more beyond the last of these."""


class History(Request):
    """Messages before the one with `seq` `before` (null: the end), the newest first; or, with
    `changed_after`, what was sent or changed after that revision, in the order of revisions."""

    result = HistoryResult
    type: Literal["history"]
    conversation_id: DatabaseId
    before: Count | None = None
    changed_after: Count | None = None
    limit: Annotated[int, Field(ge=1, le=MAX_HISTORY)] = 30


class WatchPresenceResult(Result):
    online: list[int]
    """Who of them is there now. Whoever shares no conversation with you never is."""


class WatchPresence(Request):
    """Be told by `presence` when one of these people comes or goes. Replaces the one before; ask
    again on each new connection."""

    result = WatchPresenceResult
    type: Literal["watch_presence"]
    user_ids: Annotated[list[DatabaseId], Field(max_length=MAX_WATCHED)]


class MessageChanged(NumberedEvent):
    """A message is new, edited or deleted."""

    type: Literal["message"] = "message"
    message: ChatMessage


class Correspondent(Message):
    participant_id: Identifier
    name: str


class PrivateMessage(NumberedEvent):
    """One person of the meeting has said this to another. Only these two are told."""

    type: Literal["private_message"] = "private_message"
    sender: Correspondent
    recipient: Correspondent
    own: bool
    """You have said it, perhaps on another device."""
    content: str
    sent_at: datetime


class Read(NumberedEvent):
    """You have read this on another device."""

    type: Literal["read"] = "read"
    conversation_id: int
    seq: int
    unread: int


class ConversationChanged(NumberedEvent):
    """You have been added or removed, or its title, owner or members have changed: ask
    `GET /conversations/{id}`."""

    type: Literal["conversation"] = "conversation"
    conversation_id: int
    change: Literal["added", "removed", "changed"]


class Typing(Message):
    """Somebody is typing; show it for some seconds."""

    type: Literal["typing"] = "typing"
    conversation_id: int
    author: MessageAuthor


class Presence(Message):
    """Somebody whom you watch has come or gone."""

    type: Literal["presence"] = "presence"
    user_id: int
    online: bool


Requests = (
    SendMessage
    | SendPrivately
    | EditMessage
    | DeleteMessage
    | MarkRead
    | StartTyping
    | History
    | WatchPresence
)
Events = MessageChanged | PrivateMessage | Read | ConversationChanged
States = Typing | Presence
