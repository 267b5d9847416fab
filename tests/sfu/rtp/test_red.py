"""Redundant audio (RFC 2198)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.rtp.packet import RtpError
from sfu.rtp.red import parse, relabel

OPUS = 111


def write(*blocks: bytes, payload_type: int = OPUS) -> bytes:
    """The last one is the primary."""
    *older, primary = blocks
    heads = b"".join(
        (0x80 << 24 | payload_type << 24 | 960 << 10 | len(block)).to_bytes(4, "big")
        for block in older
    )
    return heads + bytes((payload_type,)) + b"".join(older) + primary


@given(st.lists(st.binary(max_size=1023), min_size=1, max_size=5))
def test_the_primary_block_is_the_last(blocks: list[bytes]) -> None:
    payload = write(*blocks)
    redundant, primary = parse(payload, OPUS)
    assert redundant == (payload, len(blocks))
    assert primary == blocks[-1]


@given(st.lists(st.binary(max_size=100), min_size=1, max_size=5))
def test_relabelled(blocks: list[bytes]) -> None:
    packet = bytearray(b"head" + write(*blocks))
    relabel(packet, 4, len(blocks), 63)
    assert packet == b"head" + write(*blocks, payload_type=63)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        write(b"old", b"new")[:3],
        write(b"old", b"new")[:4],
        write(b"old", b"new")[:7],
        write(b"new", payload_type=110),
        write(b"old", b"", payload_type=110),
        b"\x80\0\0\0" * 300,
    ],
    ids=["empty", "head", "no primary", "block", "another type", "another older type", "heads"],
)
def test_malformed(payload: bytes) -> None:
    with pytest.raises(RtpError):
        parse(payload, OPUS)


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_not(payload: bytes) -> None:
    try:
        redundant, primary = parse(payload, OPUS)
    except RtpError:
        return
    assert payload.endswith(primary)
    relabel(bytearray(payload), 0, redundant.blocks, 63)
