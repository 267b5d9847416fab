"""Meetings: coming, going, and who is there."""

from __future__ import annotations

from typing import Literal

from signaling.messages.base import (
    Identifier,
    Message,
    Name,
    NumberedEvent,
    Request,
    Result,
    Secret,
)
from signaling.messages.media import MediaPolicy, Track


class Participant(Message):
    id: Identifier
    name: Name
    guest: bool
    tracks: list[Track]


class Meeting(Message):
    id: Identifier
    title: str
    invite_url: str


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
    meeting: Meeting
    policy: MediaPolicy
    participants: list[Participant]
    """Everybody else who is in the meeting."""


class JoinResult(Result):
    """Exactly one of the two."""

    joined: Joined | None = None
    elsewhere: Elsewhere | None = None


class Join(Request):
    result = JoinResult
    type: Literal["join"]
    meeting_id: Identifier
    replaces: Replaces | None = None


class Leave(Request):
    type: Literal["leave"]


class ParticipantJoined(NumberedEvent):
    type: Literal["participant_joined"] = "participant_joined"
    participant: Participant


LeaveReason = Literal["left", "replaced", "lost", "ended"]


class ParticipantLeft(NumberedEvent):
    type: Literal["participant_left"] = "participant_left"
    participant_id: Identifier
    reason: LeaveReason


Requests = Join | Leave
Events = ParticipantJoined | ParticipantLeft
