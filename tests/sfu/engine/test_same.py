"""Every engine does what the reference engine does, whatever the meeting."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sfu.engine.numbers import InitialNumbers
from sfu.engine.reference import ReferenceEngine
from tests.sfu.engine.conftest import ENGINES
from tests.support.same import NUMBERS, both, equal_numbers
from tests.support.script import strategies
from tests.support.script.scenes import BEGINNING, SCENES
from tests.support.script.world import Step, World

UNIX = 1_700_000_000.123456
"""Unix time (seconds) at which the engines' clocks were 0."""
NTP_BEGINS_AGAIN = 2_085_978_496.0
"""Unix time (seconds), in 2036; the meetings begin when the clocks are at 1,000."""

initial_numbers = st.builds(
    InitialNumbers,
    st.sampled_from([0, 7, 0x3FFF, 0xFFF0]),
    st.sampled_from([0, 77, 0x7FFF_FFFF, 0xFFFF_F000]),
    st.sampled_from([0, 0xFFFE]),
)

others = pytest.mark.parametrize("other", sorted(set(ENGINES) - {"reference"}))


def compare(
    other: str, steps: list[Step], numbers: InitialNumbers = NUMBERS, unix: float = UNIX
) -> None:
    with equal_numbers(numbers):
        World(both(ReferenceEngine(unix), ENGINES[other](unix))).run(steps)


@others
@settings(max_examples=100)
@given(strategies.scripts(30), initial_numbers, st.sampled_from([0.0, UNIX]))
def test_any_meeting(other: str, steps: list[Step], numbers: InitialNumbers, unix: float) -> None:
    compare(other, steps, numbers, unix)


@others
@pytest.mark.parametrize("theme", strategies.THEMES)
def test_meeting_in_which(other: str, theme: str) -> None:
    @settings(max_examples=25)
    @given(strategies.scripts(30, theme))
    def run(steps: list[Step]) -> None:
        compare(other, steps)

    run()


@others
@pytest.mark.parametrize("scene", SCENES)
def test_scene(other: str, scene: str) -> None:
    compare(other, [*BEGINNING, *SCENES[scene]])


@others
def test_clocks_when_ntp_begins_again(other: str) -> None:
    compare(other, [*BEGINNING, *SCENES["clocks disagree"]], unix=NTP_BEGINS_AGAIN - 1000 - 2.3)
