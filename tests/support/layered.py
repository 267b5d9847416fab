"""An encoder with spatial and temporal layers, and what a receiver can decode of what it gets.

Every payload ends with the number of its frame (of one spatial layer), which packet of it that is,
and how many there are; so a test knows what came without a decoder.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sfu.engine.interface import Codec, Event, Extension
from sfu.rtp import extensions
from sfu.rtp.packet import RtpPacket
from tests.support.descriptors import Description, Layout, Template
from tests.support.wire import FRAME, PUBLISHED_EXTENSIONS, Encoding

PATTERNS = {1: (0,), 2: (0, 1), 3: (0, 2, 1, 2)}
"""Temporal layers of pictures that follow each other."""

_MARK = struct.Struct("!IBB")


class LayerFrame(NamedTuple):
    number: int
    picture: int
    spatial: int
    temporal: int
    keyframe: bool
    packets: int
    needs: tuple[int, ...]
    """Numbers of frames."""


@dataclass(frozen=True)
class Mode:
    """How layers are built, in the words of WebRTC-SVC: L`spatial`T`temporal`, _KEY or not."""

    spatial: int = 1
    temporal: int = 3
    key: bool = True
    """Spatial layers need each other in keyframes only."""

    @property
    def targets(self) -> list[tuple[int, int]]:
        """Decode targets, as Chromium orders them."""
        return [(s, t) for s in range(self.spatial) for t in range(self.temporal)]

    def indications(self, spatial: int, temporal: int, *, keyframe: bool) -> tuple[int, ...]:
        return tuple(
            self._indication(spatial, temporal, *target, keyframe=keyframe)
            for target in self.targets
        )

    def _indication(
        self, spatial: int, temporal: int, highest: int, fastest: int, *, keyframe: bool
    ) -> int:
        below = spatial < highest and (keyframe or not self.key)
        if temporal > fastest or not (below or spatial == highest):
            return 0
        if keyframe:
            return 2
        if below:
            return 3
        return 1 if 0 < temporal == fastest else 2

    def layout(self, template_id_offset: int = 0) -> Layout:
        """Of each layer a template for keyframes and one for other frames."""
        templates = []
        for spatial, temporal in self.targets:
            for keyframe in (True, False) if temporal == 0 else (False,):
                indications = self.indications(spatial, temporal, keyframe=keyframe)
                chains = (spatial,) * self.spatial
                templates.append(Template(spatial, temporal, indications, (), chains))
        return Layout(
            tuple(templates),
            template_id_offset,
            tuple(spatial for spatial, _ in self.targets),
            tuple((320 << spatial, 180 << spatial) for spatial in range(self.spatial)),
        )

    def template(self, spatial: int, temporal: int, *, keyframe: bool) -> int:
        """Its place in the layout."""
        within = 0 if keyframe else 1 + temporal
        return spatial * (self.temporal + 1) + within


class LayeredEncoder:
    """Drives an `Encoding`: numbers, timestamps and SSRC are that one's."""

    def __init__(
        self, encoding: Encoding, mode: Mode | None = None, *, described: bool = False
    ) -> None:
        """`described`: with dependency descriptors."""
        self.encoding = encoding
        self.mode = mode or Mode()
        self.described = described
        self.frames: dict[int, LayerFrame] = {}
        self.active: int | None = None
        """Decode targets that the next frame tells to be active."""
        self.frame_number = encoding.id * 1009 & 0xFFFF
        self._number = encoding.id << 16
        self._picture = -1
        self._layout = self.mode.layout()
        self._latest: dict[tuple[int, int], int] = {}
        """Numbers of the latest frames, by spatial and temporal layer."""
        self._step = 0

    def picture(
        self, *, keyframe: bool = False, packets: int = 2, size: int = 30, spatial: int = 99
    ) -> list[bytes]:
        """The packets of the next picture with its layers up to `spatial`, not yet sent."""
        pattern = PATTERNS[self.mode.temporal]
        self._step = 0 if keyframe else (self._step + 1) % len(pattern)
        self._picture += 1
        if keyframe:
            self._layout = self.mode.layout((self._layout.template_id_offset + 7) % 64)
        temporal = pattern[self._step]
        if temporal == 0:
            self.encoding.tl0picidx = self.encoding.tl0picidx + 1 & 0xFF
        highest = min(spatial + 1, self.mode.spatial)
        sent = []
        for layer in range(highest):
            frame = self._frame(layer, temporal, packets, keyframe=keyframe)
            sent += self._packets(frame, size, last=layer == highest - 1)
        self._end_picture()
        return sent

    def send(
        self, *, keyframe: bool = False, packets: int = 2, size: int = 30, spatial: int = 99
    ) -> list[Event]:
        picture = self.picture(keyframe=keyframe, packets=packets, size=size, spatial=spatial)
        events = self.encoding.publisher.send(*picture)
        self.encoding.publisher.wire.advance(FRAME)
        return events

    def _end_picture(self) -> None:
        encoding = self.encoding
        encoding.timestamp = encoding.timestamp + round(FRAME * 90_000) & 0xFFFF_FFFF
        encoding.picture_id = encoding.picture_id + 1 & 0x7FFF

    def _frame(self, spatial: int, temporal: int, packets: int, *, keyframe: bool) -> LayerFrame:
        latest = self._latest
        needs = []
        if not keyframe:
            below = [t for t in range(max(temporal, 1)) if (spatial, t) in latest]
            needs = [max(latest[spatial, t] for t in below)] if below else []
        if spatial and (keyframe or not self.mode.key):
            needs.append(latest[spatial - 1, temporal])
        frame = LayerFrame(
            self._number, self._picture, spatial, temporal, keyframe, packets, tuple(needs)
        )
        self._number += 1
        if keyframe:
            for other in [layer for layer in latest if layer[0] == spatial]:
                del latest[other]
        latest[spatial, temporal] = frame.number
        self.frames[frame.number] = frame
        return frame

    def _packets(self, frame: LayerFrame, size: int, *, last: bool) -> list[bytes]:
        packets = []
        for index in range(frame.packets):
            begins, ends = index == 0, index == frame.packets - 1
            payload = _HEADS[self.encoding.codec](self, frame, begins, ends)
            payload += bytes(size) + _MARK.pack(frame.number, index, frame.packets)
            block = self._block(frame, begins, ends)
            packets.append(self.encoding.packet(payload, last and ends, block))
        self.frame_number = self.frame_number + 1 & 0xFFFF
        return packets

    def _block(self, frame: LayerFrame, begins: bool, ends: bool) -> bytes:
        encoding, ids = self.encoding, PUBLISHED_EXTENSIONS
        items = [(ids[Extension.MID], encoding.mid.encode())]
        if encoding.rid is not None:
            items.append((ids[Extension.RID], encoding.rid.encode()))
        if self.described:
            descriptor = self._describe(frame, begins, ends)
            items.append((ids[Extension.DEPENDENCY_DESCRIPTOR], descriptor))
        return extensions.build(items)

    def _describe(self, frame: LayerFrame, begins: bool, ends: bool) -> bytes:
        index = self.mode.template(frame.spatial, frame.temporal, keyframe=frame.keyframe)
        first = frame.keyframe and begins and frame.spatial == 0
        active = None
        if begins:
            active, self.active = self.active, None
        return Description(
            (self._layout.template_id_offset + index) % 64,
            self.frame_number,
            begins,
            ends,
            self._layout if first else None,
            active,
            differences=tuple(frame.number - needed for needed in frame.needs) if begins else None,
        ).bytes(self._layout)

    def sync(self, temporal: int) -> bool:
        """The next frame of that layer needs only the lowest."""
        return temporal > 0 and self._step != 3


