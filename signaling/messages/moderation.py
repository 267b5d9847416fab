"""What hosts may do, and hands and reactions."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from db.meetings import Lobby
from sfu.tracks import TrackSource
from signaling.messages.base import Identifier, Message, NumberedEvent, Request

Emoji = Literal["👍", "👏", "❤️", "😂", "😮", "🎉", "🤔", "👎"]
Title = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$"),
]


class RaiseHand(Request):
    type: Literal["raise_hand"]
    raised: bool


class React(Request):
    type: Literal["react"]
    emoji: Emoji


# For hosts and co-hosts. None of it does anything to the host.


class Admit(Request):
    """Let somebody in who waits."""

    type: Literal["admit"]
    person_id: Identifier


class AdmitAll(Request):
    """Let everybody in who waits."""

    type: Literal["admit_all"]


class Refuse(Request):
    """Send somebody away who waits, for good if `keep_out`."""

    type: Literal["refuse"]
    person_id: Identifier
    keep_out: bool = False


class MuteParticipant(Request):
    """Let nothing more be heard or seen of these sources of somebody, until he unmutes himself."""

    type: Literal["mute_participant"]
    participant_id: Identifier
    sources: Annotated[list[TrackSource], Field(min_length=1, max_length=4)]


class MuteAll(Request):
    """The microphones of all but you and the host."""

    type: Literal["mute_all"]


class Remove(Request):
    """Put somebody out, on all devices, and keep him out. After a guest, guests have to wait."""

    type: Literal["remove"]
    participant_id: Identifier


class LowerHand(Request):
    type: Literal["lower_hand"]
    participant_id: Identifier


class UpdateMeeting(Request):
    """What is left out or null stays as it is."""

    type: Literal["update_meeting"]
    title: Title | None = None
    guests_allowed: bool | None = None
    lobby: Lobby | None = None
    locked: bool | None = None


# For the host alone


class SetRole(Request):
    """Of somebody with an account."""

    type: Literal["set_role"]
    participant_id: Identifier
    role: Literal["cohost", "participant"]


class HandOver(Request):
    """Make somebody with an account the host; you stay a co-host."""

    type: Literal["hand_over"]
    participant_id: Identifier


class EndMeeting(Request):
    """For everybody and for good."""

    type: Literal["end_meeting"]


# What is told


class HandChanged(NumberedEvent):
    """Somebody, perhaps you, has raised his hand, or it has been lowered (`hand` null)."""

    type: Literal["hand"] = "hand"
    participant_id: Identifier
    hand: int | None


class TracksMuted(NumberedEvent):
    """A host has muted these tracks; one of them may be yours."""

    type: Literal["tracks_muted"] = "tracks_muted"
    track_ids: list[Identifier]
    by: Identifier
    """The host's participant."""


class Reaction(Message):
    """Said once, never replayed."""

    type: Literal["reaction"] = "reaction"
    participant_id: Identifier
    emoji: Emoji


Requests = (
    RaiseHand
    | React
    | Admit
    | AdmitAll
    | Refuse
    | MuteParticipant
    | MuteAll
    | Remove
    | LowerHand
    | UpdateMeeting
    | SetRole
    | HandOver
    | EndMeeting
)
Events = HandChanged | TracksMuted
States = Reaction
