"""Frames as a peer reads them."""

from __future__ import annotations

import pytest

from signaling.frames import text_frames


def read(data: bytes) -> list[bytes]:
    """The payloads of unmasked final text frames (RFC 6455, section 5.2)."""
    found = []
    while data:
        assert data[0] == 0b1000_0001
        size, begin = data[1], 2
        assert size < 128
        if size > 125:
            begin = 4 if size == 126 else 10
            size = int.from_bytes(data[2:begin], "big")
            assert size > (125 if begin == 4 else 65_535)
        found.append(data[begin : begin + size])
        data = data[begin + size :]
    return found


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 128, 65_535, 65_536, 1_000_000])
def test_each_message_is_a_frame(size: int) -> None:
    messages = [b"before", b"x" * size, b"after"]
    assert read(text_frames(messages)) == messages
