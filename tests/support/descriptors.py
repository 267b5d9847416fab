"""Writes dependency descriptors ("RTP Payload Format For AV1", appendix A)."""

from __future__ import annotations

from dataclasses import dataclass


class Bits:
    """Most significant first."""

    def __init__(self) -> None:
        self._number = 0
        self.size = 0

    def put(self, number: int, bits: int) -> None:
        assert 0 <= number < 1 << bits
        self._number = self._number << bits | number
        self.size += bits

    def put_below(self, number: int, limit: int) -> None:
        """`ns(n)`."""
        width = limit.bit_length()
        short = (1 << width) - limit
        if number < short:
            self.put(number, width - 1)
        else:
            self.put(number + short, width)

    def bytes(self, padding: int = 0) -> bytes:
        """Filled up with zeros, and so many bytes of them more."""
        size = (self.size + 7) // 8
        return (self._number << 8 * size - self.size).to_bytes(size, "big") + bytes(padding)


@dataclass(frozen=True)
class Template:
    spatial: int
    temporal: int
    indications: tuple[int, ...]
    differences: tuple[int, ...] = ()
    """Frames back, 1..16."""
    chains: tuple[int, ...] = ()


@dataclass(frozen=True)
class Layout:
    """A template dependency structure. Templates are in ascending order of layers."""

    templates: tuple[Template, ...]
    template_id_offset: int = 0
    protected_by: tuple[int, ...] = ()
    """Of each decode target, its chain; none if there are no chains."""
    resolutions: tuple[tuple[int, int], ...] = ()
    """Of each spatial layer."""

    @property
    def targets(self) -> int:
        return len(self.templates[0].indications)

    @property
    def chains(self) -> int:
        return len(self.templates[0].chains)

    def write(self, bits: Bits) -> None:
        bits.put(self.template_id_offset, 6)
        bits.put(self.targets - 1, 5)
        self._write_layers(bits)
        for template in self.templates:
            for indication in template.indications:
                bits.put(indication, 2)
        for template in self.templates:
            for difference in template.differences:
                bits.put(0x10 | difference - 1, 5)
            bits.put(0, 1)
        self._write_chains(bits)
        bits.put(bool(self.resolutions), 1)
        for width, height in self.resolutions:
            bits.put(width - 1, 16)
            bits.put(height - 1, 16)

    def _write_layers(self, bits: Bits) -> None:
        for one, following in zip(self.templates, self.templates[1:], strict=False):
            step = 2 if following.spatial > one.spatial else following.temporal - one.temporal
            bits.put(step, 2)
        bits.put(3, 2)

    def _write_chains(self, bits: Bits) -> None:
        bits.put_below(self.chains, self.targets + 1)
        if self.chains:
            for chain in self.protected_by:
                bits.put_below(chain, self.chains)
            for template in self.templates:
                for difference in template.chains:
                    bits.put(difference, 4)


@dataclass(frozen=True)
class Description:
    """A descriptor; what is None is not written."""

    template_id: int
    frame_number: int
    start: bool = True
    end: bool = True
    layout: Layout | None = None
    active: int | None = None
    indications: tuple[int, ...] | None = None
    differences: tuple[int, ...] | None = None
    """Frames back, 1..4096."""
    chains: tuple[int, ...] | None = None

    def bytes(self, layout: Layout, *, padding: int = 0, extended: bool = False) -> bytes:
        """`layout`: the one it refers to. `extended`: write the flags even if none is set."""
        bits = Bits()
        bits.put(self.start, 1)
        bits.put(self.end, 1)
        bits.put(self.template_id, 6)
        bits.put(self.frame_number, 16)
        optional = (self.layout, self.active, self.indications, self.differences, self.chains)
        if extended or any(field is not None for field in optional):
            for field in optional:
                bits.put(field is not None, 1)
            self._write_optional(bits, layout)
        return bits.bytes(padding)

    def _write_optional(self, bits: Bits, layout: Layout) -> None:
        if self.layout is not None:
            self.layout.write(bits)
        if self.active is not None:
            bits.put(self.active, layout.targets)
        for indication in self.indications or ():
            bits.put(indication, 2)
        if self.differences is not None:
            for difference in self.differences:
                size = (difference - 1).bit_length() + 3 >> 2 or 1
                bits.put(size, 2)
                bits.put(difference - 1, 4 * size)
            bits.put(0, 2)
        for chain in self.chains or ():
            bits.put(chain, 8)
