from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.rtp.extensions import build, parse
from sfu.rtp.packet import RtpError

ONE_BYTE = 0xBEDE


@pytest.mark.parametrize(
    ("profile", "block", "elements"),
    [
        (ONE_BYTE, "", {}),
        (ONE_BYTE, "00000000", {}),
        (ONE_BYTE, "1085 2261 6263", {1: b"\x85", 2: b"abc"}),
        (ONE_BYTE, "00 10ff 00 00 30aa 00", {1: b"\xff", 3: b"\xaa"}),
        (ONE_BYTE, "10aa f0bb 20cc", {1: b"\xaa"}),
        (ONE_BYTE, "10aa ff", {1: b"\xaa"}),
        (ONE_BYTE, "10aa 02bbbbbb 20cc", {1: b"\xaa"}),
        (ONE_BYTE, "10aa 10bb", {1: b"\xbb"}),
        (0x1000, "", {}),
        (0x1000, "01 00 02 01 aa 00 00", {1: b"", 2: b"\xaa"}),
        (0x1000, "ff 02 aabb", {255: b"\xaa\xbb"}),
        (0x100F, "01 01 aa 00", {1: b"\xaa"}),
        (0x1010, "01 01 aa 00", {}),
        (0x0000, "01 01 aa 00", {}),
    ],
)
def test_reads_both_forms(profile: int, block: str, elements: dict[int, bytes]) -> None:
    assert parse(profile, bytes.fromhex(block)) == elements


@pytest.mark.parametrize(
    ("profile", "block"),
    [
        (ONE_BYTE, "10"),
        (ONE_BYTE, "12 aabb"),
        (ONE_BYTE, "10aa 21bb"),
        (0x1000, "01"),
        (0x1000, "01 01"),
        (0x1000, "01 ff aabb"),
        (0x1000, "00 00 00 01"),
    ],
)
def test_refuses_elements_that_leave_the_block(profile: int, block: str) -> None:
    with pytest.raises(RtpError):
        parse(profile, bytes.fromhex(block))


@pytest.mark.parametrize(
    ("items", "block"),
    [
        ([], ""),
        ([(1, b"\x85")], "bede0001 10850000"),
        ([(14, b"0123456789abcdef")], "bede0005 ef 30313233343536373839616263646566 000000"),
        ([(3, b"abc"), (4, b"d")], "bede0002 32616263 40640000"),
        ([(15, b"a")], "10000001 0f016100"),
        ([(1, b"")], "10000001 01000000"),
        ([(1, bytes(17))], "10000005 0111" + "00" * 18),
    ],
)
def test_builds_the_smallest_form(items: list[tuple[int, bytes]], block: str) -> None:
    assert build(items) == bytes.fromhex(block)


@pytest.mark.parametrize("item", [(256, b"a"), (1, bytes(256))])
def test_what_fits_no_form_is_our_mistake(item: tuple[int, bytes]) -> None:
    with pytest.raises(ValueError, match="must be in range"):
        build([item])


@given(
    st.dictionaries(st.integers(1, 14), st.binary(min_size=1, max_size=16), min_size=1)
    | st.dictionaries(st.integers(1, 255), st.binary(max_size=255), min_size=1, max_size=5)
)
def test_reads_what_it_has_built(elements: dict[int, bytes]) -> None:
    block = build(list(elements.items()))
    assert len(block) % 4 == 0
    assert int.from_bytes(block[2:4], "big") * 4 == len(block) - 4
    assert parse(int.from_bytes(block[:2], "big"), block[4:]) == elements
