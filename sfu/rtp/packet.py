"""The RTP fixed header (RFC 3550, section 5.1) and the place of what follows it.

`parse` looks at each byte of the header once and copies no payload. `build` takes the extension
block as `sfu.rtp.extensions.build` makes it: with its own four-byte header.
"""

from __future__ import annotations

from struct import Struct

HEADER = Struct("!BBHII")
EXTENSION_HEADER = Struct("!HH")

_unpack_header = HEADER.unpack_from
_unpack_extension_header = EXTENSION_HEADER.unpack_from


class RtpError(Exception):
    """A peer sent bytes that are no RTP, or no payload of its codec. Never a bug of ours."""


class RtpPacket:
    """A parsed packet. `data` is what came from the wire; everything else is a view of it."""

    __slots__ = (
        "csrcs",
        "data",
        "extension",
        "extension_profile",
        "marker",
        "padding",
        "payload_offset",
        "payload_type",
        "sequence",
        "ssrc",
        "timestamp",
    )

    def __init__(
        self,
        payload_type: int,
        marker: bool,
        sequence: int,
        timestamp: int,
        ssrc: int,
        csrcs: bytes,
        extension_profile: int | None,
        extension: bytes,
        payload_offset: int,
        padding: int,
        data: bytes,
    ) -> None:
        self.payload_type = payload_type
        self.marker = marker
        self.sequence = sequence
        self.timestamp = timestamp
        self.ssrc = ssrc
        self.csrcs = csrcs
        """Four bytes per contributing source."""
        self.extension_profile = extension_profile
        self.extension = extension
        """The elements, without the four bytes of profile and length."""
        self.payload_offset = payload_offset
        self.padding = padding
        """Bytes at the end that are no payload, the count itself included."""
        self.data = data

    @property
    def payload(self) -> bytes:
        return self.data[self.payload_offset : len(self.data) - self.padding]


def parse(data: bytes) -> RtpPacket:
    """Raises RtpError for anything that is no well-formed RTP version 2 packet."""
    size = len(data)
    if size < 12:
        raise RtpError("shorter than the fixed header")
    first, second, sequence, timestamp, ssrc = _unpack_header(data)
    if first & 0xC0 != 0x80:
        raise RtpError("not version 2")
    offset = 12
    csrcs = b""
    if first & 0x0F:
        offset += 4 * (first & 0x0F)
        csrcs = data[12:offset]
    profile = None
    extension = b""
    if first & 0x10:
        start = offset + 4
        if start > size:
            raise RtpError("truncated header extension")
        profile, words = _unpack_extension_header(data, offset)
        offset = start + 4 * words
        extension = data[start:offset]
    if offset > size:
        raise RtpError("truncated header")
    padding = 0
    if first & 0x20:
        padding = data[-1]
        if not 0 < padding <= size - offset:
            raise RtpError("impossible padding")
    return RtpPacket(
        second & 0x7F,
        second > 0x7F,
        sequence,
        timestamp,
        ssrc,
        csrcs,
        profile,
        extension,
        offset,
        padding,
        data,
    )


def build(
    payload_type: int,
    marker: bool,
    sequence: int,
    timestamp: int,
    ssrc: int,
    payload: bytes,
    extension: bytes = b"",
    csrcs: bytes = b"",
) -> bytes:
    """One packet without padding; `extension` is a whole block, header included, or empty."""
    first = 0x80 | len(csrcs) >> 2
    if extension:
        first |= 0x10
    second = payload_type | 0x80 if marker else payload_type
    return HEADER.pack(first, second, sequence, timestamp, ssrc) + csrcs + extension + payload
