"""What an engine reads from a payload: whether a sink may begin here, and the picture's numbers."""

from __future__ import annotations

from collections.abc import Callable

from sfu.engine.interface import Codec
from sfu.engine.media import Picture
from sfu.rtp import av1, h264, vp8, vp9

Description = tuple[bool, Picture | None]
"""Joinable, and the numbers a sink has to continue."""


def _opus(_: bytes) -> Description:
    return True, None


def _vp8(payload: bytes) -> Description:
    return _pictured(vp8.describe(payload))


def _vp9(payload: bytes) -> Description:
    return _pictured(vp9.describe(payload))


def _h264(payload: bytes) -> Description:
    return h264.is_keyframe(payload), None


def _av1(payload: bytes) -> Description:
    return av1.is_keyframe(payload), None


def _pictured(descriptor: vp8.Vp8Descriptor | vp9.Vp9Descriptor) -> Description:
    if not descriptor.picture_id_offset and not descriptor.tl0picidx_offset:
        return descriptor.keyframe, None
    return descriptor.keyframe, Picture(
        descriptor.picture_id or 0,
        descriptor.tl0picidx or 0,
        descriptor.picture_id_bits == 15,
        descriptor.picture_id_offset,
        descriptor.tl0picidx_offset,
    )


_DESCRIBE: dict[Codec, Callable[[bytes], Description]] = {
    Codec.OPUS: _opus,
    Codec.VP8: _vp8,
    Codec.VP9: _vp9,
    Codec.H264: _h264,
    Codec.AV1: _av1,
}


def describe(codec: Codec, payload: bytes) -> Description:
    """Raises RtpError for a payload that is not of its codec."""
    if not payload:
        # Padding only, which senders use to probe: nothing begins here, but its number was used.
        return codec is Codec.OPUS, None
    return _DESCRIBE[codec](payload)
