from __future__ import annotations

import pytest
from hypothesis import given

from sfu.rtp.packet import RtpError
from sfu.rtp.vp9 import describe, rewrite
from tests.sfu.rtp.strategies import Vp9Payload, uint8, uint16, vp9_payloads


@pytest.mark.parametrize(
    ("payload", "keyframe"),
    [
        ("08 aa", True),
        ("00 aa", False),
        ("48 aa", False),
        ("0c aa", True),
        # With layers: only the lowest spatial one begins a picture.
        ("28 00 05 aa", True),
        ("28 02 05 aa", False),
        ("28 e0 05 aa", True),
        # As Chromium sends it: picture id, layers, scalability structure.
        ("aa 8123 00 05 18 0280 0168 01 00 aa", True),
        ("ec 8123 00 05 aa", False),
    ],
)
def test_finds_key_frames(payload: str, keyframe: bool) -> None:
    assert describe(bytes.fromhex(payload)).keyframe is keyframe


@given(vp9_payloads)
def test_reads_every_field(payload: Vp9Payload) -> None:
    descriptor = describe(bytes(payload))
    picture, layers = payload.picture_id, payload.layers
    assert descriptor.size == len(payload.descriptor)
    assert (descriptor.start, descriptor.end) == (payload.start, payload.end)
    assert descriptor.picture_id == (picture and picture.value)
    assert descriptor.picture_id_bits == (picture.bits if picture else 0)
    assert descriptor.temporal == (layers and layers.temporal)
    assert descriptor.spatial == (layers and layers.spatial)
    assert descriptor.switch_up is bool(layers and layers.switch_up)
    indexed = layers if layers and not payload.flexible else None
    assert descriptor.tl0picidx == (indexed and indexed.tl0picidx)
    assert descriptor.keyframe is (
        payload.start and not payload.inter and (layers is None or layers.spatial == 0)
    )


@given(vp9_payloads, uint16, uint8)
def test_rewriting_changes_two_numbers_only(
    payload: Vp9Payload, picture_id: int, tl0picidx: int
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


@given(vp9_payloads)
def test_refuses_a_descriptor_cut_anywhere(payload: Vp9Payload) -> None:
    for length in range(len(payload.descriptor) + 1):
        with pytest.raises(RtpError):
            describe(bytes(payload)[:length])


def test_refuses_a_fourth_reference() -> None:
    with pytest.raises(RtpError, match="three"):
        describe(bytes.fromhex("50 03 05 07 08 aa"))
