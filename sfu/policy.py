"""What a client's one offer shall contain, and what we accept of it at most."""

from __future__ import annotations

from dataclasses import dataclass

from sfu.engine.interface import Codec

EXTRA_AUDIO_SLOTS = 3
"""For people without a visible tile."""
MAX_VIDEO_SLOTS = 25
MAX_AUDIO_SLOTS = MAX_VIDEO_SLOTS + EXTRA_AUDIO_SLOTS
MAX_SENDING_LINES = 8
"""M-lines a client may publish on; the page has four."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """One simulcast layer, as for `RTCRtpEncodingParameters`."""

    rid: str
    scale_resolution_down_by: float
    max_bitrate: int
    """Bits/s."""
    max_framerate: int | None = None


@dataclass(frozen=True, slots=True)
class VideoPolicy:
    codecs: tuple[Codec, ...]
    """The one to send with first."""
    encodings: tuple[Encoding, ...]
    """Lowest quality first."""


@dataclass(frozen=True, slots=True)
class MediaPolicy:
    camera: VideoPolicy
    screen: VideoPolicy
    audio_slots: int
    video_slots: int
    """How many recvonly transceivers of each kind to offer at first."""
    max_slots: int
    """How many video slots there may be after further offers."""


_CODECS = (Codec.VP8, Codec.H264)

DEFAULT_POLICY = MediaPolicy(
    camera=VideoPolicy(
        _CODECS,
        (
            Encoding("q", 4.0, 150_000),
            Encoding("h", 2.0, 500_000),
            Encoding("f", 1.0, 1_700_000),
        ),
    ),
    screen=VideoPolicy(
        _CODECS,
        (
            Encoding("h", 2.0, 300_000, max_framerate=5),
            Encoding("f", 1.0, 2_500_000, max_framerate=30),
        ),
    ),
    audio_slots=9 + EXTRA_AUDIO_SLOTS,
    video_slots=9,
    max_slots=MAX_VIDEO_SLOTS,
)
