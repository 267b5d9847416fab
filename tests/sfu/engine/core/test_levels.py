"""Who speaks, and how loud, is the same as by `sfu.rtp.levels`."""

from __future__ import annotations

import ctypes
from ctypes import byref

from hypothesis import given, settings
from hypothesis import strategies as st

from sfu.rtp import levels
from tests.sfu.engine.core.library import LevelMeter
from tests.sfu.rtp.strategies import uint8

values = uint8 | st.sampled_from([40, 41, 0x80 | 50, 0x80 | 51, 10, 10, 127])
taken = st.booleans() | st.just(False)
elapsed = st.sampled_from([0.02, 0.02, 0.02, 0.0, 0.5, 0.51, 0.1]) | st.floats(0, 1)


@settings(max_examples=250)
@given(
    start=st.sampled_from([0.0, 0.3, 1000.0]),
    packets=st.lists(st.tuples(values, elapsed, elapsed, taken), max_size=60),
)
def test_same_course(
    core: ctypes.CDLL, start: float, packets: list[tuple[int, float, float, bool]]
) -> None:
    meter, other = LevelMeter(), levels.LevelMeter()
    core.level_meter_init(byref(meter))
    now = start
    assert core.level_meter_level(byref(meter), now) == other.level(now)
    for value, pause, wait, take in packets:
        now += pause
        onset = core.level_meter_update(byref(meter), value, now)
        assert onset == other.update(*levels.parse(bytes([value])), now)
        assert meter.speaking == other.speaking
        assert core.level_meter_level(byref(meter), now + wait) == other.level(now + wait)
        if take:
            assert take_recent(core, meter) == other.take_recent()
    assert take_recent(core, meter) == other.take_recent()


def take_recent(core: ctypes.CDLL, meter: LevelMeter) -> bytes:
    recent = ctypes.create_string_buffer(levels.RECENT)
    count = core.level_meter_take_recent(byref(meter), recent)
    return recent.raw[:count]


def test_half_a_level_is_rounded_to_even(core: ctypes.CDLL) -> None:
    meter = LevelMeter(has_packet=True)
    for smooth, level in ((0.5, 0), (1.5, 2), (2.5, 2), (126.5, 126)):
        meter.smooth = smooth
        assert core.level_meter_level(byref(meter), 0.0) == level
