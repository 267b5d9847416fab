"""Datagrams are told apart as by `sfu.engine.demux`."""

from __future__ import annotations

import ctypes
from ctypes import byref, string_at

import pytest
from hypothesis import given, settings

from sfu.engine import demux
from sfu.engine.demux import Protocol
from tests.sfu.engine.core.library import Edge
from tests.sfu.engine.core.strategies import stun_messages

PROTOCOLS = (None, Protocol.STUN, Protocol.DTLS, Protocol.RTP, Protocol.RTCP)


def test_same_protocol(core: ctypes.CDLL, edge: Edge) -> None:
    for first in range(256):
        data = bytes([first])
        assert PROTOCOLS[core.classify(edge.put(data), 1)] is demux.classify(data)
        for second in range(256):
            data = bytes([first, second])
            assert PROTOCOLS[core.classify(edge.put(data), 2)] is demux.classify(data)


def ufrag_by_c(core: ctypes.CDLL, edge: Edge, data: bytes) -> tuple[bool, str | None]:
    ufrag, size = ctypes.c_void_p(1), ctypes.c_size_t(1)
    good = core.stun_ufrag(edge.put(data), len(data), byref(ufrag), byref(size))
    found = None if ufrag.value is None else string_at(ufrag.value, size.value).decode("ascii")
    return good, found


def ufrag_by_python(data: bytes) -> tuple[bool, str | None]:
    try:
        return True, demux.stun_ufrag(data)
    except demux.StunError:
        return False, None


@settings(max_examples=400)
@given(data=stun_messages)
def test_same_ufrag(core: ctypes.CDLL, edge: Edge, data: bytes) -> None:
    assert ufrag_by_c(core, edge, data) == ufrag_by_python(data)


@pytest.mark.parametrize(
    "username", [b"", b":", b"a:" + b"b" * 510, b"a:" + b"b" * 511, b"a" * 512, b"\x7f:", b"\x80:"]
)
def test_same_ufrag_at_the_edges(core: ctypes.CDLL, edge: Edge, username: bytes) -> None:
    value = len(username).to_bytes(2, "big") + username + bytes(-len(username) % 4)
    attributes = b"\x80\x22\0\3abc\0" + b"\0\6" + value
    head = b"\0\1" + len(attributes).to_bytes(2, "big") + b"\x21\x12\xa4\x42" + bytes(12)
    data = head + attributes
    assert ufrag_by_c(core, edge, data) == ufrag_by_python(data)
    assert ufrag_by_c(core, edge, data[:-4]) == (False, None)
