"""Every message of the `/ws` protocol, as types. docs/signaling.md tells it in prose.

These models are the only source: they validate what comes in, and the browser's TypeScript types
are generated from them. A request has an `id` chosen by the client and gets exactly one `Reply` or
`Failure` with that id. A numbered event has `event` (1, 2, 3 … per session) and is replayed after a
resume; a state message has no number, is never replayed, and always tells the whole state.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from sfu.engine.interface import Kind
from sfu.tracks import TrackSource

MAX_MESSAGE = 1024 * 1024
"""Bytes of one WebSocket message."""
MAX_SDP = 256 * 1024
"""Characters of one session description."""

Name = Annotated[str, Field(min_length=1, max_length=80)]
Identifier = Annotated[str, Field(min_length=1, max_length=64)]
Pixels = Annotated[int, Field(ge=1, le=16384)]
Secret = Annotated[str, Field(min_length=16, max_length=128)]


class Message(BaseModel):
    """Unknown fields are ignored, so that a newer client can speak to an older server."""

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        use_attribute_docstrings=True,
        json_schema_serialization_defaults_required=True,
    )


# What is told about the meeting


class Track(Message):
    id: Identifier
    participant_id: Identifier
    source: TrackSource
    muted: bool


class Participant(Message):
    id: Identifier
    name: Name
    guest: bool
    tracks: list[Track]


class Meeting(Message):
    id: Identifier
    title: str
    invite_url: str


class Encoding(Message):
    """One simulcast layer, as for `RTCRtpEncodingParameters`."""

    rid: str
    scale_resolution_down_by: float
    max_bitrate: int
    """Bits/s."""
    max_framerate: int | None = None
    scalability_mode: str | None = None
    """Layers inside the encoding, as for `scalabilityMode`; leave it out where it is refused."""


class VideoPolicy(Message):
    codecs: list[str]
    """Names for `setCodecPreferences`, the one to send with first."""
    encodings: list[Encoding]
    """Lowest quality first."""


class MediaPolicy(Message):
    """What the client's one offer shall contain."""

    camera: VideoPolicy
    screen: VideoPolicy
    audio_codecs: list[str]
    """Names for `setCodecPreferences`, the one to send with first."""
    audio_slots: int
    video_slots: int
    """How many recvonly transceivers of each kind to offer at first; slot k is the k-th."""
    max_slots: int
    """How many video slots there may be after further offers."""


class SlotLine(Message):
    """Which m-line of the answer is which slot."""

    kind: Kind
    slot: int
    mid: str


class Slot(Message):
    """What a slot carries now. Frames with an RTP timestamp before `timestamp` (modulo 2^32) still
    belong to what it carried before: show the avatar until then."""

    kind: Kind
    slot: int
    track_id: Identifier | None
    participant_id: Identifier | None
    timestamp: int | None
    problem: Literal["unsupported_codec", "bandwidth"] | None = None
    """`bandwidth`: the picture is paused because the way here carries no more; it comes back by
    itself."""


# Requests, each with the model of its result


class Result(Message):
    pass


class Empty(Result):
    pass


class ResumeTicket(Message):
    """To take up a session after its connection was lost."""

    session_id: Identifier
    secret: Secret
    last_event: Annotated[int, Field(ge=0)]


class AuthenticateResult(Result):
    session_id: Identifier
    secret: Secret
    """For the next resume or for replacing this participant after a reload; used once."""
    resumed: bool
    """False: start afresh; anything joined before is gone."""
    grace: float
    """Seconds a lost connection may take to come back."""
    heartbeat: float
    """Seconds after which a silent client should `ping`."""
    name: Name
    user_id: int | None
    guest: bool


class Request(Message):
    result: ClassVar[type[Result]] = Empty
    id: Annotated[int, Field(ge=0, le=2**53 - 1)]


class Authenticate(Request):
    """First message of every connection; anything else before it closes the connection."""

    result = AuthenticateResult
    type: Literal["authenticate"]
    token: Annotated[str, Field(min_length=1, max_length=4096)]
    resume: ResumeTicket | None = None


class Ping(Request):
    type: Literal["ping"]


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


class OfferResult(Result):
    sdp: str
    slots: list[SlotLine]


class Offer(Request):
    """The first offer of a join, an ICE restart, or more slots. A whole new peer connection (other
    fingerprint) replaces the old one."""

    result = OfferResult
    type: Literal["offer"]
    sdp: Annotated[str, Field(max_length=MAX_SDP)]


class PublishResult(Result):
    track: Track


class Publish(Request):
    """Offer a track to the meeting. Its m-line `mid` must have been sendonly in the offer."""

    result = PublishResult
    type: Literal["publish"]
    source: TrackSource
    mid: Annotated[str, Field(min_length=1, max_length=32)]
    muted: bool = False
    width: Pixels | None = None
    height: Pixels | None = None
    """Of the picture before any scaling, in pixels."""


