"""The dependency descriptor: what is read is what was written, and nothing breaks the reader."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.rtp.dependency import Descriptor, Frame, Reader, Structure, parse_frame, rewrite
from sfu.rtp.packet import RtpError
from tests.support.descriptors import Description, Layout, Template

LAYOUT = Layout(
    (
        Template(0, 0, (2, 2, 2), (), (0,)),
        Template(0, 0, (2, 2, 2), (4,), (4,)),
        Template(0, 1, (0, 1, 2), (2,), (2,)),
        Template(0, 2, (0, 0, 1), (1,), (1,)),
    ),
    template_id_offset=61,
    protected_by=(0, 0, 0),
    resolutions=((1280, 720),),
)
"""One spatial layer, three temporal ones."""


@st.composite
def layouts(draw: st.DrawFn) -> Layout:
    targets = draw(st.integers(1, 32))
    chains = draw(st.integers(0, min(targets, 4)))
    layers = draw(st.sets(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=8))
    full = {
        (s, t)
        for spatial, temporal in layers
        for s in range(spatial + 1)
        for t in range(temporal + 1)
    } | {(0, 0)}
    numbers = st.integers(0, 3)
    templates = tuple(
        Template(
            spatial,
            temporal,
            draw(st.tuples(*[numbers] * targets)),
            draw(st.lists(st.integers(1, 16), max_size=3).map(tuple)),
            draw(st.tuples(*[st.integers(0, 15)] * chains)),
        )
        for spatial, temporal in sorted(full)
    )
    resolutions = [(draw(st.integers(1, 1 << 16)), 90)] * (templates[-1].spatial + 1)
    return Layout(
        templates,
        draw(st.integers(0, 63)),
        draw(st.tuples(*[st.integers(0, chains - 1)] * targets)) if chains else (),
        tuple(resolutions) if draw(st.booleans()) else (),
    )


def maybe(strategy: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.none() | strategy


@st.composite
def descriptions(draw: st.DrawFn, layout: Layout, *, key: bool) -> Description:
    targets = layout.targets
    return draw(
        st.builds(
            Description,
            template_id=st.integers(0, len(layout.templates) - 1).map(
                lambda index: (index + layout.template_id_offset) % 64
            ),
            frame_number=st.integers(0, 0xFFFF),
            start=st.booleans(),
            end=st.booleans(),
            layout=st.just(layout if key else None),
            active=maybe(st.integers(1, (1 << targets) - 1)),
            indications=maybe(st.tuples(*[st.integers(0, 3)] * targets)),
            differences=maybe(st.lists(st.integers(1, 4096), max_size=4).map(tuple)),
            chains=maybe(st.tuples(*[st.integers(0, 255)] * layout.chains)),
        )
    )


described = layouts().flatmap(
    lambda layout: st.tuples(
        st.just(layout),
        st.lists(descriptions(layout, key=False), max_size=4),
        descriptions(layout, key=True),
    )
)


def assert_read(found: Descriptor | None, sent: Description, layout: Layout, active: int) -> None:
    assert found is not None
    assert (found.start, found.end) == (sent.start, sent.end)
    assert found.frame_number == sent.frame_number
    frame = found.frame
    assert frame is not None
    template = layout.templates[(sent.template_id - layout.template_id_offset) % 64]
    assert (frame.spatial, frame.temporal) == (template.spatial, template.temporal)
    assert frame.indications == (sent.indications or template.indications)
    assert frame.active == active
    told = sent.active is not None or sent.layout is not None
    assert frame.told == (active if told else None)


@given(described, st.integers(0, 3), st.booleans())
def test_what_was_written_is_read(
    drawn: tuple[Layout, list[Description], Description], padding: int, extended: bool
) -> None:
    layout, rest, key = drawn
    reader = Reader()
    active = (1 << layout.targets) - 1
    for sequence, sent in enumerate([key, *rest], 1):
        data = sent.bytes(layout, padding=padding if extended else 0, extended=extended)
        active = sent.active or active
        assert_read(reader.read(data, sequence), sent, layout, active)


@given(described, st.integers(0, 1 << 20), st.data())
def test_rewritten_tells_another_number_and_mask_and_all_else_as_before(
    drawn: tuple[Layout, list[Description], Description], number: int, data: st.DataObject
) -> None:
    layout, rest, key = drawn
    before, after = Reader(), Reader()
    for sequence, sent in enumerate([key, *rest], 1):
        descriptor = before.read(sent.bytes(layout), sequence)
        assert descriptor is not None
        active = data.draw(st.integers(1, (1 << layout.targets) - 1))
        rewritten = rewrite(descriptor, number, active)
        assert len(rewritten) <= 255
        found = after.read(rewritten, sequence)
        if len(descriptor.data) < 250:
            expected = {**vars(sent), "frame_number": number & 0xFFFF, "active": active}
            assert_read(found, Description(**expected), layout, active)
            assert rewritten == Description(**expected).bytes(layout)


@given(described)
def test_only_the_number_where_nothing_else_changes(
    drawn: tuple[Layout, list[Description], Description],
) -> None:
    layout, _, key = drawn
    descriptor = Reader().read(key.bytes(layout, padding=2), 1)
    assert descriptor is not None
    rewritten = rewrite(descriptor, 0x1_2345, None)
    assert rewritten == descriptor.data[:1] + b"\x23\x45" + descriptor.data[3:]


@given(st.lists(st.binary(max_size=255), max_size=4), described)
def test_any_bytes_are_read_or_not(
    noise: list[bytes], drawn: tuple[Layout, list[Description], Description]
) -> None:
    layout, _, key = drawn
    reader = Reader()
    for sequence, data in enumerate([*noise, key.bytes(layout), *noise], 1):
        descriptor = reader.read(data, sequence)
        assert (descriptor is None) == (len(data) < 3)
        if descriptor is not None:
            rewrite(descriptor, sequence, 1)


@given(described, st.data())
def test_a_cut_descriptor_is_an_error_or_shorter_than_its_padding(
    drawn: tuple[Layout, list[Description], Description], data: st.DataObject
) -> None:
    layout, _, key = drawn
    whole = key.bytes(layout)
    cut = whole[: data.draw(st.integers(4, len(whole)))]
    if len(cut) < len(whole):
        with pytest.raises(RtpError):
            parse_frame(cut, None, 0)


def frame_of(sent: Description, reader: Reader, sequence: int) -> Frame | None:
    descriptor = reader.read(sent.bytes(LAYOUT), sequence)
    assert descriptor is not None
    return descriptor.frame


def test_without_its_structure_only_the_number_is_known() -> None:
    reader = Reader()
    assert frame_of(Description(62, 7), reader, 1) is None
    assert frame_of(Description(61, 8, layout=LAYOUT), reader, 2) is not None
    assert frame_of(Description(60, 9), reader, 3) is None  # no such template
    later = frame_of(Description(0, 9), reader, 4)
    assert later is not None
    assert (later.spatial, later.temporal) == (0, 2)


def test_what_is_told_late_is_not_kept() -> None:
    reader = Reader()
    newest = frame_of(Description(61, 8, layout=LAYOUT, active=3), reader, 20)
    late = frame_of(Description(61, 7, layout=LAYOUT), reader, 10)
    after = frame_of(Description(62, 9), reader, 21)
    assert newest is not None
    assert late is not None
    assert after is not None
    assert after.structure is newest.structure is not late.structure
    assert (late.active, after.active) == (7, 3)


def test_targets_need_what_their_frames_are_of() -> None:
    structure = parse_frame(Description(61, 8, layout=LAYOUT).bytes(LAYOUT), None, 0).structure
    assert structure.targets == ((0, 0), (0, 1), (0, 2))
    assert [structure.within(target) for target in range(3)] == [0b001, 0b011, 0b111]


def test_a_structure_beyond_four_spatial_layers_is_none() -> None:
    templates = tuple(Template(spatial, 0, (2,)) for spatial in range(5))
    layout = Layout(templates)
    with pytest.raises(RtpError):
        parse_frame(Description(0, 1, layout=layout).bytes(layout), None, 0)


def test_as_many_templates_as_there_are_identifiers() -> None:
    layout = Layout((Template(0, 0, (2,)),) * 64)
    frame = parse_frame(Description(63, 1, layout=layout).bytes(layout), None, 0)
    assert len(frame.structure.layers) == 64
    layout = Layout((Template(0, 0, (2,)),) * 65)
    with pytest.raises(RtpError):
        parse_frame(Description(63, 1, layout=layout).bytes(layout), None, 0)


def test_a_mask_that_makes_it_too_long_is_left_out() -> None:
    layout = Layout((Template(0, 0, (2,) * 32),))
    sent = Description(0, 1, layout=layout, differences=(4096,) * 160)
    reader = Reader()
    descriptor = reader.read(sent.bytes(layout)[:255], 1)
    assert descriptor is not None
    assert descriptor.frame is None
    long = Description(0, 1, layout=layout, differences=(4096,) * 137)
    assert 251 < len(long.bytes(layout)) <= 255
    descriptor = reader.read(long.bytes(layout), 2)
    assert descriptor is not None
    assert descriptor.frame is not None
    assert rewrite(descriptor, 0xABCD, 5)[3:] == descriptor.data[3:]


def test_structures_are_told_apart() -> None:
    data = Description(61, 8, layout=LAYOUT).bytes(LAYOUT)
    one, two = (parse_frame(data, None, 0).structure for _ in range(2))
    assert isinstance(one, Structure)
    assert one != two
