"""WebSocket frames as a server sends them: unmasked, whole (RFC 6455, section 5.2)."""

from __future__ import annotations

from collections.abc import Iterable

_FINAL_TEXT = 0x81


def text_frames(messages: Iterable[bytes]) -> bytes:
    """A frame for each text message, to be sent by one write."""
    parts: list[bytes] = []
    for message in messages:
        parts += (_header(len(message)), message)
    return b"".join(parts)


def _header(size: int) -> bytes:
    if size < 126:
        return bytes((_FINAL_TEXT, size))
    if size < 1 << 16:
        return bytes((_FINAL_TEXT, 126)) + size.to_bytes(2, "big")
    return bytes((_FINAL_TEXT, 127)) + size.to_bytes(8, "big")
