"""Payloads as browsers make them: the descriptors and the ways to cut a frame into packets."""

from __future__ import annotations

from collections.abc import Callable

from sfu.engine.interface import Codec
from tests.support.wire import Encoding

Shape = Callable[[Encoding, int, bool, int], list[bytes]]
"""The payloads of an encoding's next frame: how many, keyframe or not, bytes of filling each."""


def _filling(encoding: Encoding, index: int, size: int) -> bytes:
    """Tells packets apart."""
    word = encoding.sequence + index & 0xFFFF
    return (word.to_bytes(2, "big") * (size // 2 + 1))[:size]


def _opus(encoding: Encoding, count: int, keyframe: bool, size: int) -> list[bytes]:
    return [b"\x78" + _filling(encoding, index, size) for index in range(count)]


def _opus_silence(encoding: Encoding, count: int, keyframe: bool, size: int) -> list[bytes]:
    """Discontinuous transmission."""
    return [b"\x78"] * count


def _vp8(flags: int, *, wide: bool = True) -> Shape:
    """`flags`: I, L, T, K of the extended descriptor (RFC 7741, section 4.2); 0 for the short one.

    Chromium sends I, L and T, with simulcast K too; Firefox I alone.
    """

    def shape(encoding: Encoding, count: int, keyframe: bool, size: int) -> list[bytes]:
        packets = []
        for index in range(count):
            start = 0x10 if index == 0 else 0
            head = bytes((0x80 | start, flags)) if flags else bytes((start,))
            if flags & 0x80:
                head += _picture_id(encoding, wide)
            if flags & 0x40:
                head += bytes((encoding.tl0picidx,))
            if flags & 0x30:
                head += bytes((encoding.picture_id % 3 << 6 | 0x20,))
            first = 0x10 if keyframe else 0x11
            packets.append(head + bytes((first,)) + _filling(encoding, index, size))
        return packets

    return shape


def _picture_id(encoding: Encoding, wide: bool) -> bytes:
    if wide:
        return (0x8000 | encoding.picture_id).to_bytes(2, "big")
    return bytes((encoding.picture_id & 0x7F,))


def _vp9(first: int, *, wide: bool = True) -> Shape:
    """`first`: I, L and F of the descriptor (RFC 9628, section 4.2). Key pictures carry the
    scalability structure, as Chromium's do; flexible mode names one reference."""

    def shape(encoding: Encoding, count: int, keyframe: bool, size: int) -> list[bytes]:
        packets = []
        for index in range(count):
            begins, ends = index == 0, index == count - 1
            structure = keyframe and begins
            flags = first | (0 if keyframe else 0x40) | (0x08 if begins else 0)
            flags |= (0x04 if ends else 0) | (0x02 if structure else 0)
            head = bytes((flags,))
            if first & 0x80:
                head += _picture_id(encoding, wide)
            if first & 0x20:
                head += bytes((encoding.picture_id % 3 << 5,))
                head += b"" if first & 0x10 else bytes((encoding.tl0picidx,))
            if first & 0x10 and not keyframe:
                head += b"\x02"
            if structure:
                head += b"\x18\x02\x80\x01\x68\x01\x04\x02"
            packets.append(head + _filling(encoding, index, size))
        return packets

    return shape


def _h264_fragments(encoding: Encoding, count: int, keyframe: bool, size: int) -> list[bytes]:
    """Chromium: the parameter sets in a STAP-A, the picture in FU-A."""
    sets = b"\x78\x00\x04\x67\x42\xe0\x1f\x00\x04\x68\xce\x3c\x80"
    packets = [sets] if keyframe and count > 1 else []
    rest = count - len(packets)
    for index in range(rest):
        header = (0x80 if index == 0 else 0) | (0x40 if index == rest - 1 else 0)
        header |= 5 if keyframe else 1
        packets.append(bytes((0x7C, header)) + _filling(encoding, index, size + 1))
    return packets


def _h264_units(encoding: Encoding, count: int, keyframe: bool, size: int) -> list[bytes]:
    """Every NAL unit in a packet of its own: SPS, PPS, then slices."""
    kinds = [7, 8, 5] if keyframe else [1]
    return [
        bytes((0x60 | kinds[min(index, len(kinds) - 1)],)) + _filling(encoding, index, size)
        for index in range(count)
    ]


def _av1(encoding: Encoding, count: int, keyframe: bool, size: int) -> list[bytes]:
    """Chromium: N on a new sequence, elements that go on over packets (Z, Y)."""
    packets = []
    for index in range(count):
        head = (0x80 if index else 0) | (0x40 if index < count - 1 else 0)
        filling = _filling(encoding, index, size)
        if index == 0 and keyframe:
            packets.append(bytes((head | 0x28,)) + b"\x03\x0a\x0b\x00" + b"\x32" + filling)
        else:
            packets.append(bytes((head | 0x10, 0x32)) + filling)
    return packets


def _av1_lengths(encoding: Encoding, count: int, keyframe: bool, size: int) -> list[bytes]:
    """A sequence header without the N bit, every element with its length."""
    packets = []
    for index in range(count):
        frame = b"\x32" + _filling(encoding, index, size)
        length = bytes((0x80 | len(frame) & 0x7F, len(frame) >> 7))
        sequence = b"\x03\x0a\x0b\x00" if keyframe and index == 0 else b""
        packets.append(b"\x00" + sequence + length + frame)
    return packets


SHAPES: dict[Codec, list[Shape]] = {
    Codec.OPUS: [_opus, _opus_silence],
    Codec.VP8: [
        _vp8(0xE0),
        _vp8(0xF0),
        _vp8(0x80),
        _vp8(0x80, wide=False),
        _vp8(0x60),
        _vp8(0x10),
        _vp8(0),
    ],
    Codec.VP9: [
        _vp9(0xA0),
        _vp9(0x90),
        _vp9(0xB0),
        _vp9(0x80, wide=False),
        _vp9(0x20),
        _vp9(0),
    ],
    Codec.H264: [_h264_fragments, _h264_units],
    Codec.AV1: [_av1, _av1_lengths],
}
"""Of each codec the commonest first."""
