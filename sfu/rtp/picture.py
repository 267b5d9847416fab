"""PictureID and TL0PICIDX, which VP8 and VP9 descriptors share (RFC 7741, RFC 9628).

Both count frames of one stream without a gap; a sink that changes its source must go on counting,
or the receiver's decoder waits for frames that never come.
"""

from __future__ import annotations

from typing import Protocol


class PictureFields(Protocol):
    """Where the two fields lie. An offset of 0 says that the descriptor has none."""

    @property
    def picture_id_bits(self) -> int: ...
    @property
    def picture_id_offset(self) -> int: ...
    @property
    def tl0picidx_offset(self) -> int: ...


def read_picture_id(payload: bytes, offset: int) -> tuple[int, int]:
    """The number and its bits, 7 or 15. Raises IndexError at the payload's end."""
    first = payload[offset]
    if first < 0x80:
        return first, 7
    return (first & 0x7F) << 8 | payload[offset + 1], 15


def patch(
    packet: bytearray, payload_offset: int, fields: PictureFields, picture_id: int, tl0picidx: int
) -> None:
    """Overwrite in place what the descriptor has; a number is cut to the bits of its field."""
    at = fields.picture_id_offset
    if at:
        at += payload_offset
        if fields.picture_id_bits == 15:
            packet[at] = 0x80 | picture_id >> 8 & 0x7F
            packet[at + 1] = picture_id & 0xFF
        else:
            packet[at] = picture_id & 0x7F
    at = fields.tl0picidx_offset
    if at:
        packet[payload_offset + at] = tl0picidx & 0xFF


def rewrite(payload: bytes, fields: PictureFields, picture_id: int, tl0picidx: int) -> bytes:
    """A copy of equal length with other numbers."""
    copy = bytearray(payload)
    patch(copy, 0, fields, picture_id, tl0picidx)
    return bytes(copy)
