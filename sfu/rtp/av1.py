"""Where a picture of AV1 can be joined ("RTP Payload Format For AV1" of AOMedia, sections 4.3-4.4).

The payload is one aggregation header, `Z Y W W N - - -`, and OBU elements; each element but
possibly the last has its length before it (leb128).
"""

from __future__ import annotations

from sfu.rtp.packet import RtpError

_SEQUENCE_HEADER = 1
_MAX_LEB128_BYTES = 8


def is_keyframe(payload: bytes) -> bool:
    """Whether a coded video sequence begins here: the N bit, or a sequence header OBU.

    Raises RtpError if malformed.
    """
    if len(payload) < 2:
        raise RtpError("truncated AV1 payload")
    aggregation = payload[0]
    continued = aggregation & 0x80
    if aggregation & 0x08:
        if continued:
            raise RtpError("a coded video sequence that begins with a continued OBU")
        return True
    return _holds_sequence_header(payload, aggregation >> 4 & 0x03, bool(continued))


def _holds_sequence_header(payload: bytes, count: int, continued: bool) -> bool:
    size = len(payload)
    position = 1
    index = 0
    found = False
    while position < size:
        index += 1
        length = size - position
        if index != count:
            length, position = _leb128(payload, position)
        if not 0 < length <= size - position:
            raise RtpError("truncated OBU element")
        if index > 1 or not continued:
            found = found or payload[position] >> 3 & 0x0F == _SEQUENCE_HEADER
        position += length
    if index < count:
        raise RtpError("fewer OBU elements than announced")
    return found


def _leb128(payload: bytes, position: int) -> tuple[int, int]:
    """The number at `position`, and the position after it."""
    value = 0
    for shift, byte in enumerate(payload[position : position + _MAX_LEB128_BYTES]):
        value |= (byte & 0x7F) << 7 * shift
        if byte < 0x80:
            return value, position + shift + 1
    raise RtpError("truncated leb128")
