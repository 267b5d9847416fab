from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.rtp.av1 import is_keyframe
from sfu.rtp.packet import RtpError

SEQUENCE_HEADER, FRAME, METADATA = b"\x08aa", b"\x30bb", b"\x28cc"


def leb128(value: int) -> bytes:
    wire = b""
    while value > 0x7F:
        wire += bytes([value & 0x7F | 0x80])
        value >>= 7
    return wire + bytes([value])


def aggregate(elements: list[bytes], count: int, first: int = 0) -> bytes:
    """`count` is the W field: 0, or the number of elements, of which the last has no length."""
    wire = bytes([first | count << 4])
    for index, element in enumerate(elements, 1):
        wire += element if index == count else leb128(len(element)) + element
    return wire


@pytest.mark.parametrize(
    ("payload", "keyframe"),
    [
        ("08 30aa", True),
        ("18 08aa", True),
        ("10 08aa", True),
        ("10 0aaa", True),
        ("10 30aa", False),
        ("00 02 08aa", True),
        ("00 02 30aa 02 08aa", True),
        ("00 02 30aa", False),
        ("20 02 28aa 08aa", True),
        ("20 02 28aa 30aa", False),
        # The rest of an OBU from the packet before, whose bytes look like a sequence header.
        ("90 08aa", False),
        ("80 02 08aa", False),
        ("a0 02 08aa 08aa", True),
        ("00 8200 08aa", True),
    ],
)
def test_finds_where_to_join(payload: str, keyframe: bool) -> None:
    assert is_keyframe(bytes.fromhex(payload)) is keyframe


@pytest.mark.parametrize(
    "payload",
    [
        "",
        "10",
        "08",
        "88 30aa",
        "00 03 30aa",
        "00 00",
        "00 02 30aa 00",
        "00 ffffffffffffffff 01 30",
        "00 80",
        "20 02 30aa",
        "30 01 30",
    ],
)
def test_refuses_what_is_malformed(payload: str) -> None:
    with pytest.raises(RtpError):
        is_keyframe(bytes.fromhex(payload))


elements = st.sampled_from([SEQUENCE_HEADER, FRAME, METADATA, FRAME * 100])


@given(st.lists(elements, min_size=1, max_size=5), st.booleans(), st.booleans())
def test_finds_a_sequence_header_among_others(
    units: list[bytes], counted: bool, continued: bool
) -> None:
    count = len(units) if counted and len(units) <= 3 else 0
    payload = aggregate(units, count, 0x80 if continued else 0)
    assert is_keyframe(payload) is (SEQUENCE_HEADER in units[continued:])
