"""Compounds are read, and packets written, as by `sfu.rtp.rtcp`."""

from __future__ import annotations

import ctypes
from ctypes import byref
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sfu.rtp import rtcp
from tests.sfu.engine.core.library import (
    Edge,
    KeyframeWantedFunction,
    NackFunction,
    RembFunction,
    ReportBlock,
    ReportBlockFunction,
    RtcpListener,
    SenderReportFunction,
)
from tests.sfu.engine.core.strategies import report_block_fields, rtcp_compounds
from tests.sfu.rtp.strategies import uint16, uint32, uint64

Heard = list[tuple[Any, ...]]


def read_by_python(data: bytes) -> Heard | None:
    try:
        packets = rtcp.parse(data)
    except rtcp.RtcpError:
        return None
    return [heard for item in packets for heard in told(item)]


def told(item: rtcp.Packet) -> Heard:
    """What the listener must hear of a packet."""
    if isinstance(item, rtcp.SenderReport):
        info = item.sender_info
        head = ("sender report", item.ssrc, info.ntp_timestamp, info.rtp_timestamp)
        return [head, *blocks(item.reports)]
    if isinstance(item, rtcp.ReceiverReport):
        return blocks(item.reports)
    if isinstance(item, rtcp.Nack):
        return [("nack", item.media_ssrc, list(item.lost))]
    if isinstance(item, rtcp.Pli):
        return [("keyframe", item.media_ssrc)]
    if isinstance(item, rtcp.Fir):
        return [("keyframe", ssrc) for ssrc, _ in item.requests]
    return [("remb", item.bitrate)] if isinstance(item, rtcp.Remb) else []


def blocks(reports: list[rtcp.ReportBlock]) -> Heard:
    return [("block", *fields_of(report)) for report in reports]


def fields_of(block: ReportBlock | rtcp.ReportBlock) -> tuple[int, ...]:
    names = ("ssrc", "fraction_lost", "packets_lost", "highest_sequence", "jitter", "lsr", "dlsr")
    return tuple(getattr(block, name) for name in names)


def read_by_c(core: ctypes.CDLL, edge: Edge, data: bytes) -> Heard | None:
    heard: Heard = []
    listener = RtcpListener(
        SenderReportFunction(lambda _, *report: heard.append(("sender report", *report))),
        ReportBlockFunction(lambda _, block: heard.append(("block", *fields_of(block.contents)))),
        NackFunction(lambda _, ssrc, lost, count: heard.append(("nack", ssrc, lost[:count]))),
        KeyframeWantedFunction(lambda _, ssrc: heard.append(("keyframe", ssrc))),
        RembFunction(lambda _, bitrate: heard.append(("remb", bitrate))),
    )
    good = core.rtcp_read(edge.put(data), len(data), byref(listener), None)
    assert good or not heard, "heard of a malformed compound"
    assert core.rtcp_read(edge.put(data), len(data), byref(RtcpListener()), None) == good
    return heard if good else None


@settings(max_examples=600)
@given(data=rtcp_compounds)
def test_same_reading(core: ctypes.CDLL, edge: Edge, data: bytes) -> None:
    assert read_by_c(core, edge, data) == read_by_python(data)


BLOCK = rtcp.ReportBlock(1, 2, -3, 4, 5, 6, 7)
PARTS = [
    rtcp.sender_report(1, 2, 3, 4, 5, [BLOCK]),
    rtcp.receiver_report(1, [BLOCK, BLOCK]),
    rtcp.sdes(1, "cname"),
    rtcp.bye([1, 2]),
    rtcp.nack(1, 2, [3, 4, 40]),
    rtcp.pli(1, 2),
    rtcp.fir(1, 2, 3),
    rtcp.remb(1, 1_000_000, [2, 3]),
]


