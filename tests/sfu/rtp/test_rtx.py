from __future__ import annotations

import aiortc.rtp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.rtp import extensions, packet, rtx
from sfu.rtp.packet import RtpError
from tests.sfu.rtp.strategies import uint16


@given(uint16, st.binary(max_size=30), st.booleans())
def test_a_wrapped_packet_is_the_original_again(
    sequence: int, payload: bytes, marker: bool
) -> None:
    block = extensions.build([(1, b"\x05")])
    wire = packet.build(97, marker, 7, 1234, 99, rtx.wrap(sequence, payload), block, b"csrc")
    original = rtx.unwrap(packet.parse(wire), 96, 42)
    assert (original.payload_type, original.ssrc) == (96, 42)
    assert (original.sequence, original.timestamp) == (sequence, 1234)
    assert original.marker is marker
    assert original.payload == payload
    assert (original.csrcs, original.extension_profile) == (b"csrc", 0xBEDE)
    assert extensions.parse(0xBEDE, original.extension) == {1: b"\x05"}


def test_agrees_with_aiortc() -> None:
    original = aiortc.rtp.RtpPacket(96, 1, 0xFFFF, 1234, 42, b"payload")
    resent = aiortc.rtp.wrap_rtx(original, 97, 7, 99)
    assert resent.payload == rtx.wrap(0xFFFF, b"payload")
    unwrapped = rtx.unwrap(packet.parse(resent.serialize()), 96, 42)
    assert (unwrapped.sequence, unwrapped.payload) == (0xFFFF, b"payload")


def padded(payload: bytes, padding: int) -> packet.RtpPacket:
    wire = bytearray(packet.build(97, False, 7, 1234, 99, payload + bytes(padding)))
    wire[0] |= 0x20
    wire[-1] = padding
    return packet.parse(bytes(wire))


def test_padding_stays_padding() -> None:
    assert rtx.unwrap(padded(rtx.wrap(5, b"payload"), 9), 96, 42).payload == b"payload"


@pytest.mark.parametrize("payload", [b"", b"\x01"])
def test_refuses_probes_that_are_padding_only(payload: bytes) -> None:
    with pytest.raises(RtpError):
        rtx.unwrap(padded(payload, 200), 96, 42)
    with pytest.raises(RtpError):
        rtx.unwrap(packet.parse(packet.build(97, False, 7, 1234, 99, payload)), 96, 42)
