"""Redundant audio is read and relabelled as by `sfu.rtp.red`."""

from __future__ import annotations

import ctypes
from ctypes import byref

from hypothesis import given, settings
from hypothesis import strategies as st

from sfu.rtp import red
from sfu.rtp.packet import RtpError
from tests.sfu.engine.core.library import Edge, Red
from tests.sfu.engine.core.strategies import damaged
from tests.sfu.rtp.test_red import OPUS, write

payloads = st.lists(st.binary(max_size=40), min_size=1, max_size=5).map(lambda all_: write(*all_))


@settings(max_examples=500)
@given(damaged(payloads) | st.binary(max_size=20), st.sampled_from([OPUS, 63]))
def test_same_reading(core: ctypes.CDLL, edge: Edge, payload: bytes, payload_type: int) -> None:
    found = Red()
    good = core.red_read(edge.put(payload), len(payload), payload_type, byref(found))
    try:
        redundant, primary = red.parse(payload, payload_type)
    except RtpError:
        assert not good
        return
    assert good
    assert found.blocks == redundant.blocks
    assert payload[found.primary :] == primary


@given(payloads, st.integers(0, 127))
def test_same_relabelling(core: ctypes.CDLL, payload: bytes, payload_type: int) -> None:
    found = Red()
    relabelled = ctypes.create_string_buffer(payload, len(payload))
    assert core.red_read(relabelled, len(payload), OPUS, byref(found))
    core.red_relabel(relabelled, found, payload_type)
    expected = bytearray(payload)
    red.relabel(expected, 0, found.blocks, payload_type)
    assert relabelled.raw == bytes(expected)