@pytest.mark.parametrize("part", PARTS, ids=lambda part: str(part[1]))
def test_same_reading_of_each_beginning(core: ctypes.CDLL, edge: Edge, part: bytes) -> None:
    """Cut off, or cut short with a length that says so."""
    for size in range(len(part) + 1):
        data = part[:size]
        assert read_by_c(core, edge, data) == read_by_python(data)
        if size >= 4 and size % 4 == 0:
            data = part[:2] + (size // 4 - 1).to_bytes(2, "big") + part[4:size]
            assert read_by_c(core, edge, data) == read_by_python(data)


def feedback(kind: int, fmt: int, fci: bytes) -> bytes:
    body = bytes(range(8)) + fci
    return bytes([0x80 | fmt, kind]) + (len(body) // 4).to_bytes(2, "big") + body


PLI = rtcp.pli(1, 2)
FULL = bytes.fromhex("0001ffff")
"""A NACK item of 17 packets."""


@pytest.mark.parametrize(
    ("data", "good"),
    [
        (b"", False),
        (PLI + PLI[:3], False),
        (PLI + bytes.fromhex("80cc0000"), True),
        (PLI + bytes.fromhex("80cc0001"), False),
        (PLI + bytes.fromhex("40cc0000"), False),
        (PLI + bytes.fromhex("a0cc0000"), False),
        (PLI + bytes.fromhex("a0cc000100000004"), True),
        (PLI + bytes.fromhex("a0cc000100000005"), False),
        (PLI + bytes.fromhex("a0cc000100000000"), False),
        (bytes.fromhex("80cc0176") + bytes(4 * 0x176), True),
        (bytes.fromhex("80cc0177") + bytes(4 * 0x177), False),
        (feedback(205, 1, FULL * 58 + bytes(4 * 14)), True),
        (feedback(205, 1, FULL * 58 + bytes(4 * 15)), False),
        (feedback(205, 15, b"what aiortc would take for a NACK"[:4]), True),
        (feedback(206, 4, bytes(8)), True),
        (feedback(206, 4, bytes(12)), False),
        (feedback(206, 15, b"REMB" + bytes.fromhex("00b7ffff")), True),
        (feedback(206, 15, b"REMB" + bytes.fromhex("00b80001")), True),
        (feedback(206, 15, b"REMB" + bytes.fromhex("00fc0000")), True),
        (feedback(206, 15, b"REMB" + bytes.fromhex("00fc0001")), False),
        (feedback(206, 15, b"REMB" + bytes.fromhex("00bbffff")), False),
        (feedback(206, 15, b"REMB" + bytes.fromhex("01000001")), False),
        (feedback(206, 15, b"REMB"), False),
        (feedback(206, 15, b"REMA"), True),
        (feedback(206, 15, b""), True),
        (bytes.fromhex("82cb0001") + bytes(4), False),
        (bytes.fromhex("82cb0002") + bytes(8), True),
        (bytes.fromhex("80c80006") + bytes(24), True),
        (bytes.fromhex("80c80005") + bytes(20), False),
        (bytes.fromhex("81c90007") + bytes(28), True),
        (bytes.fromhex("81c90006") + bytes(24), False),
        (bytes.fromhex("80ce0001") + bytes(4), False),
    ],
)
def test_verdicts_at_the_edges(core: ctypes.CDLL, edge: Edge, data: bytes, good: bool) -> None:
    heard = read_by_c(core, edge, data)
    assert (heard is not None) == good
    assert heard == read_by_python(data)


room = ctypes.create_string_buffer(2048)


@given(uint32, uint64, uint32, uint32, uint32)
def test_same_sender_report(
    core: ctypes.CDLL, ssrc: int, ntp: int, timestamp: int, packets: int, octets: int
) -> None:
    size = core.rtcp_write_sender_report(room, ssrc, ntp, timestamp, packets, octets)
    assert room.raw[:size] == rtcp.sender_report(ssrc, ntp, timestamp, packets, octets)


@given(uint32, st.lists(report_block_fields, max_size=rtcp.MAX_REPORTS))
def test_same_receiver_report(core: ctypes.CDLL, ssrc: int, fields: list[tuple[int, ...]]) -> None:
    reports = (ReportBlock * len(fields))(*(ReportBlock(*values) for values in fields))
    size = core.rtcp_write_receiver_report(room, ssrc, reports, len(fields))
    expected = rtcp.receiver_report(ssrc, [rtcp.ReportBlock(*values) for values in fields])
    assert room.raw[:size] == expected


@given(uint32, st.text(max_size=60))
def test_same_cname(core: ctypes.CDLL, ssrc: int, cname: str) -> None:
    encoded = cname.encode()
    size = core.rtcp_write_cname(room, ssrc, encoded, len(encoded))
    assert room.raw[:size] == rtcp.sdes(ssrc, cname)
    assert size <= 16 + len(encoded)


@settings(max_examples=300)
@given(uint32, uint32, uint16, st.lists(st.integers(1, 40) | uint16, max_size=250))
def test_same_nack(
    core: ctypes.CDLL, sender: int, media: int, first: int, steps: list[int]
) -> None:
    lost = [first + sum(steps[:index]) & 0xFFFF for index in range(len(steps))]
    numbers = (ctypes.c_uint16 * len(lost))(*lost)
    size = core.rtcp_write_nack(room, sender, media, numbers, len(lost))
    assert room.raw[:size] == rtcp.nack(sender, media, lost)


@given(uint32, uint32)
def test_same_pli(core: ctypes.CDLL, sender: int, media: int) -> None:
    size = core.rtcp_write_pli(room, sender, media)
    assert room.raw[:size] == rtcp.pli(sender, media)


@given(uint32, uint64 | st.integers(0, 1 << 20), st.lists(uint32, max_size=32))
def test_same_remb(core: ctypes.CDLL, sender: int, bitrate: int, ssrcs: list[int]) -> None:
    numbers = (ctypes.c_uint32 * len(ssrcs))(*ssrcs)
    size = core.rtcp_write_remb(room, sender, bitrate, numbers, len(ssrcs))
    assert room.raw[:size] == rtcp.remb(sender, bitrate, ssrcs)
