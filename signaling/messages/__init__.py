"""Every message of the `/ws` protocol, as types. docs/signaling.md tells it in prose.

These models are the only source: they validate what comes in, and the browser's TypeScript types
are generated from them. A request has an `id` chosen by the client and gets exactly one `Reply` or
`Failure` with that id. A numbered event has `event` (1, 2, 3 … per session) and is replayed after a
resume; a state message has no number, is never replayed, and always tells the whole state.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from signaling.messages import chat, connection, media, meeting, moderation
from signaling.messages.base import (
    MAX_MESSAGE,
    Empty,
    ErrorCode,
    Failure,
    Identifier,
    Message,
    Name,
    NumberedEvent,
    Problem,
    Reply,
    Request,
    Result,
    Secret,
)
from signaling.messages.connection import (
    Authenticate,
    AuthenticateResult,
    Closing,
    ClosingReason,
    Ping,
    ResumeTicket,
    ServerStopping,
)
from signaling.messages.media import (
    MAX_SDP,
    Encoding,
    Encodings,
    Levels,
    Media,
    MediaPolicy,
    Mute,
    Offer,
    OfferResult,
    Pixels,
    Publish,
    PublishResult,
    Resize,
    Slot,
    SlotLine,
    Slots,
    SlotsApplied,
    Speaker,
    Track,
    TrackMuted,
    TrackPublished,
    TrackUnpublished,
    Unpublish,
    VideoPolicy,
    View,
    ViewItem,
)
from signaling.messages.meeting import (
    Elsewhere,
    Join,
    Joined,
    JoinResult,
    Leave,
    LeaveReason,
    Meeting,
    Participant,
    ParticipantJoined,
    ParticipantLeft,
    Replaces,
)

AnyRequest = Annotated[
    connection.Requests | meeting.Requests | media.Requests | moderation.Requests | chat.Requests,
    Field(discriminator="type"),
]
Event = meeting.Events | media.Events | moderation.Events | chat.Events
State = connection.States | meeting.States | media.States | moderation.States | chat.States
ServerMessage = Annotated[Reply | Failure | Event | State, Field(discriminator="type")]

__all__ = [
    "MAX_MESSAGE",
    "MAX_SDP",
    "AnyRequest",
    "Authenticate",
    "AuthenticateResult",
    "Closing",
    "ClosingReason",
    "Elsewhere",
    "Empty",
    "Encoding",
    "Encodings",
    "ErrorCode",
    "Event",
    "Failure",
    "Identifier",
    "Join",
    "JoinResult",
    "Joined",
    "Leave",
    "LeaveReason",
    "Levels",
    "Media",
    "MediaPolicy",
    "Meeting",
    "Message",
    "Mute",
    "Name",
    "NumberedEvent",
    "Offer",
    "OfferResult",
    "Participant",
    "ParticipantJoined",
    "ParticipantLeft",
    "Ping",
    "Pixels",
    "Problem",
    "Publish",
    "PublishResult",
    "Replaces",
    "Reply",
    "Request",
    "Resize",
    "Result",
    "ResumeTicket",
    "Secret",
    "ServerMessage",
    "ServerStopping",
    "Slot",
    "SlotLine",
    "Slots",
    "SlotsApplied",
    "Speaker",
    "State",
    "Track",
    "TrackMuted",
    "TrackPublished",
    "TrackUnpublished",
    "Unpublish",
    "VideoPolicy",
    "View",
    "ViewItem",
]
