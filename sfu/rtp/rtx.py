"""Retransmission payloads: the original sequence number in front (RFC 4588, section 4)."""

from __future__ import annotations

from struct import Struct

from sfu.rtp.packet import RtpError, RtpPacket

_OSN = Struct("!H")


def wrap(sequence: int, payload: bytes) -> bytes:
    """The payload that sends `payload` of the original packet `sequence` again."""
    return _OSN.pack(sequence) + payload


def unwrap(packet: RtpPacket, payload_type: int, ssrc: int) -> RtpPacket:
    """The original packet. It shares the bytes of the retransmission: its `data` still begins with
    the header of that. Raises RtpError where no original sequence number is: browsers probe the
    bandwidth with padding on the RTX stream.
    """
    offset = packet.payload_offset
    if len(packet.data) - packet.padding - offset < 2:
        raise RtpError("no original sequence number")
    return RtpPacket(
        payload_type,
        packet.marker,
        _OSN.unpack_from(packet.data, offset)[0],
        packet.timestamp,
        ssrc,
        packet.csrcs,
        packet.extension_profile,
        packet.extension,
        offset + 2,
        packet.padding,
        packet.data,
    )
