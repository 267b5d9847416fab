"""The dependency descriptor, a header extension ("RTP Payload Format For AV1", appendix A).

It tells which frames a receiver of some layers needs, whatever the codec: each *decode target* (a
spatial and a temporal layer, with all they need) has an indication in every frame. What frames have
in common is in the *templates* of a structure, which comes with keyframes and is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from sfu.rtp.packet import RtpError

NOT_PRESENT = 0
DISCARDABLE = 1
SWITCH = 2
REQUIRED = 3
"""Indications of a frame for a decode target: from one that says `SWITCH` on, a receiver that has
that frame can decode the target."""

MAX_SPATIAL = 3
MAX_TEMPORAL = 7
MAX_TEMPLATES = 64
MANDATORY = 3
"""Bytes of a descriptor without extended fields."""

_EXTENDED_FLAGS_AT = 8 * MANDATORY
_ACTIVE_FLAG = 0b01000
_MASK_AT = _EXTENDED_FLAGS_AT + 5
"""Bit, where there is no structure."""


@dataclass(frozen=True, slots=True, eq=False)
class Structure:
    """Every one that comes is another, even if it tells the same."""

    template_id_offset: int
    layers: tuple[tuple[int, int], ...]
    """Of each template: spatial, temporal."""
    indications: tuple[tuple[int, ...], ...]
    """Of each template, for each decode target."""
    chains: int
    targets: tuple[tuple[int, int], ...]
    """Of each decode target: the highest layers it needs."""
    needs: tuple[int, ...]
    """Of each decode target: the templates it needs, bit by bit."""

    @property
    def all_active(self) -> int:
        """Every decode target, bit by bit."""
        return (1 << len(self.targets)) - 1

    def within(self, target: int) -> int:
        """The decode targets, bit by bit, that need nothing which `target` does not."""
        mask = 0
        for other, needs in enumerate(self.needs):
            if not needs & ~self.needs[target]:
                mask |= 1 << other
        return mask


class Frame(NamedTuple):
    """What a descriptor tells about its frame, with the structure it belongs to."""

    structure: Structure
    spatial: int
    temporal: int
    indications: tuple[int, ...]
    """For each decode target."""
    active: int
    """The decode targets that are sent, bit by bit, as far as is known by this frame."""
    told: int | None
    """Those that this very descriptor tells: by a mask, or all of them by a structure."""
    mask_at: int
    """Bit at which the mask is, or would be."""
    mask_bits: int
    end_at: int
    """Bit after the last field; zeros follow."""


class Descriptor(NamedTuple):
    data: bytes
    start: bool
    """First packet of its frame."""
    end: bool
    """Last packet of its frame."""
    frame_number: int
    """16 bits; counts frames of all layers."""
    frame: Frame | None
    """None if the structure has not come, or the rest cannot be read."""


class Reader:
    """Reads the descriptors of one stream, and keeps what later ones refer to."""

    __slots__ = ("_active", "_sequence", "_structure")

    def __init__(self) -> None:
        self._structure: Structure | None = None
        self._active = 0
        self._sequence = 0
        """Of the latest packet that told structure or mask, unwrapped."""

    def read(self, data: bytes, sequence: int) -> Descriptor | None:
        """`sequence`: of the packet, unwrapped. None if not even the mandatory fields are there."""
        if len(data) < MANDATORY:
            return None
        try:
            frame = parse_frame(data, self._structure, self._active)
        except RtpError:
            frame = None
        if frame is not None and frame.told is not None and sequence > self._sequence:
            self._structure, self._active, self._sequence = frame.structure, frame.active, sequence
        number = data[1] << 8 | data[2]
        return Descriptor(data, data[0] & 0x80 != 0, data[0] & 0x40 != 0, number, frame)


class _Bits:
    """Reads numbers of some bits, most significant first."""

    __slots__ = ("_left", "_number", "at")

    def __init__(self, data: bytes, at: int) -> None:
        self._number = int.from_bytes(data, "big")
        self._left = 8 * len(data) - at
        self.at = at

    def read(self, bits: int) -> int:
        self._left -= bits
        if self._left < 0:
            raise RtpError("truncated dependency descriptor")
        self.at += bits
        return self._number >> self._left & (1 << bits) - 1

    def read_below(self, limit: int) -> int:
        """`ns(n)` of AV1: a number below `limit`, in as few bits as that needs."""
        width = limit.bit_length()
        short = (1 << width) - limit
        number = self.read(width - 1)
        return number if number < short else (number << 1) - short + self.read(1)


def parse_frame(data: bytes, structure: Structure | None, active: int) -> Frame:
    """`structure`, `active`: what earlier descriptors told. Raises RtpError if malformed, or if the
    structure is not known."""
    bits = _Bits(data, _EXTENDED_FLAGS_AT)
    flags = bits.read(5) if len(data) > MANDATORY else 0
    told = None
    if flags & 0b10000:
        structure = _read_structure(bits)
        told = active = structure.all_active
    if structure is None:
        raise RtpError("no structure yet")
    index = (data[0] & 0x3F) - structure.template_id_offset & 0x3F
    if index >= len(structure.layers):
        raise RtpError("no such template")
    mask_at = max(bits.at, _MASK_AT)
    mask_bits = len(structure.targets) if flags & _ACTIVE_FLAG else 0
    if mask_bits:
        told = active = bits.read(mask_bits)
    indications = structure.indications[index]
    if flags & 0b00100:
        indications = tuple(bits.read(2) for _ in structure.targets)
    if flags & 0b00010:
        _skip_frame_differences(bits)
    if flags & 0b00001:
        bits.read(8 * structure.chains)
    spatial, temporal = structure.layers[index]
    return Frame(
        structure,
        spatial,
        temporal,
        indications,
        active,
        told,
        mask_at,
        mask_bits,
        max(bits.at, mask_at),
    )


def _skip_frame_differences(bits: _Bits) -> None:
    """Each is as long as the two bits before it say: so many times four bits."""
    while size := bits.read(2):
        bits.read(4 * size)


def _read_structure(bits: _Bits) -> Structure:
    template_id_offset = bits.read(6)
    targets = bits.read(5) + 1
    layers = _read_layers(bits)
    indications = tuple(tuple(bits.read(2) for _ in range(targets)) for _ in layers)
    for _ in layers:
        while bits.read(1):
            bits.read(4)  # how many frames back one is that it needs
    chains = bits.read_below(targets + 1)
    if chains:
        for _ in range(targets):
            bits.read_below(chains)
        bits.read(4 * chains * len(layers))
    if bits.read(1):
        bits.read(32 * (layers[-1][0] + 1))  # resolutions
    return Structure(
        template_id_offset,
        layers,
        indications,
        chains,
        tuple(_target_layers(layers, indications, target) for target in range(targets)),
        tuple(_needs(indications, target) for target in range(targets)),
    )


def _read_layers(bits: _Bits) -> tuple[tuple[int, int], ...]:
    layers = []
    spatial = temporal = 0
    while True:
        layers.append((spatial, temporal))
        following = bits.read(2)
        if following == 3:
            return tuple(layers)
        if following == 1:
            temporal += 1
        elif following == 2:
            spatial += 1
            temporal = 0
        if spatial > MAX_SPATIAL or temporal > MAX_TEMPORAL or len(layers) == MAX_TEMPLATES:
            raise RtpError("too many layers")


def _target_layers(
    layers: tuple[tuple[int, int], ...], indications: tuple[tuple[int, ...], ...], target: int
) -> tuple[int, int]:
    spatial = temporal = 0
    for layer, indication in zip(layers, indications, strict=True):
        if indication[target] != NOT_PRESENT:
            spatial = max(spatial, layer[0])
            temporal = max(temporal, layer[1])
    return spatial, temporal


def _needs(indications: tuple[tuple[int, ...], ...], target: int) -> int:
    needs = 0
    for template, indication in enumerate(indications):
        if indication[target] != NOT_PRESENT:
            needs |= 1 << template
    return needs


def rewrite(descriptor: Descriptor, frame_number: int, active: int | None) -> bytes:
    """The descriptor with another frame number (cut to 16 bits), telling that the decode targets of
    `active` are sent; None, or where that cannot be told: what it told before."""
    data, frame = descriptor.data, descriptor.frame
    head = bytes((data[0], frame_number >> 8 & 0xFF, frame_number & 0xFF))
    if active is None or frame is None:
        return head + data[MANDATORY:]
    rest = _with_mask(data[MANDATORY:], frame, active)
    return head + (rest if MANDATORY + len(rest) <= 255 else data[MANDATORY:])


def _with_mask(extended: bytes, frame: Frame, active: int) -> bytes:
    """The extended fields: flags, structure, mask, and what the frame has of its own."""
    # Bits that are not there read as zeros: without extended fields all flags are.
    bits = frame.end_at - _EXTENDED_FLAGS_AT
    number = int.from_bytes(extended, "big") << bits >> 8 * len(extended)
    before = frame.mask_at - _EXTENDED_FLAGS_AT
    after = bits - before - frame.mask_bits
    targets = len(frame.structure.targets)
    first = number >> bits - before | _ACTIVE_FLAG << before - 5
    last = number & (1 << after) - 1
    number = (first << targets | active) << after | last
    bits = before + targets + after
    size = (bits + 7) // 8
    return (number << 8 * size - bits).to_bytes(size, "big")
