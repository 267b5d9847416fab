"""RTP header extensions: the one-byte and two-byte forms (RFC 8285, sections 4.2 and 4.3).

A stream may mix both forms (`extmap-allow-mixed`), so the form is read from each packet.
"""

from __future__ import annotations

from collections.abc import Sequence

from sfu.rtp.packet import EXTENSION_HEADER, RtpError

ONE_BYTE = 0xBEDE
TWO_BYTE = 0x1000
"""Upper twelve bits; the lower four are the application's and mean nothing to us."""


def parse(profile: int, block: bytes) -> dict[int, bytes]:
    """Elements by local identifier; of equal identifiers the last wins.

    `block` is what follows profile and length. A profile of neither form has no elements that we
    could understand: empty. Raises RtpError where an element leaves the block.
    """
    if profile == ONE_BYTE:
        return _parse_one_byte(block)
    if profile & 0xFFF0 == TWO_BYTE:
        return _parse_two_byte(block)
    return {}


def _parse_one_byte(block: bytes) -> dict[int, bytes]:
    elements = {}
    position = 0
    size = len(block)
    while position < size:
        head = block[position]
        position += 1
        if head == 0:
            continue
        identifier = head >> 4
        if identifier in (0, 15):
            # 0 with a length, and 15: what follows must not be looked at.
            break
        end = position + (head & 0x0F) + 1
        if end > size:
            raise RtpError("truncated one-byte extension")
        elements[identifier] = block[position:end]
        position = end
    return elements


def _parse_two_byte(block: bytes) -> dict[int, bytes]:
    elements = {}
    position = 0
    size = len(block)
    while position < size:
        identifier = block[position]
        position += 1
        if identifier == 0:
            continue
        if position == size:
            raise RtpError("truncated two-byte extension")
        start = position + 1
        position = start + block[position]
        if position > size:
            raise RtpError("truncated two-byte extension")
        elements[identifier] = block[start:position]
    return elements


def build(items: Sequence[tuple[int, bytes]]) -> bytes:
    """The whole block, profile and length included, padded to 32 bits; empty for no items.

    One-byte form if all items fit it. Raises ValueError for an id or a length above 255.
    """
    if not items:
        return b""
    if all(identifier < 15 and 0 < len(value) <= 16 for identifier, value in items):
        profile = ONE_BYTE
        body = b"".join(
            bytes((identifier << 4 | len(value) - 1,)) + value for identifier, value in items
        )
    else:
        profile = TWO_BYTE
        body = b"".join(bytes((identifier, len(value))) + value for identifier, value in items)
    words = (len(body) + 3) >> 2
    return EXTENSION_HEADER.pack(profile, words) + body.ljust(4 * words, b"\0")
