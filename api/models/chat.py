"""Conversations and what is said in them. Messages are as on `/ws`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, RootModel, StringConstraints

from api.models.common import Id, Model, Moment, Printable
from api.paging import PageQuery
from signaling.messages.chat import ChatMessage, ClientKey, Content

MAX_ADDED = 200
"""People in one request."""

GroupTitle = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    Printable,
]
Count = Annotated[int, Field(ge=0, le=2**63 - 1)]


class NewDirect(Model):
    """With one other person; two people have one such conversation."""

    kind: Literal["direct"]
    user_id: Id


class NewGroup(Model):
    """With oneself as its owner."""

    kind: Literal["group"]
    title: GroupTitle
    user_ids: Annotated[list[Id], Field(max_length=MAX_ADDED)]


class NewConversation(RootModel[Annotated[NewDirect | NewGroup, Field(discriminator="kind")]]):
    """What kind it is, and with whom."""


class ConversationChanges(Model):
    title: GroupTitle


class OtherPerson(Model):
    id: int
    name: str
    avatar: str | None


class Conversation(Model):
    """As one of its members sees it."""

    id: int
    kind: Literal["direct", "group", "meeting"]
    title: str
    """Of a group, or of the meeting; empty where two people talk."""
    owner_id: int | None
    """Of a group."""
    meeting_id: str | None
    other: OtherPerson | None
    """The other one of a direct conversation."""
    revision: int
    """Counts what happens in it: messages, edits, deletions."""
    read_seq: int
    """Up to this message everything is read."""
    unread: int
    """Messages of others after that, at most 100."""
    last_message: ChatMessage | None
    active_at: Moment
    """When something was last said."""
    created_at: Moment
    version: int


class NewParticipants(Model):
    user_ids: Annotated[list[Id], Field(min_length=1, max_length=MAX_ADDED)]


class ConversationParticipant(Model):
    id: int
    name: str
    avatar: str | None
    joined_at: Moment


class MessagesQuery(PageQuery):
    changed_after: Count | None = None
    """Instead of the history, the newest first: what was sent or changed after this revision, in
    the order of revisions."""


class NewMessage(Model):
    content: Content
    client_key: ClientKey | None = None


class MessageChanges(Model):
    content: Content


class NewReadMark(Model):
    seq: Count
