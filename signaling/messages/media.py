"""Media: the one offer, what is published, what is seen and heard."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from sfu.engine.interface import Kind
from sfu.tracks import TrackSource
from signaling.messages.base import Identifier, Message, NumberedEvent, Request, Result

MAX_SDP = 256 * 1024
"""Characters of one session description."""

Pixels = Annotated[int, Field(ge=1, le=16384)]


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


class IceServer(Message):
    """As in the configuration of an `RTCPeerConnection`: a TURN server."""

    urls: list[str]
    username: str
    credential: str
    """Good for twelve hours."""


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


class Track(Message):
    id: Identifier
    participant_id: Identifier
    source: TrackSource
    muted: bool


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


Requests = Offer | Publish | Resize | Unpublish | Mute | View | SlotsApplied
Events = TrackPublished | TrackUnpublished | TrackMuted
States = Slots | Media | Encodings | Speaker | Levels
