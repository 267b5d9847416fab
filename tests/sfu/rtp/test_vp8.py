from __future__ import annotations

import pytest
from aiortc.codecs.vpx import VpxPayloadDescriptor
from hypothesis import given

from sfu.rtp.packet import RtpError
from sfu.rtp.vp8 import describe, patch, rewrite
from tests.sfu.rtp.strategies import Vp8Payload, uint8, uint16, vp8_payloads

KEY, DELTA = "00", "01"
"""First byte of VP8 data: its lowest bit says that the frame is predicted."""


@pytest.mark.parametrize(
    ("payload", "start", "keyframe"),
    [
        ("10" + KEY, True, True),
        ("10" + DELTA, True, False),
        ("00" + KEY, False, False),
        ("11" + KEY, False, False),
        ("30" + KEY, True, True),
        ("9000" + KEY, True, True),
        ("9080 8001" + KEY, True, True),
        ("9080 8001" + DELTA, True, False),
        ("9080 01" + KEY, True, True),
        ("90f0 8001 02 03" + KEY, True, True),
        ("90f0 8001 02 03" + DELTA, True, False),
        ("80f0 8001 02 03" + KEY, False, False),
    ],
)
def test_finds_key_frames(payload: str, start: bool, keyframe: bool) -> None:
    descriptor = describe(bytes.fromhex(payload))
    assert (descriptor.start, descriptor.keyframe) == (start, keyframe)


@given(vp8_payloads)
def test_reads_every_field(payload: Vp8Payload) -> None:
    descriptor = describe(bytes(payload))
    picture = payload.picture_id
    assert descriptor.size == len(payload.descriptor)
    assert descriptor.start is (payload.start and payload.partition == 0)
    assert descriptor.keyframe is (descriptor.start and payload.data[0] & 1 == 0)
    assert descriptor.picture_id == (picture and picture.value)
    assert descriptor.picture_id_bits == (picture.bits if picture else 0)
    assert descriptor.tl0picidx == payload.tl0picidx
    assert descriptor.temporal == payload.temporal
    assert descriptor.layer_sync is (payload.layer_sync and payload.temporal is not None)


@given(vp8_payloads)
def test_agrees_with_aiortc(payload: Vp8Payload) -> None:
    other, data = VpxPayloadDescriptor.parse(bytes(payload))
    descriptor = describe(bytes(payload))
    assert descriptor.picture_id == other.picture_id
    assert descriptor.tl0picidx == other.tl0picidx
    assert descriptor.temporal == (other.tid and other.tid[0])
    assert bytes(payload)[descriptor.size :] == data


@given(vp8_payloads, uint16, uint8)
def test_rewriting_changes_two_numbers_only(
    payload: Vp8Payload, picture_id: int, tl0picidx: int
) -> None:
    before = describe(bytes(payload))
    rewritten = rewrite(bytes(payload), before, picture_id, tl0picidx)
    after = describe(rewritten)
    if before.picture_id is not None:
        assert after.picture_id == picture_id % (1 << before.picture_id_bits)
    if before.tl0picidx is not None:
        assert after.tl0picidx == tl0picidx
    assert after._replace(picture_id=None, tl0picidx=None) == before._replace(
        picture_id=None, tl0picidx=None
    )
    restored = rewrite(rewritten, after, before.picture_id or 0, before.tl0picidx or 0)
    assert restored == bytes(payload)


def test_patches_in_place_behind_a_header() -> None:
    packet = bytearray(b"header" + bytes.fromhex("90c0 8001 02 00"))
    patch(packet, 6, describe(bytes(packet[6:])), 0x7FFF, 0x103)
    assert packet == b"header" + bytes.fromhex("90c0 ffff 03 00")


@given(vp8_payloads)
def test_refuses_a_descriptor_cut_anywhere(payload: Vp8Payload) -> None:
    for length in range(len(payload.descriptor) + 1):
        with pytest.raises(RtpError):
            describe(bytes(payload)[:length])
