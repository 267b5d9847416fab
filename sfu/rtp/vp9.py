"""The VP9 payload descriptor (RFC 9628, section 4.2), flexible and non-flexible mode."""

from __future__ import annotations

from typing import NamedTuple

from sfu.rtp.packet import RtpError
from sfu.rtp.picture import patch, read_picture_id, rewrite

__all__ = ["Vp9Descriptor", "describe", "patch", "rewrite"]

_MAX_REFERENCES = 3


class Vp9Descriptor(NamedTuple):
    keyframe: bool
    """First packet of a picture that needs no earlier one, in its lowest spatial layer."""
    start: bool
    """First packet of a layer frame."""
    end: bool
    """Last packet of a layer frame."""
    size: int
    """Bytes of the descriptor."""
    picture_id: int | None = None
    picture_id_bits: int = 0
    """7 or 15; 0 without a picture id."""
    tl0picidx: int | None = None
    """Only in non-flexible mode."""
    temporal: int | None = None
    spatial: int | None = None
    switch_up: bool = False
    """Pictures of higher temporal layers that follow need none of theirs before this one."""
    inter: bool = False
    """It needs an earlier picture, not only lower layers of its own."""
    picture_id_offset: int = 0
    tl0picidx_offset: int = 0


def describe(payload: bytes) -> Vp9Descriptor:
    """Raises RtpError if the descriptor is cut or malformed, or if no VP9 data follow it."""
    try:
        return _describe(payload)
    except IndexError:
        raise RtpError("truncated VP9 payload") from None


def _describe(payload: bytes) -> Vp9Descriptor:
    first = payload[0]
    flexible = first & 0x10
    inter = first & 0x40
    start = first & 0x08 != 0
    position = 1
    picture_id = tl0picidx = temporal = spatial = None
    bits = picture_id_offset = tl0picidx_offset = 0
    switch_up = False
    if first & 0x80:
        picture_id_offset = position
        picture_id, bits = read_picture_id(payload, position)
        position += 1 if bits == 7 else 2
    if first & 0x20:
        layers = payload[position]
        position += 1
        temporal = layers >> 5
        switch_up = layers & 0x10 != 0
        spatial = layers >> 1 & 0x07
        if not flexible:
            tl0picidx_offset = position
            tl0picidx = payload[position]
            position += 1
    if flexible and inter:
        position = _after_references(payload, position)
    if first & 0x02:
        position = _after_scalability(payload, position)
    if position >= len(payload):
        raise RtpError("no VP9 data")
    return Vp9Descriptor(
        start and not inter and not spatial,
        start,
        first & 0x04 != 0,
        position,
        picture_id,
        bits,
        tl0picidx,
        temporal,
        spatial,
        switch_up,
        inter != 0,
        picture_id_offset,
        tl0picidx_offset,
    )


def _after_references(payload: bytes, position: int) -> int:
    """P_DIFF: up to three, each but the last marked by its lowest bit."""
    for _ in range(_MAX_REFERENCES):
        more = payload[position] & 0x01
        position += 1
        if not more:
            return position
    raise RtpError("more than three VP9 references")


def _after_scalability(payload: bytes, position: int) -> int:
    """The scalability structure (section 4.2.1), which key pictures carry."""
    flags = payload[position]
    position += 1
    if flags & 0x10:
        position += 4 * ((flags >> 5) + 1)
    if flags & 0x08:
        pictures = payload[position]
        position += 1
        for _ in range(pictures):
            position += 1 + (payload[position] >> 2 & 0x03)
    return position
