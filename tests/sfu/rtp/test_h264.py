from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.rtp.h264 import is_keyframe
from sfu.rtp.packet import RtpError

SLICE, IDR, SEI, SPS, PPS = "41aa", "65aa", "06aa", "67aa", "68aa"


def stap(*units: str) -> str:
    return "78" + "".join(f"{len(bytes.fromhex(unit)):04x}{unit}" for unit in units)


@pytest.mark.parametrize(
    ("payload", "keyframe"),
    [
        (SLICE, False),
        (IDR, True),
        ("25aa", True),
        (SEI, False),
        (SPS, True),
        (PPS, False),
        (stap(SPS, PPS), True),
        (stap(SPS, PPS, IDR), True),
        (stap(SEI, IDR), True),
        (stap(SEI, SLICE), False),
        (stap(PPS), False),
        ("7c85aa", True),
        ("7c05aa", False),
        ("7c45aa", False),
        ("7c87aa", True),
        ("7c81aa", False),
        # What no mode of ours may use, and what is not assigned.
        ("79 0000 0002 65aa", False),
        ("5d85aa", False),
        ("5faa", False),
    ],
)
def test_finds_where_to_join(payload: str, keyframe: bool) -> None:
    assert is_keyframe(bytes.fromhex(payload)) is keyframe


@pytest.mark.parametrize(
    "payload", ["", "7c", "7c85", "78", "7800", "780000", "78000167 00", "780002 67", "78ffff 67"]
)
def test_refuses_what_is_malformed(payload: str) -> None:
    with pytest.raises(RtpError):
        is_keyframe(bytes.fromhex(payload))


@given(st.lists(st.sampled_from([SLICE, IDR, SEI, SPS, PPS, "61" * 300]), min_size=1))
def test_an_aggregate_is_joined_where_one_of_its_units_is(units: list[str]) -> None:
    payload = bytes.fromhex(stap(*units))
    assert is_keyframe(payload) is any(is_keyframe(bytes.fromhex(unit)) for unit in units)
    for length in range(1, len(bytes.fromhex(units[-1])) + 2):
        if length < len(payload) - 1:
            with pytest.raises(RtpError):
                is_keyframe(payload[:-length])
