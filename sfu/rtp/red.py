"""Redundant audio (RFC 2198): a packet that repeats earlier ones before its own, primary block."""

from __future__ import annotations

from typing import NamedTuple

from sfu.rtp.packet import RtpError


class Redundant(NamedTuple):
    data: bytes
    """Headers and blocks."""
    blocks: int
    """The primary one included; the headers of all but the last have four bytes."""


def parse(payload: bytes, payload_type: int) -> tuple[Redundant, bytes]:
    """The payload, and its primary block. Raises RtpError if malformed, or if a block is of another
    payload type."""
    blocks, position, repeated = 1, 0, 0
    size = len(payload)
    while position < size and payload[position] & 0x80:
        if position + 4 > size:
            raise RtpError("truncated header of a redundant block")
        if payload[position] & 0x7F != payload_type:
            raise RtpError("a redundant block of another codec")
        repeated += (payload[position + 2] & 0x03) << 8 | payload[position + 3]
        blocks += 1
        position += 4
    if position >= size or payload[position] != payload_type:
        raise RtpError("no primary block")
    primary = position + 1 + repeated
    if primary > size:
        raise RtpError("truncated redundant block")
    return Redundant(payload, blocks), payload[primary:]


def relabel(payload: bytearray | memoryview, offset: int, blocks: int, payload_type: int) -> None:
    """Give the blocks of the payload at `offset` another payload type, in place."""
    for header in range(offset, offset + 4 * blocks, 4):
        payload[header] = payload[header] & 0x80 | payload_type
