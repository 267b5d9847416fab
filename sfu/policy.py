"""What a client's one offer shall contain, and what we accept of it at most."""

from __future__ import annotations

from dataclasses import dataclass

from sfu.engine.interface import Codec

MAX_SPEAKERS = 10
"""Voices heard at a time; each needs an audio slot, as nobody may have a visible tile."""
MAX_VIDEO_SLOTS = 25
MAX_AUDIO_SLOTS = MAX_VIDEO_SLOTS + MAX_SPEAKERS
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
    scalability_mode: str | None = None
    """Layers inside the encoding (W3C webrtc-svc, section 6)."""


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
    audio_codecs: tuple[str, ...]
    """Names, the one to send with first; `red` is RFC 2198 around Opus."""
    audio_slots: int
    video_slots: int
    """How many recvonly transceivers of each kind to offer at first."""
    max_slots: int
    """How many video slots there may be after further offers."""


_EVERYBODYS = (Codec.VP8, Codec.H264)
"""Codecs every browser may be asked for; VP8 in software is the cheapest to send in three sizes."""

_SIMULCAST = (
    Encoding("q", 4.0, 150_000, scalability_mode="L1T3"),
    Encoding("h", 2.0, 500_000, scalability_mode="L1T3"),
    Encoding("f", 1.0, 1_700_000, scalability_mode="L1T3"),
)
_SCALABLE = (Encoding("f", 1.0, 2_000_000, scalability_mode="L3T3_KEY"),)
"""All layers in one stream."""

CAMERA_CODECS = (Codec.VP8, Codec.H264, Codec.VP9, Codec.AV1)


def policy_for(camera: Codec, speakers: int = 3) -> MediaPolicy:
    """With so many voices heard at a time, and cameras sent in that codec: VP8 and H.264 as
    simulcast, VP9 and AV1 in layers of one stream. Who cannot send it takes the next that everybody
    understands."""
    codecs = tuple(dict.fromkeys((camera, *_EVERYBODYS)))
    scalable = camera in (Codec.VP9, Codec.AV1)
    return MediaPolicy(
        camera=VideoPolicy(codecs, _SCALABLE if scalable else _SIMULCAST),
        screen=VideoPolicy(
            _EVERYBODYS,
            (
                Encoding("h", 2.0, 300_000, max_framerate=5),
                Encoding("f", 1.0, 2_500_000, max_framerate=30),
            ),
        ),
        audio_codecs=("opus", "red"),
        audio_slots=9 + speakers,
        video_slots=9,
        max_slots=MAX_VIDEO_SLOTS,
    )


DEFAULT_POLICY = policy_for(Codec.VP8)
