"""Payloads are described, and pictures patched, as by `sfu.engine.payload` and `sfu.rtp`."""

from __future__ import annotations

import ctypes
from ctypes import byref

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sfu.engine import payload
from sfu.engine.interface import Codec
from sfu.engine.media import Layer, Picture
from sfu.rtp import vp8, vp9
from sfu.rtp.packet import RtpError
from tests.sfu.engine.core.library import Description, Edge
from tests.sfu.engine.core.strategies import payloads
from tests.sfu.rtp.strategies import uint8, uint16, vp8_payloads, vp9_payloads

NUMBERS = {codec: number for number, codec in enumerate(Codec)}


def describe_by_python(codec: Codec, data: bytes) -> payload.Description | None:
    try:
        return payload.describe(codec, data)
    except RtpError:
        return None


def describe_by_c(
    core: ctypes.CDLL, edge: Edge, codec: Codec, data: bytes
) -> payload.Description | None:
    found = Description()
    if not core.payload_describe(NUMBERS[codec], edge.put(data), len(data), byref(found)):
        return None
    return payload.Description(
        found.joinable,
        picture_of(found) if found.has_picture else None,
        layer_of(found) if found.has_placing else None,
    )


def picture_of(found: Description) -> Picture:
    picture = found.picture
    return Picture(
        picture.picture_id,
        picture.tl0picidx,
        picture.wide,
        picture.picture_id_at,
        picture.tl0picidx_at,
    )


def layer_of(found: Description) -> Layer:
    placing = found.placing
    return Layer(
        placing.layer.spatial,
        placing.layer.temporal,
        placing.begins,
        placing.ends,
        placing.sync,
        placing.switch_up,
        placing.independent,
    )


@pytest.mark.parametrize("codec", Codec)
@settings(max_examples=300)
@given(data=st.data())
def test_same_description(core: ctypes.CDLL, edge: Edge, codec: Codec, data: st.DataObject) -> None:
    wire = data.draw(payloads[codec.name])
    assert describe_by_c(core, edge, codec, wire) == describe_by_python(codec, wire)


@pytest.mark.parametrize("codec", Codec)
def test_same_description_of_all_short_beginnings(
    core: ctypes.CDLL, edge: Edge, codec: Codec
) -> None:
    for first in range(256):
        for rest in (b"", b"\0", b"\xff", b"\x85\x01", b"\x10\0\0", b"\xff\xff\xff\xff", bytes(9)):
            wire = bytes([first]) + rest
            assert describe_by_c(core, edge, codec, wire) == describe_by_python(codec, wire)


@pytest.mark.parametrize(
    ("codec", "wire"),
    [
        (Codec.VP8, "90f0 8123 45 e1 00"),
        (Codec.VP9, "ba 8123 45 67 38 0280 0168 0280 0168 02 04 01 08 0203 aa"),
        (Codec.VP9, "d0 8123 03 03 02 aa"),
        (Codec.VP9, "d0 8123 03 03 03 02 aa"),
        (Codec.H264, "78 0002 6742 0002 68ce 0003 6588ff"),
        (Codec.H264, "7c85ff"),
        (Codec.AV1, "00 02 08aa 03 30bbbb"),
        (Codec.AV1, "20 02 28aa 08aa"),
        (Codec.AV1, "00 82808080808000 08aa"),
        (Codec.AV1, "00 8280808080808000 08aa"),
        (Codec.AV1, "00 828080808080808000 08aa"),
    ],
)
def test_same_description_of_each_beginning(
    core: ctypes.CDLL, edge: Edge, codec: Codec, wire: str
) -> None:
    whole = bytes.fromhex(wire)
    for size in range(len(whole) + 1):
        data = whole[:size]
        assert describe_by_c(core, edge, codec, data) == describe_by_python(codec, data)


@pytest.mark.parametrize("codec", Codec)
def test_same_description_of_nothing_and_of_long_repetitions(
    core: ctypes.CDLL, edge: Edge, codec: Codec
) -> None:
    for wire in (b"", *(bytes([value]) * 1500 for value in range(256))):
        assert describe_by_c(core, edge, codec, wire) == describe_by_python(codec, wire)


@pytest.mark.parametrize("codec", ["vp8", "vp9", "h264", "av1"])
def test_nothing_is_of_no_codec(core: ctypes.CDLL, edge: Edge, codec: str) -> None:
    assert not getattr(core, f"{codec}_describe")(edge.put(b""), 0, byref(Description()))


@settings(max_examples=300)
@given(vp8_payloads.map(bytes) | vp9_payloads.map(bytes), st.booleans(), uint16, uint8)
def test_same_patch(
    core: ctypes.CDLL, wire: bytes, is_vp8: bool, picture_id: int, tl0picidx: int
) -> None:
    try:
        descriptor = vp8.describe(wire) if is_vp8 else vp9.describe(wire)
    except RtpError:
        assume(False)
    found = Description()
    codec = NUMBERS[Codec.VP8 if is_vp8 else Codec.VP9]
    patched = ctypes.create_string_buffer(wire, len(wire))
    assert core.payload_describe(codec, patched, len(wire), byref(found))
    core.picture_patch(patched, byref(found.picture), picture_id, tl0picidx)
    assert patched.raw == vp8.rewrite(wire, descriptor, picture_id, tl0picidx)