def _vp8(encoder: LayeredEncoder, frame: LayerFrame, begins: bool, ends: bool) -> bytes:
    encoding = encoder.encoding
    layer = frame.temporal << 6 | (0x20 if encoder.sync(frame.temporal) else 0)
    head = bytes((0x90 if begins else 0x80, 0xE0))
    head += (0x8000 | encoding.picture_id).to_bytes(2, "big")
    return head + bytes((encoding.tl0picidx, layer, 0 if frame.keyframe else 1))


def _vp9(encoder: LayeredEncoder, frame: LayerFrame, begins: bool, ends: bool) -> bytes:
    encoding = encoder.encoding
    structure = frame.keyframe and begins and frame.spatial == 0
    first = 0xA0 | (0 if frame.keyframe else 0x40) | (0x08 if begins else 0)
    first |= (0x04 if ends else 0) | (0x02 if structure else 0)
    between = frame.spatial > 0 and (frame.keyframe or not encoder.mode.key)
    layer = frame.temporal << 5 | (0x10 if frame.temporal == 0 else 0)
    layer |= frame.spatial << 1 | (1 if between else 0)
    head = bytes((first,)) + (0x8000 | encoding.picture_id).to_bytes(2, "big")
    head += bytes((layer, encoding.tl0picidx))
    return head + (b"\x18\x02\x80\x01\x68\x01\x04\x02" if structure else b"")


def _av1(encoder: LayeredEncoder, frame: LayerFrame, begins: bool, ends: bool) -> bytes:
    first = frame.keyframe and begins and frame.spatial == 0
    head = (0 if begins else 0x80) | (0 if ends else 0x40) | 0x10
    return bytes((head | 0x08 if first else head, 0x32))


_HEADS = {Codec.VP8: _vp8, Codec.VP9: _vp9, Codec.AV1: _av1}
LAYERED = frozenset(_HEADS)
"""Codecs that have layers."""


# What came


def mark(packet: RtpPacket) -> tuple[int, int, int]:
    """Number of its frame, which packet of it, of how many."""
    number, index, count = _MARK.unpack(packet.payload[-_MARK.size :])
    return number, index, count


def frames_of(packets: Iterable[RtpPacket], *encoders: LayeredEncoder) -> list[LayerFrame]:
    """The frames that came, by sequence number; each must be whole."""
    known = {number: frame for one in encoders for number, frame in one.frames.items()}
    found: list[LayerFrame] = []
    expected = 0
    for packet in packets:
        number, index, count = mark(packet)
        if index == 0:
            assert expected == 0
            found.append(known[number])
        assert index == expected
        assert found[-1].number == number
        expected = (index + 1) % count
    assert expected == 0
    return found


def assert_decodable(frames: Sequence[LayerFrame]) -> None:
    """Whatever a frame needs came before it."""
    seen: set[int] = set()
    for frame in frames:
        assert seen.issuperset(frame.needs), f"{frame} without what it needs"
        seen.add(frame.number)


def layers(frames: Iterable[LayerFrame]) -> set[tuple[int, int]]:
    return {(frame.spatial, frame.temporal) for frame in frames}
