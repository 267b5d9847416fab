"""Packets and header extensions are read and written as by `sfu.rtp`."""

from __future__ import annotations

import ctypes
from ctypes import byref, string_at
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sfu.rtp import extensions, packet
from sfu.rtp.packet import RtpError
from tests.sfu.engine.core.library import Edge, RtpElement, RtpElements, RtpPacket
from tests.sfu.engine.core.strategies import rtp_packets
from tests.sfu.rtp.strategies import uint8, uint16, uint32

MALFORMED = "malformed"


def read_by_python(data: bytes) -> tuple[Any, ...] | str:
    try:
        parsed = packet.parse(data)
    except RtpError:
        return MALFORMED
    return (
        parsed.payload_type,
        parsed.marker,
        parsed.sequence,
        parsed.timestamp,
        parsed.ssrc,
        parsed.extension_profile,
        parsed.extension,
        parsed.payload,
        len(data),
        elements_by_python(parsed),
    )


def elements_by_python(parsed: packet.RtpPacket) -> dict[int, bytes] | str:
    if parsed.extension_profile is None:
        return {}
    try:
        return extensions.parse(parsed.extension_profile, parsed.extension)
    except RtpError:
        return MALFORMED


def read_by_c(core: ctypes.CDLL, edge: Edge, data: bytes) -> tuple[Any, ...] | str:
    parsed = RtpPacket()
    if not core.rtp_parse(edge.put(data), len(data), byref(parsed)):
        return MALFORMED
    return (
        parsed.payload_type,
        parsed.marker,
        parsed.sequence,
        parsed.timestamp,
        parsed.ssrc,
        parsed.extension_profile if parsed.has_extension else None,
        string_at(parsed.extension, parsed.extension_size) if parsed.extension else b"",
        string_at(parsed.payload, parsed.payload_size),
        parsed.size,
        elements_by_c(core, parsed),
    )


def elements_by_c(core: ctypes.CDLL, parsed: RtpPacket) -> dict[int, bytes] | str:
    walk, element = RtpElements(), RtpElement()
    core.rtp_elements_begin(byref(parsed), byref(walk))
    found = {}
    while core.rtp_next_element(byref(walk), byref(element)):
        found[element.id] = string_at(element.value, element.size)
    return MALFORMED if walk.malformed else found


@settings(max_examples=500)
@given(data=rtp_packets)
def test_same_reading(core: ctypes.CDLL, edge: Edge, data: bytes) -> None:
    assert read_by_c(core, edge, data) == read_by_python(data)


def test_same_reading_of_each_beginning(core: ctypes.CDLL, edge: Edge) -> None:
    for items in ([(1, b"abc"), (2, b"de")], [(1, b""), (20, b"abcdef")]):
        block = extensions.build(items)
        whole = packet.build(96, True, 1, 2, 3, b"payload", block, b"csrc") + b"\0\0\3"
        for first in (whole[0], whole[0] | 0x20):
            for size in range(len(whole) + 1):
                data = (bytes([first]) + whole[1:])[:size]
                assert read_by_c(core, edge, data) == read_by_python(data)


@pytest.mark.parametrize("profile", ["bede", "1000"])
def test_elements_of_each_byte(core: ctypes.CDLL, edge: Edge, profile: str) -> None:
    for value in range(256):
        head = b"\x90" + bytes(11) + bytes.fromhex(profile) + b"\0\2"
        data = head + bytes([value]) * 8
        assert read_by_c(core, edge, data) == read_by_python(data)


@settings(max_examples=500)
@given(items=st.lists(st.tuples(uint8, st.binary(max_size=4)), max_size=4))
def test_same_extension_block(core: ctypes.CDLL, items: list[tuple[int, bytes]]) -> None:
    values = [ctypes.create_string_buffer(value, len(value) + 1) for _, value in items]
    elements = (RtpElement * 4)()
    for element, (identifier, value), buffer in zip(elements, items, values, strict=False):
        element.id, element.size, element.value = identifier, len(value), ctypes.addressof(buffer)
    block = ctypes.create_string_buffer(b"\xee" * 32, 32)
    size = core.rtp_write_extension(block, elements, len(items))
    assert block.raw[:size] == extensions.build(items)


@given(st.booleans(), st.integers(0, 127), st.booleans(), uint16, uint32, uint32)
def test_same_fixed_header(
    core: ctypes.CDLL,
    extension: bool,
    payload_type: int,
    marker: bool,
    sequence: int,
    timestamp: int,
    ssrc: int,
) -> None:
    header = ctypes.create_string_buffer(12)
    core.rtp_write_header(header, extension, payload_type, marker, sequence, timestamp, ssrc)
    block = b"\xbe\xde\0\0" if extension else b""
    built = packet.build(payload_type, marker, sequence, timestamp, ssrc, b"", block)
    assert header.raw == built[:12]
