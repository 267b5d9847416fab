"""Dependency descriptors are read, remembered and rewritten as by `sfu.rtp.dependency`."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import byref, c_uint32

from hypothesis import given, settings
from hypothesis import strategies as st

from sfu.rtp import dependency
from tests.sfu.engine.core.library import (
    DependencyStructure,
    Descriptor,
    DescriptorReader,
    Edge,
    no_memory,
)
from tests.sfu.engine.core.strategies import damaged
from tests.sfu.rtp.strategies import uint16, uint32
from tests.sfu.rtp.test_dependency import described
from tests.support.descriptors import Description, Layout, Template


@st.composite
def streams(draw: st.DrawFn) -> list[bytes]:
    """Two keyframes, what follows them, and some of it damaged."""
    wires = []
    for _ in range(2):
        layout, rest, key = draw(described)
        wires += [sent.bytes(layout) for sent in (key, *rest)]
    return [draw(damaged(st.just(wire))) for wire in wires]


@contextmanager
def reading(core: ctypes.CDLL) -> Iterator[DescriptorReader]:
    reader = DescriptorReader()
    try:
        yield reader
    finally:
        core.descriptor_reader_clear(byref(reader))


def indications(packed: int, targets: int) -> tuple[int, ...]:
    return tuple(packed >> 2 * target & 3 for target in range(targets))


def assert_same_structure(
    core: ctypes.CDLL, found: DependencyStructure, expected: dependency.Structure
) -> None:
    targets = len(expected.targets)
    assert found.first_template == expected.template_id_offset
    assert (found.template_count, found.target_count) == (len(expected.layers), targets)
    assert found.chain_count == expected.chains
    for index, (spatial, temporal) in enumerate(expected.layers):
        assert (found.layers[index].spatial, found.layers[index].temporal) == (spatial, temporal)
        assert indications(found.indications[index], targets) == expected.indications[index]
    for target, (spatial, temporal) in enumerate(expected.targets):
        highest = found.targets[target]
        assert (highest.spatial, highest.temporal) == (spatial, temporal)
        assert core.dependency_within(byref(found), target) == expected.within(target)


def assert_same_frame(
    core: ctypes.CDLL, found: Descriptor, expected: dependency.Frame | None
) -> None:
    assert bool(found.structure) == (expected is not None)
    if expected is None:
        return
    assert_same_structure(core, found.structure.contents, expected.structure)
    frame = found.frame
    assert (frame.layer.spatial, frame.layer.temporal) == (expected.spatial, expected.temporal)
    assert indications(frame.indications, frame.target_count) == expected.indications
    assert frame.active == expected.active
    assert (frame.has_structure or frame.has_active) == (expected.told is not None)


def rewrite(core: ctypes.CDLL, found: Descriptor, number: int, active: int | None) -> bytes:
    room = ctypes.create_string_buffer(260)
    told = None if active is None else byref(c_uint32(active))
    size = core.descriptor_write(byref(found), number, told, room)
    return room.raw[:size]


@settings(max_examples=100)
@given(streams(), st.lists(st.integers(1, 9), min_size=12, max_size=12), uint16, uint32)
def test_same_reading_and_rewriting(
    core: ctypes.CDLL, edge: Edge, wires: list[bytes], order: list[int], number: int, targets: int
) -> None:
    reference = dependency.Reader()
    with reading(core) as reader:
        for wire, sequence in zip(wires, order, strict=False):
            expected = reference.read(wire, sequence)
            found = core.descriptor_new(byref(reader), edge.put(wire), len(wire), sequence)
            assert bool(found) == (expected is not None)
            if expected is None:
                continue
            assert_same_frame(core, found.contents, expected.frame)
            active = targets & expected.frame.structure.all_active if expected.frame else targets
            for told in (None, active):
                rewritten = dependency.rewrite(expected, number, told)
                assert rewrite(core, found.contents, number, told) == rewritten
            core.descriptor_free(found)


@settings(max_examples=300)
@given(st.binary(max_size=255), st.binary(max_size=40))
def test_same_reading_of_anything(
    core: ctypes.CDLL, edge: Edge, first: bytes, second: bytes
) -> None:
    reference = dependency.Reader()
    with reading(core) as reader:
        for sequence, wire in enumerate((first, second), 1):
            expected = reference.read(wire, sequence)
            found = core.descriptor_new(byref(reader), edge.put(wire), len(wire), sequence)
            assert bool(found) == (expected is not None)
            if expected is not None:
                assert_same_frame(core, found.contents, expected.frame)
            core.descriptor_free(found)


def test_the_longest_is_not_made_longer(core: ctypes.CDLL) -> None:
    """A header extension has no room for more than 255 bytes."""
    layout = Layout((Template(0, 0, (2, 2), (), ()),))
    key = Description(template_id=0, frame_number=1, layout=layout).bytes(layout)
    differences = (4096,) * 143 + (1,)
    wire = Description(template_id=0, frame_number=2, differences=differences).bytes(layout)
    assert len(wire) == 255
    reference = dependency.Reader()
    with reading(core) as reader:
        core.descriptor_free(core.descriptor_new(byref(reader), key, len(key), 1))
        reference.read(key, 1)
        expected = reference.read(wire, 2)
        found = core.descriptor_new(byref(reader), wire, len(wire), 2)
        assert found.contents.structure
        assert expected is not None
        assert rewrite(core, found.contents, 3, 1) == dependency.rewrite(expected, 3, 1)
        assert rewrite(core, found.contents, 2, 1) == wire
        core.descriptor_free(found)


def test_no_memory(core: ctypes.CDLL) -> None:
    layout = Layout((Template(0, 0, (2, 2), (), ()),))
    key = Description(template_id=0, frame_number=1, layout=layout).bytes(layout)
    with reading(core) as reader, no_memory(core):
        assert not core.descriptor_new(byref(reader), key, len(key), 1)
        assert not reader.structure