class Resize(Request):
    """The picture of an own track has another size now: another device, or a resized window."""

    type: Literal["resize"]
    track_id: Identifier
    width: Pixels
    height: Pixels


class Unpublish(Request):
    type: Literal["unpublish"]
    track_id: Identifier


class Mute(Request):
    type: Literal["mute"]
    track_id: Identifier
    muted: bool


class ViewItem(Message):
    track_id: Identifier
    width: Annotated[int, Field(ge=0, le=16384)]
    height: Annotated[int, Field(ge=0, le=16384)]
    priority: Annotated[int, Field(ge=0, le=100)] = 0


class View(Request):
    """The video tracks now on the client's screen; what is not listed costs nothing."""

    type: Literal["view"]
    tracks: Annotated[list[ViewItem], Field(max_length=100)]


class SlotsApplied(Request):
    """The client shows nothing any more of what slots carried before `revision`. Only then does
    the server let another person's picture flow through a slot that was in use."""

    type: Literal["slots_applied"]
    revision: Annotated[int, Field(ge=0)]


AnyRequest = Annotated[
    Authenticate
    | Ping
    | Join
    | Leave
    | Offer
    | Publish
    | Resize
    | Unpublish
    | Mute
    | View
    | SlotsApplied,
    Field(discriminator="type"),
]


# What the server sends


class Reply(Message):
    type: Literal["reply"] = "reply"
    id: int
    result: dict[str, object]


ErrorCode = Literal[
    "bad_message",
    "message_too_large",
    "unknown_type",
    "not_authenticated",
    "already_authenticated",
    "bad_token",
    "not_found",
    "forbidden",
    "not_joined",
    "already_joined",
    "meeting_full",
    "bad_offer",
    "bad_track",
    "too_many_requests",
    "unavailable",
    "internal",
]


class Problem(Message):
    code: ErrorCode
    message: str
    """For people."""
    field: str | None = None
    """The offending field, dotted."""


class Failure(Message):
    type: Literal["error"] = "error"
    id: int | None
    """None where the message was too broken to have one."""
    error: Problem


class NumberedEvent(Message):
    event: Annotated[int, Field(ge=1)]


class ParticipantJoined(NumberedEvent):
    type: Literal["participant_joined"] = "participant_joined"
    participant: Participant


LeaveReason = Literal["left", "replaced", "lost", "ended"]


class ParticipantLeft(NumberedEvent):
    type: Literal["participant_left"] = "participant_left"
    participant_id: Identifier
    reason: LeaveReason


class TrackPublished(NumberedEvent):
    type: Literal["track_published"] = "track_published"
    track: Track


class TrackUnpublished(NumberedEvent):
    type: Literal["track_unpublished"] = "track_unpublished"
    participant_id: Identifier
    track_id: Identifier


class TrackMuted(NumberedEvent):
    type: Literal["track_muted"] = "track_muted"
    participant_id: Identifier
    track_id: Identifier
    muted: bool


class Slots(Message):
    """State: what every slot of this client carries, as of `revision`."""

    type: Literal["slots"] = "slots"
    revision: int
    slots: list[Slot]


class Media(Message):
    """State: how this client's own transport does. `closed`: make a new peer connection."""

    type: Literal["media"] = "media"
    state: Literal["connecting", "connected", "disconnected", "closed"]
    reason: str | None = None


class Encodings(Message):
    """State: which encodings of your own tracks somebody takes. Send these and no others; a track
    that is not listed is sent whole."""

    type: Literal["encodings"] = "encodings"
    tracks: dict[str, list[str]]
    """`rid`s by track id; that of a lone encoding is empty."""


class Speaker(Message):
    """State: who leads the conversation now. Null: nobody has spoken yet, or who did has left."""

    type: Literal["speaker"] = "speaker"
    track_id: Identifier | None
    """The microphone."""
    participant_id: Identifier | None


class Levels(Message):
    """State: smoothed loudness of those who can be heard, 0 (loudest) to 127 (-dBov)."""

    type: Literal["levels"] = "levels"
    levels: dict[str, int]
    """By track id."""


ClosingReason = Literal[
    "not_authenticated",
    "bad_token",
    "message_too_large",
    "too_slow",
    "too_many_requests",
    "replaced",
    "session_ended",
    "server_stopping",
]


class Closing(Message):
    """Last message before the server closes the connection."""

    type: Literal["closing"] = "closing"
    reason: ClosingReason
    message: str


Event = ParticipantJoined | ParticipantLeft | TrackPublished | TrackUnpublished | TrackMuted
State = Slots | Media | Encodings | Speaker | Levels | Closing
ServerMessage = Annotated[Reply | Failure | Event | State, Field(discriminator="type")]
