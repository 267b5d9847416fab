"""What a datagram is, seen from its first bytes (RFC 7983), and whose STUN message it is.

Only bytes are looked at here: nothing is authenticated yet, so nothing here has a memory.
"""

from __future__ import annotations

from enum import Enum, auto
from struct import Struct

_STUN_HEADER = Struct("!HHI")
_STUN_HEADER_SIZE = 20
_MAGIC_COOKIE = 0x2112A442
_ATTRIBUTE = Struct("!HH")
_USERNAME = 0x0006
_MAX_USERNAME = 512


class Protocol(Enum):
    STUN = auto()
    DTLS = auto()
    RTP = auto()
    RTCP = auto()


class StunError(Exception):
    """The bytes are no STUN message (RFC 8489, section 5)."""


def classify(data: bytes) -> Protocol | None:
    """The protocol of a datagram; None for TURN channels, ZRTP and noise (RFC 7983, section 7).

    RTP and RTCP share a port by their second byte (RFC 5761, section 4).
    """
    first = data[0]
    if 127 < first < 192:
        if len(data) < 2:
            return None
        return Protocol.RTCP if 191 < data[1] < 224 else Protocol.RTP
    if first < 4:
        return Protocol.STUN
    if 19 < first < 64:
        return Protocol.DTLS
    return None


def stun_ufrag(data: bytes) -> str | None:
    """The receiver's half of USERNAME (RFC 8445, section 7.2.2); None for a message without one.

    Raises StunError if malformed as far as it was read: up to USERNAME, or to the end.
    """
    size = len(data)
    if size < _STUN_HEADER_SIZE:
        raise StunError("shorter than the header")
    _, length, cookie = _STUN_HEADER.unpack_from(data)
    if cookie != _MAGIC_COOKIE or length & 3 or length != size - _STUN_HEADER_SIZE:
        raise StunError("bad header")
    position = _STUN_HEADER_SIZE
    while position < size:
        kind, length = _ATTRIBUTE.unpack_from(data, position)
        position += 4
        if length > size - position:
            raise StunError("truncated attribute")
        if kind == _USERNAME:
            return _first_half(data[position : position + length])
        position += (length + 3) & ~3
    return None


def _first_half(username: bytes) -> str:
    if len(username) > _MAX_USERNAME:
        raise StunError("USERNAME is too long")
    try:
        return username.split(b":", 1)[0].decode("ascii")
    except UnicodeDecodeError:
        raise StunError("USERNAME is no ufrag") from None
