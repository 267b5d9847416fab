"""A media packet on its way from a source to its sinks: parsed once, numbers unwrapped.

Everything that is equal for several sinks is made once and kept here; what differs per sink are
a few numbers, and those are a `Segment`'s.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sfu.engine.interface import Codec, Extension
from sfu.rtp import extensions
from sfu.rtp.clock import SourceClock
from sfu.rtp.dependency import Descriptor, Frame
from sfu.rtp.red import Redundant

FORWARDED = (
    Extension.TRANSPORT_CC,
    Extension.AUDIO_LEVEL,
    Extension.ABS_SEND_TIME,
    Extension.VIDEO_ORIENTATION,
    Extension.DEPENDENCY_DESCRIPTOR,
)
"""Never the mid and rid of the publisher: a receiver would look for an m-line of that name."""


UNSTAMPED = b"\0\0"
"""Stands for the transport-wide number, which is only known when the packet leaves."""


class ExtensionMap:
    """What a sink forwards, with its receiver's ids."""

    __slots__ = ("describes", "items", "key")

    def __init__(self, ids: Mapping[Extension, int]) -> None:
        self.items = [(extension, ids[extension]) for extension in FORWARDED if extension in ids]
        self.key = sum(identifier << 8 * FORWARDED.index(name) for name, identifier in self.items)
        """Equal for equal maps: what is made for one of them serves all."""
        self.describes = Extension.DEPENDENCY_DESCRIPTOR in ids


class Tail(NamedTuple):
    """What follows the fixed header."""

    first: int
    """First byte of the fixed header: version, and X where there is an extension."""
    data: bytes
    payload_offset: int
    """Bytes from the beginning of `data`."""


class Picture(NamedTuple):
    """The numbers of a frame that a sink continues, and where they lie in the payload."""

    picture_id: int
    tl0picidx: int
    wide: bool
    """The picture id has 15 bits, not 7."""
    picture_id_at: int
    """Bytes from the beginning of the payload; 0 for a field that is not there."""
    tl0picidx_at: int


class Layer(NamedTuple):
    """Where a packet of video belongs, and what that allows."""

    spatial: int
    temporal: int
    begins: bool
    """First packet of its frame (of one spatial layer)."""
    ends: bool
    """Last packet of its frame, where layers of one picture are frames of their own."""
    sync: bool = False
    """Its frame needs none but the lowest temporal layer."""
    switch_up: bool = False
    """Pictures of higher temporal layers that follow need none of theirs before this one."""
    independent: bool = False
    """Its frame needs none but lower spatial layers of its own picture."""
    frame: Frame | None = None
    """By a dependency descriptor; then `sync` and the like are not known, nor needed."""


class MediaPacket:
    __slots__ = (
        "_abs_send_time",
        "clock",
        "codec",
        "descriptor",
        "elements",
        "joinable",
        "layer",
        "marker",
        "payload",
        "picture",
        "redundant",
        "sequence",
        "tails",
        "timestamp",
    )

    def __init__(
        self,
        codec: Codec,
        marker: int,
        sequence: int,
        timestamp: int,
        payload: bytes,
        picture: Picture | None,
        joinable: bool,
        layer: Layer | None,
        descriptor: Descriptor | None,
        redundant: Redundant | None,
        elements: dict[Extension, bytes],
        abs_send_time: bytes,
        clock: SourceClock,
    ) -> None:
        self.codec = codec
        self.marker = marker
        """0x80 or 0."""
        self.sequence = sequence
        """Unwrapped, so that it only has to be compared."""
        self.timestamp = timestamp
        """RTP clock ticks, unwrapped."""
        self.payload = payload
        self.picture = picture
        self.joinable = joinable
        """A sink may begin here: any audio packet, the first packet of a keyframe."""
        self.layer = layer
        """None if not known: then it is forwarded whatever a route wants."""
        self.descriptor = descriptor
        """Of codecs that it is forwarded for."""
        self.redundant = redundant
        """The form with redundancy, if it came in that; `payload` is without."""
        self.elements = elements
        self.clock = clock
        """Of its source: says when it was captured, also when the source is long gone."""
        self._abs_send_time = abs_send_time
        self.tails: dict[tuple[int, bool], Tail] = {}
        """By key of an extension map, without and with redundancy; made on demand."""

    def tail(self, extension_map: ExtensionMap, *, redundant: bool) -> Tail:
        """Without a dependency descriptor, and with redundancy if that is wanted and there."""
        key = (extension_map.key, redundant)
        tail = self.tails.get(key)
        if tail is None:
            tail = self.tails[key] = self.make_tail(extension_map, None, redundant=redundant)
        return tail

    def make_tail(
        self, extension_map: ExtensionMap, descriptor: bytes | None, *, redundant: bool = False
    ) -> Tail:
        block = self.extension_block(extension_map, self._abs_send_time, descriptor)
        payload = self.redundant.data if redundant and self.redundant else self.payload
        return Tail(0x90 if block else 0x80, block + payload, len(block))

    def forget_tails(self) -> None:
        """Every sink has it; what is kept in histories needs only the payload."""
        self.tails.clear()

    @property
    def captured(self) -> float | None:
        """Seconds on the server's clock."""
        return self.clock.server_time(self.timestamp & 0xFFFF_FFFF)

    def extension_block(
        self, extension_map: ExtensionMap, abs_send_time: bytes, descriptor: bytes | None
    ) -> bytes:
        """`descriptor`: as the receiver shall get it."""
        items = []
        for extension, identifier in extension_map.items:
            if extension is Extension.TRANSPORT_CC:
                items.append((identifier, UNSTAMPED))
            elif extension is Extension.ABS_SEND_TIME:
                items.append((identifier, abs_send_time))
            elif extension is Extension.DEPENDENCY_DESCRIPTOR:
                if descriptor is not None:
                    items.append((identifier, descriptor))
            elif extension in self.elements:
                items.append((identifier, self.elements[extension]))
        return extensions.build(items)


def abs_send_time(unix: float) -> bytes:
    """24 bits of NTP time in 6.18 fixed point; the difference of the epochs falls out of it."""
    return (int(unix * (1 << 18)) & 0xFFFFFF).to_bytes(3, "big")
