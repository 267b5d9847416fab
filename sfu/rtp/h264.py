"""Where a picture of H.264 can be joined (RFC 6184, section 5)."""

from __future__ import annotations

from sfu.rtp.packet import RtpError

_IDR = 5
_SPS = 7
_STAP_A = 24
_FU_A = 28

_JOINABLE = (_IDR, _SPS)
"""Parameter sets come right before their IDR picture, in packets of their own or in one with it;
who begins at the IDR slice has missed them."""


def is_keyframe(payload: bytes) -> bool:
    """Whether the packet holds the beginning of an IDR picture, or the SPS before it.

    Packetization modes 0 and 1: single NAL units, STAP-A and FU-A. Raises RtpError if malformed.
    """
    if not payload:
        raise RtpError("empty H.264 payload")
    kind = payload[0] & 0x1F
    if kind == _FU_A:
        return _begins_joinable(payload)
    if kind == _STAP_A:
        return _aggregates_joinable(payload)
    return kind in _JOINABLE


def _begins_joinable(payload: bytes) -> bool:
    if len(payload) < 3:
        raise RtpError("truncated FU-A")
    header = payload[1]
    return header & 0x80 != 0 and header & 0x1F in _JOINABLE


def _aggregates_joinable(payload: bytes) -> bool:
    size = len(payload)
    position = 1
    found = False
    while position < size:
        if position + 2 > size:
            raise RtpError("truncated STAP-A")
        length = payload[position] << 8 | payload[position + 1]
        position += 2
        if not 0 < length <= size - position:
            raise RtpError("truncated STAP-A")
        found = found or payload[position] & 0x1F in _JOINABLE
        position += length
    if position == 1:
        raise RtpError("empty STAP-A")
    return found
