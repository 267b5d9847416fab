"""Wire bytes that come close to what a parser accepts, from either side."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.sfu.rtp.strategies import uint8, uint16, uint32, vp8_payloads, vp9_payloads


@st.composite
def damaged(draw: st.DrawFn, valid: st.SearchStrategy[bytes]) -> bytes:
    """Valid bytes; half of the time with some changed, cut off, or added."""
    data = bytearray(draw(valid))
    if draw(st.booleans()):
        return bytes(data)
    for _ in range(draw(st.integers(0, 3))):
        if data:
            data[draw(st.integers(0, len(data) - 1))] = draw(uint8)
    cut = draw(st.integers(0, 4))
    return bytes(data[: max(0, len(data) - cut)]) + draw(st.binary(max_size=4))


@st.composite
def _one_byte_block(draw: st.DrawFn) -> bytes:
    block = b""
    for _ in range(draw(st.integers(0, 4))):
        value = draw(st.binary(min_size=1, max_size=16))
        block += bytes([draw(st.integers(0, 15)) << 4 | len(value) - 1]) + value
        block += bytes(draw(st.integers(0, 3)))
    return block + bytes(-len(block) % 4)


@st.composite
def _two_byte_block(draw: st.DrawFn) -> bytes:
    block = b""
    for _ in range(draw(st.integers(0, 4))):
        value = draw(st.binary(max_size=20))
        block += bytes([draw(uint8), len(value)]) + value + bytes(draw(st.integers(0, 3)))
    return block + bytes(-len(block) % 4)


extension_profiles = st.sampled_from([0xBEDE, 0x1000, 0x100F, 0xBEDF, 0x2000]) | uint16


@st.composite
def _extension(draw: st.DrawFn) -> bytes:
    profile = draw(extension_profiles)
    block = draw(damaged(_one_byte_block() if profile == 0xBEDE else _two_byte_block()))
    block += bytes(-len(block) % 4)
    return profile.to_bytes(2, "big") + (len(block) // 4).to_bytes(2, "big") + block


@st.composite
def _packet(draw: st.DrawFn) -> bytes:
    extension = draw(st.just(b"") | _extension())
    csrcs = draw(st.integers(0, 15))
    padding = draw(st.sampled_from([0, 0, 1, 4, 255]))
    first = 0x80 | bool(padding) << 5 | bool(extension) << 4 | csrcs
    data = bytes([first]) + draw(st.binary(min_size=11, max_size=11)) + bytes(4 * csrcs)
    data += extension + draw(st.binary(max_size=20))
    return data + (bytes(padding - 1) + bytes([padding]) if padding else b"")


rtp_packets = damaged(_packet()) | st.binary(max_size=60)


@st.composite
def _stap_a(draw: st.DrawFn) -> bytes:
    units = draw(st.lists(st.binary(min_size=1, max_size=5), max_size=4))
    return b"\x78" + b"".join(len(unit).to_bytes(2, "big") + unit for unit in units)


@st.composite
def _av1(draw: st.DrawFn) -> bytes:
    obus = draw(st.lists(st.binary(min_size=1, max_size=150), min_size=1, max_size=4))
    count = draw(st.sampled_from([0, len(obus) & 3]))
    continued, begins = draw(st.booleans()), draw(st.integers(0, 7)) == 0
    wire = bytes([continued << 7 | count << 4 | begins << 3])
    for index, obu in enumerate(obus, 1):
        wire += obu if index == count else _leb128(len(obu), draw(st.integers(0, 8))) + obu
    return wire


def _leb128(value: int, least_bytes: int) -> bytes:
    """It may be longer than it needs to be."""
    wire = bytearray()
    while value > 0x7F or len(wire) + 1 < least_bytes:
        wire.append(value & 0x7F | 0x80)
        value >>= 7
    wire.append(value)
    return bytes(wire)


_fu_a = st.builds(lambda header: bytes([0x7C]) + header, st.binary(max_size=4))
_noise = st.binary(max_size=40)

payloads: dict[str, st.SearchStrategy[bytes]] = {
    "OPUS": _noise,
    "VP8": damaged(vp8_payloads.map(bytes)) | _noise,
    "VP9": damaged(vp9_payloads.map(bytes)) | _noise,
    "H264": damaged(_stap_a()) | damaged(_fu_a) | _noise,
    "AV1": damaged(_av1()) | _noise,
}

_HEADS = {200: 24, 201: 4, 203: 0, 205: 8, 206: 8}
"""Bytes of a body before what is counted."""


@st.composite
def _rtcp_body(draw: st.DrawFn, kind: int, count: int) -> bytes:
    size = _HEADS.get(kind, 0)
    size += draw(st.integers(-8, 40)) if kind > 203 else (24 if kind < 203 else 4) * count
    size = max(0, size + draw(st.sampled_from([0, 0, 0, 4, -4])))
    return draw(st.binary(min_size=size, max_size=size))


@st.composite
def _remb_body(draw: st.DrawFn) -> bytes:
    count = draw(st.integers(0, 4))
    body = bytes(8) + b"REMB" + bytes([count]) + draw(st.binary(min_size=3, max_size=3))
    return body + bytes(4 * max(0, count + draw(st.integers(-1, 1))))


@st.composite
def _rtcp_part(draw: st.DrawFn) -> bytes:
    kind = draw(st.sampled_from([200, 201, 202, 203, 204, 205, 206, 207]))
    count = draw(st.sampled_from([1, 1, 4, 15, 0, 2, 31]) if kind > 203 else st.integers(0, 3))
    body = draw(_remb_body() if (kind, count) == (206, 15) else _rtcp_body(kind, count))
    padding = draw(st.sampled_from([0, 0, 0, 4, 1, 3, 255]))
    body += bytes(-(len(body) + padding) % 4)
    if padding:
        body += bytes(padding - 1) + bytes([padding])
    first = 0x80 | bool(padding) << 5 | count
    return bytes([first, kind]) + (len(body) // 4).to_bytes(2, "big") + body


rtcp_compounds = damaged(st.lists(_rtcp_part(), min_size=1, max_size=3).map(b"".join))


@st.composite
def _stun(draw: st.DrawFn) -> bytes:
    attributes = b""
    for _ in range(draw(st.integers(0, 3))):
        kind = draw(st.sampled_from([6, 6, 8, 0x24]))
        value = draw(st.binary(max_size=9) | st.sampled_from([b"ab:cd", b"ab", b"a:\xff", b":"]))
        length = len(value) + draw(st.sampled_from([0, 0, 0, 1, 4]))
        attributes += kind.to_bytes(2, "big") + length.to_bytes(2, "big")
        attributes += value + bytes(-len(value) % 4)
    return (
        b"\0\1" + len(attributes).to_bytes(2, "big") + b"\x21\x12\xa4\x42" + bytes(12) + attributes
    )


stun_messages = damaged(_stun()) | st.binary(max_size=40)

report_block_fields = st.tuples(
    uint32, uint8, st.integers(-(1 << 23), (1 << 23) - 1), uint32, uint32, uint32, uint32
)
