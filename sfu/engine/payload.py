"""What an engine reads from a payload: whether a sink may begin here, the picture's numbers, and
the layer it belongs to."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from sfu.engine.interface import Codec
from sfu.engine.media import Layer, Picture
from sfu.rtp import av1, h264, vp8, vp9


class Description(NamedTuple):
    joinable: bool
    picture: Picture | None = None
    """The numbers that a sink has to continue."""
    layer: Layer | None = None


def _opus(_: bytes) -> Description:
    return Description(joinable=True)


def _vp8(payload: bytes) -> Description:
    descriptor = vp8.describe(payload)
    layer = None
    if descriptor.temporal is not None:
        layer = Layer(
            spatial=0,
            temporal=descriptor.temporal,
            begins=descriptor.start,
            ends=False,
            sync=descriptor.layer_sync,
        )
    return Description(descriptor.keyframe, _picture(descriptor), layer)


def _vp9(payload: bytes) -> Description:
    descriptor = vp9.describe(payload)
    layer = None
    if descriptor.spatial is not None and descriptor.temporal is not None:
        layer = Layer(
            spatial=descriptor.spatial,
            temporal=descriptor.temporal,
            begins=descriptor.start,
            ends=descriptor.end,
            switch_up=descriptor.switch_up,
            independent=not descriptor.inter,
        )
    return Description(descriptor.keyframe, _picture(descriptor), layer)


def _h264(payload: bytes) -> Description:
    return Description(h264.is_keyframe(payload))


def _av1(payload: bytes) -> Description:
    return Description(av1.is_keyframe(payload))


def _picture(descriptor: vp8.Vp8Descriptor | vp9.Vp9Descriptor) -> Picture | None:
    if not descriptor.picture_id_offset and not descriptor.tl0picidx_offset:
        return None
    return Picture(
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
        return Description(joinable=codec is Codec.OPUS)
    return _DESCRIBE[codec](payload)
