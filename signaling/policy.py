"""The media policy, as it is told to clients."""

from __future__ import annotations

from signaling.messages import Encoding, MediaPolicy, VideoPolicy

CODECS = ["VP8", "H264"]

MEDIA_POLICY = MediaPolicy(
    camera=VideoPolicy(
        codecs=CODECS,
        encodings=[
            Encoding(rid="q", scale_resolution_down_by=4, max_bitrate=150_000),
            Encoding(rid="h", scale_resolution_down_by=2, max_bitrate=500_000),
            Encoding(rid="f", scale_resolution_down_by=1, max_bitrate=1_700_000),
        ],
    ),
    screen=VideoPolicy(
        codecs=CODECS,
        encodings=[
            Encoding(rid="h", scale_resolution_down_by=2, max_bitrate=400_000, max_framerate=5),
            Encoding(rid="f", scale_resolution_down_by=1, max_bitrate=2_500_000),
        ],
    ),
    audio_slots=12,
    video_slots=9,
    max_slots=25,
)
