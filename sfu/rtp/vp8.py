"""The VP8 payload descriptor (RFC 7741, section 4.2) and the key frame bit behind it (4.3)."""

from __future__ import annotations

from typing import NamedTuple

from sfu.rtp.packet import RtpError
from sfu.rtp.picture import patch, read_picture_id, rewrite

__all__ = ["Vp8Descriptor", "describe", "patch", "rewrite"]


class Vp8Descriptor(NamedTuple):
    keyframe: bool
    """First packet of a key frame."""
    start: bool
    """First packet of a frame."""
    size: int
    """Bytes of the descriptor."""
    picture_id: int | None = None
    picture_id_bits: int = 0
    """7 or 15; 0 without a picture id."""
    tl0picidx: int | None = None
    temporal: int | None = None
    layer_sync: bool = False
    """The frame needs nothing but the base layer: a receiver may go up to its layer here."""
    picture_id_offset: int = 0
    tl0picidx_offset: int = 0


def describe(payload: bytes) -> Vp8Descriptor:
    """Raises RtpError if the descriptor is cut, or if no VP8 data follow it."""
    try:
        first = payload[0]
        start = first & 0x17 == 0x10
        if first & 0x80:
            return _describe_extended(payload, start)
        predicted = payload[1] & 1
        return Vp8Descriptor(start and not predicted, start, 1)
    except IndexError:
        raise RtpError("truncated VP8 payload") from None


def _describe_extended(payload: bytes, start: bool) -> Vp8Descriptor:
    flags = payload[1]
    position = 2
    picture_id = tl0picidx = temporal = None
    bits = picture_id_offset = tl0picidx_offset = 0
    layer_sync = False
    if flags & 0x80:
        picture_id_offset = position
        picture_id, bits = read_picture_id(payload, position)
        position += 1 if bits == 7 else 2
    if flags & 0x40:
        tl0picidx_offset = position
        tl0picidx = payload[position]
        position += 1
    if flags & 0x30:
        if flags & 0x20:
            temporal = payload[position] >> 6
            layer_sync = payload[position] & 0x20 != 0
        position += 1
    predicted = payload[position] & 1
    return Vp8Descriptor(
        start and not predicted,
        start,
        position,
        picture_id,
        bits,
        tl0picidx,
        temporal,
        layer_sync,
        picture_id_offset,
        tl0picidx_offset,
    )
