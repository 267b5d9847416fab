"""Meetings: coming, waiting, going, and who is there."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from db.meetings import Lobby
from signaling.messages.base import (
    Identifier,
    Message,
    Name,
    NumberedEvent,
    Request,
    Result,
    Secret,
)
from signaling.messages.media import IceServer, MediaPolicy, Track

Role = Literal["host", "cohost", "participant", "guest"]
Password = Annotated[str, Field(min_length=1, max_length=128)]


class Participant(Message):
    id: Identifier
    name: Name
    guest: bool
    user_id: int | None
    """Null for guests."""
    role: Role
    hand: int | None
    """Raised hands count up in the order they were raised; null: not raised."""
    tracks: list[Track]


class Meeting(Message):
    id: Identifier
    title: str
    invite_url: str
    guests_allowed: bool
    lobby: Lobby
    """Who waits until a host lets him in."""
    locked: bool
    """Nobody new comes in."""
    password_required: bool


class Replaces(Message):
    """A participant of an earlier page load, to be replaced by this join."""

    session_id: Identifier
    secret: Secret


class Elsewhere(Message):
    """The meeting lives on another server: open a second `/ws` at `url` and authenticate there
    with `ticket` as the token (one use, 30 s); chat and presence stay here."""

    url: str
    ticket: Secret


class Joined(Message):
    participant_id: Identifier
    role: Role
    meeting: Meeting
    conversation_id: int | None
    """What is said in the meeting; null where there is no chat."""
    policy: MediaPolicy
    ice_servers: list[IceServer]
    """For the client's peer connection; empty where it needs none."""
    participants: list[Participant]
    """Everybody else who is in the meeting."""


class Waiting(Message):
    """You are not in the meeting yet: a host lets you in (`admitted`) or does not (`refused`)."""

    title: str


class JoinResult(Result):
    """Exactly one of the three."""

    joined: Joined | None = None
    elsewhere: Elsewhere | None = None
    waiting: Waiting | None = None


class Join(Request):
    result = JoinResult
    type: Literal["join"]
    meeting_id: Identifier
    replaces: Replaces | None = None
    password: Password | None = None
    """Of the meeting, where it has one and you have not been in it before."""


class Leave(Request):
    """Also out of the lobby."""

    type: Literal["leave"]


class ParticipantJoined(NumberedEvent):
    type: Literal["participant_joined"] = "participant_joined"
    participant: Participant


LeaveReason = Literal["left", "replaced", "lost", "ended", "removed"]


class ParticipantLeft(NumberedEvent):
    type: Literal["participant_left"] = "participant_left"
    participant_id: Identifier
    reason: LeaveReason


class Admitted(NumberedEvent):
    """The end of waiting: what `join` would have answered."""

    type: Literal["admitted"] = "admitted"
    joined: Joined


class Refused(NumberedEvent):
    """The end of waiting. `removed`: do not ask again."""

    type: Literal["refused"] = "refused"
    reason: Literal["refused", "removed", "locked", "full", "ended"]


class Removed(NumberedEvent):
    """You are in the meeting no longer: a host removed you, or it has ended for all."""

    type: Literal["removed"] = "removed"
    reason: Literal["removed", "ended"]


class MeetingChanged(NumberedEvent):
    type: Literal["meeting_changed"] = "meeting_changed"
    meeting: Meeting


class RoleChanged(NumberedEvent):
    """Of anybody, you included."""

    type: Literal["role_changed"] = "role_changed"
    participant_id: Identifier
    role: Role


class LobbyPerson(Message):
    id: Identifier
    """For `admit` and `refuse`."""
    name: Name
    guest: bool
    user_id: int | None


class LobbyState(Message):
    """State, for hosts and co-hosts: who waits to be let in, who came first first."""

    type: Literal["lobby"] = "lobby"
    people: list[LobbyPerson]


Requests = Join | Leave
Events = (
    ParticipantJoined
    | ParticipantLeft
    | Admitted
    | Refused
    | Removed
    | MeetingChanged
    | RoleChanged
)
States = LobbyState
