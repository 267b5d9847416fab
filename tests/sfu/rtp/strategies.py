"""Well-formed wire bytes for property tests, written down a second time from the RFCs."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

uint3 = st.integers(0, 7)
uint8 = st.integers(0, 0xFF)
uint16 = st.integers(0, 0xFFFF)
uint32 = st.integers(0, 0xFFFF_FFFF)
uint64 = st.integers(0, 0xFFFF_FFFF_FFFF_FFFF)
payloads = st.binary(min_size=1, max_size=40)


@dataclass(frozen=True)
class PictureId:
    value: int
    bits: int

    def __bytes__(self) -> bytes:
        if self.bits == 7:
            return bytes([self.value])
        return (0x8000 | self.value).to_bytes(2, "big")


picture_ids = st.one_of(
    st.builds(PictureId, st.integers(0, 0x7F), st.just(7)),
    st.builds(PictureId, st.integers(0, 0x7FFF), st.just(15)),
)


@dataclass(frozen=True)
class Vp8Payload:
    """A descriptor of RFC 7741, section 4.2, and what follows it."""

    start: bool
    partition: int
    picture_id: PictureId | None
    tl0picidx: int | None
    temporal: int | None
    layer_sync: bool
    key_index: int | None
    reserved: int
    """Bits a receiver must ignore: of the second octet, and the N bit of the first."""
    data: bytes

    @property
    def descriptor(self) -> bytes:
        first = (self.reserved & 0x01) << 5 | self.start << 4 | self.partition
        has_tk = self.temporal is not None or self.key_index is not None
        flags = (self.picture_id is not None) << 7 | (self.tl0picidx is not None) << 6
        flags |= (self.temporal is not None) << 5 | (self.key_index is not None) << 4
        if not flags:
            return bytes([first])
        wire = bytes([0x80 | first, flags | self.reserved])
        if self.picture_id is not None:
            wire += bytes(self.picture_id)
        if self.tl0picidx is not None:
            wire += bytes([self.tl0picidx])
        if has_tk:
            sync = self.layer_sync if self.temporal is not None else False
            wire += bytes([(self.temporal or 0) << 6 | sync << 5 | (self.key_index or 0)])
        return wire

    def __bytes__(self) -> bytes:
        return self.descriptor + self.data


vp8_payloads = st.builds(
    Vp8Payload,
    start=st.booleans(),
    partition=uint3,
    picture_id=st.none() | picture_ids,
    tl0picidx=st.none() | uint8,
    temporal=st.none() | st.integers(0, 3),
    layer_sync=st.booleans(),
    key_index=st.none() | st.integers(0, 31),
    reserved=st.integers(0, 15),
    data=payloads,
)


@dataclass(frozen=True)
class Vp9Layers:
    temporal: int
    switch_up: bool
    spatial: int
    inter_layer: bool
    tl0picidx: int

    def __bytes__(self) -> bytes:
        head = self.temporal << 5 | self.switch_up << 4 | self.spatial << 1 | self.inter_layer
        return bytes([head, self.tl0picidx])


@dataclass(frozen=True)
class Vp9Payload:
    """A descriptor of RFC 9628, section 4.2, and what follows it."""

    inter: bool
    flexible: bool
    start: bool
    end: bool
    not_upward: bool
    """Z: no higher spatial layer refers to this one."""
    picture_id: PictureId | None
    layers: Vp9Layers | None
    references: list[int]
    """P_DIFFs, one to three; only in flexible mode and where predicted."""
    spatial_layers: int | None
    """Of the scalability structure; None leaves it out."""
    size: tuple[int, int] | None
    """Of the scalability structure: width and height of each spatial layer."""
    pictures: list[list[int]] | None
    """Of the scalability structure: P_DIFFs per picture of the group."""
    data: bytes

    @property
    def descriptor(self) -> bytes:
        first = (self.picture_id is not None) << 7 | self.inter << 6
        first |= (self.layers is not None) << 5 | self.flexible << 4
        first |= self.start << 3 | self.end << 2 | (self.spatial_layers is not None) << 1
        first |= self.not_upward
        wire = bytes([first])
        if self.picture_id is not None:
            wire += bytes(self.picture_id)
        if self.layers is not None:
            wire += bytes(self.layers)[: 1 if self.flexible else 2]
        if self.flexible and self.inter:
            more = [True] * (len(self.references) - 1) + [False]
            wire += bytes(r << 1 | m for r, m in zip(self.references, more, strict=True))
        if self.spatial_layers is not None:
            wire += self._scalability(self.spatial_layers)
        return wire

    def _scalability(self, layers: int) -> bytes:
        flags = (self.size is not None) << 4 | (self.pictures is not None) << 3
        wire = bytes([layers - 1 << 5 | flags])
        if self.size is not None:
            wire += b"".join(side.to_bytes(2, "big") for side in self.size) * layers
        if self.pictures is not None:
            wire += bytes([len(self.pictures)])
            for references in self.pictures:
                wire += bytes([len(references) << 2]) + bytes(references)
        return wire

    def __bytes__(self) -> bytes:
        return self.descriptor + self.data


vp9_payloads = st.builds(
    Vp9Payload,
    inter=st.booleans(),
    flexible=st.booleans(),
    start=st.booleans(),
    end=st.booleans(),
    not_upward=st.booleans(),
    picture_id=st.none() | picture_ids,
    layers=st.none()
    | st.builds(
        Vp9Layers,
        temporal=uint3,
        switch_up=st.booleans(),
        spatial=uint3,
        inter_layer=st.booleans(),
        tl0picidx=uint8,
    ),
    references=st.lists(st.integers(1, 127), min_size=1, max_size=3),
    spatial_layers=st.none() | st.integers(1, 8),
    size=st.none() | st.tuples(uint16, uint16),
    pictures=st.none() | st.lists(st.lists(uint8, max_size=3), max_size=4),
    data=payloads,
)
