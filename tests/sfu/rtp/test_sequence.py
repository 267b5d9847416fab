from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.rtp.sequence import Unwrapper, distance16, distance32, newer16, newer32
from tests.sfu.rtp.strategies import uint16, uint32


@pytest.mark.parametrize(
    ("a", "b", "distance"),
    [
        (0, 0, 0),
        (1, 0, 1),
        (0, 1, -1),
        (0, 0xFFFF, 1),
        (0xFFFF, 0, -1),
        (5, 0xFFFB, 10),
        (0x7FFF, 0, 0x7FFF),
        (0x8001, 0, -0x7FFF),
        (0x8000, 0, -0x8000),
        (0, 0x8000, -0x8000),
    ],
)
def test_distances_wrap_around(a: int, b: int, distance: int) -> None:
    assert distance16(a, b) == distance
    assert newer16(a, b) is (distance > 0)
    # The same circle, 2^16 times as large.
    assert distance32(a << 16, b << 16) == distance << 16
    assert newer32(a << 16, b << 16) is (distance > 0)


@given(uint16, st.integers(-0x7FFF, 0x7FFF))
def test_distance16_undoes_a_step(start: int, step: int) -> None:
    assert distance16(start + step & 0xFFFF, start) == step


@given(uint32, st.integers(-0x7FFF_FFFF, 0x7FFF_FFFF))
def test_distance32_undoes_a_step(start: int, step: int) -> None:
    assert distance32(start + step & 0xFFFF_FFFF, start) == step


@given(uint16, uint16)
def test_of_two_numbers_at_most_one_is_newer(a: int, b: int) -> None:
    assert not (newer16(a, b) and newer16(b, a))


@pytest.mark.parametrize(
    ("wrapped", "extended"),
    [
        ([0], [0x10000]),
        ([5, 6, 7], [0x10005, 0x10006, 0x10007]),
        ([0xFFFE, 0xFFFF, 0, 1], [0x1FFFE, 0x1FFFF, 0x20000, 0x20001]),
        ([0xFFFF, 1, 0, 2], [0x1FFFF, 0x20001, 0x20000, 0x20002]),
        ([2, 0xFFFF, 3], [0x10002, 0xFFFF, 0x10003]),
        ([0, 0x7FFF, 0xFFFE, 0x7FFD], [0x10000, 0x17FFF, 0x1FFFE, 0x27FFD]),
        ([1, 1], [0x10001, 0x10001]),
    ],
)
def test_unwraps(wrapped: list[int], extended: list[int]) -> None:
    unwrapper = Unwrapper()
    assert [unwrapper.unwrap(value) for value in wrapped] == extended
    assert unwrapper.highest == max(extended)


def test_unwraps_32_bits() -> None:
    unwrapper = Unwrapper(32)
    numbers = [unwrapper.unwrap(value) for value in (0xFFFF_FFFF, 0, 0xFFFF_FFFE)]
    assert numbers == [0x1_FFFF_FFFF, 0x2_0000_0000, 0x1_FFFF_FFFE]


@given(uint16, st.lists(st.integers(-0x7FFF, 0x7FFF), max_size=30))
def test_unwrapping_follows_steps_from_the_highest(first: int, steps: list[int]) -> None:
    unwrapper = Unwrapper()
    highest = unwrapper.unwrap(first)
    for step in steps:
        number = highest + step
        assert unwrapper.unwrap(number & 0xFFFF) == number
        assert number > 0
        highest = max(highest, number)


@given(st.lists(uint16))
def test_unwrapping_never_goes_below_zero(values: list[int]) -> None:
    unwrapper = Unwrapper()
    for value in values:
        number = unwrapper.unwrap(value)
        assert number >= 0
        assert number & 0xFFFF == value
