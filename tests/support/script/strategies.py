"""Scripts for property tests. Common things come often, hostile ones now and then."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from sfu.engine.interface import Codec, Extension, Kind, SrtpProfile, Switch
from tests.support.descriptors import Description, Layout
from tests.support.script import commands, feedback, network, publishing
from tests.support.script.world import EXTENSION_IDS, MODES, SPARE_PATHS, Step
from tests.support.wire import PUBLISHED, PUBLISHED_EXTENSIONS

Steps = st.SearchStrategy[Step]

MOST = 12
"""Encodings, slots or members that a step tells apart."""

which = st.integers(0, MOST - 1)
video = st.sampled_from([codec for codec in Codec if codec.kind is Kind.VIDEO])
switches = st.sampled_from(list(Switch))
paths = st.integers(0, len(SPARE_PATHS) - 1)
payload_types = st.sampled_from(
    [*sorted({number for pair in PUBLISHED.values() for number in pair if number}), 34]
)


def _steps(build: Callable[..., Any], **options: st.SearchStrategy[Any]) -> Steps:
    return st.builds(build, **options)


def _seldom(value: object, usual: object = False) -> st.SearchStrategy[Any]:
    return st.sampled_from([usual] * 7 + [value])


# Publishers

_ids = PUBLISHED_EXTENSIONS
elements = st.one_of(
    st.tuples(st.just(_ids[Extension.AUDIO_LEVEL]), st.binary(min_size=1, max_size=1)),
    st.tuples(st.just(_ids[Extension.VIDEO_ORIENTATION]), st.binary(min_size=1, max_size=2)),
    st.tuples(st.just(_ids[Extension.ABS_SEND_TIME]), st.just(b"\1\2\3")),
    st.tuples(st.sampled_from([12, 40]), st.sampled_from([b"", b"x", b"of nobody's interest"])),
)
layouts = st.sampled_from([mode.layout(offset) for mode in MODES for offset in (0, 60)])


def _described(layout: Layout) -> st.SearchStrategy[bytes]:
    """A descriptor that may refer to a structure that came before, or not."""
    count, targets = len(layout.templates), layout.targets
    return st.builds(
        Description,
        template_id=st.integers(0, count).map(lambda at: (layout.template_id_offset + at) % 64),
        frame_number=st.sampled_from([0, 1, 2, 3, 0x7FFF, 0xFFFF]),
        start=st.booleans(),
        end=st.booleans(),
        layout=st.sampled_from([None, None, layout]),
        active=st.none() | st.integers(0, (1 << targets) - 1),
        indications=st.none() | st.tuples(*[st.integers(0, 3)] * targets),
        differences=st.none() | st.sampled_from([(), (1,), (16, 17, 4096)]),
        chains=st.none() | st.just((255,) * layout.chains),
    ).map(lambda description: description.bytes(layout))


descriptors = st.one_of(
    layouts.flatmap(_described),
    layouts.flatmap(_described),
    st.binary(max_size=20),
    st.sampled_from([b"\xc0\0\1" + b"\x14" * 252, b"\xc0\0\1" + b"\x94" * 200]),
).map(lambda value: (_ids[Extension.DEPENDENCY_DESCRIPTOR], value))
extras = st.one_of(
    st.lists(elements, max_size=3).map(tuple),
    descriptors.map(lambda element: (element,)),
)

frames = _steps(
    publishing.Frame,
    encoding=which,
    keyframe=st.booleans(),
    packets=st.sampled_from([1, 2, 3, 3, 5, 12]),
    size=st.sampled_from([0, 1, 40, 300, 1150, 1290]),
    shape=st.integers(0, 6),
    seconds=st.sampled_from([0.04, 0.04, 0.02, 0.0, 0.0333, 0.0001, 1.0]),
    extra=extras,
    bare=_seldom(True),
    padding=_seldom(7, 0),
)
keyframes = _steps(publishing.Frame, encoding=which, keyframe=st.just(True))
bursts = _steps(
    publishing.Frame,
    encoding=which,
    keyframe=st.booleans(),
    packets=st.sampled_from([20, 64, 65, 130]),
    size=st.just(2),
)
talk = _steps(
    publishing.Frame,
    encoding=st.sampled_from([3, 7, 11]),
    packets=st.just(1),
    size=st.sampled_from([0, 60]),
    shape=st.integers(0, 1),
    seconds=st.just(0.02),
    extra=st.integers(0, 255).map(lambda level: ((_ids[Extension.AUDIO_LEVEL], bytes((level,))),)),
)
pictures = _steps(
    publishing.Picture,
    encoding=which,
    mode=st.sampled_from([0, 0, 0, 1, 1, 1, 2, 3, 4, 5]),
    described=st.booleans(),
    keyframe=st.sampled_from([False, False, False, True]),
    packets=st.integers(1, 3),
    size=st.sampled_from([0, 30, 30, 300]),
    spatial=st.sampled_from([99, 99, 99, 1, 0]),
    active=st.one_of(st.none(), st.none(), st.none(), st.integers(0, 511)),
)
scalable = st.builds(
    lambda mode, described, keyframe: [
        publishing.Picture(encoding, mode, described, keyframe) for encoding in range(9)
    ],
    st.sampled_from([0, 1, 2, 3]),
    st.booleans(),
    st.sampled_from([False, False, False, False, True]),
)
"""A picture of every camera."""
described_frames = _steps(
    publishing.Frame,
    encoding=which,
    keyframe=st.booleans(),
    shape=st.integers(0, 3),
    extra=descriptors.map(lambda element: (element,)),
)
redundant = _steps(
    publishing.Redundant,
    encoding=which,
    blocks=st.lists(st.sampled_from([0, 1, 20, 20, 300]), min_size=1, max_size=4).map(tuple),
    payload_type=_seldom(0, None),
    cut=st.sampled_from([0, 0, 0, 0, 0, 1, 19, 21]),
)
jumps = _steps(
    publishing.Jump,
    encoding=which,
    sequence=st.sampled_from(
        [0, 1, 2, 17, 600, 999, 1000, 1001, 2047, 2048, 2049, 0x7000, 0x7FFF, -1, -3, -2050]
    ),
    timestamp=st.sampled_from([0, 0, 1, 90_000, -3600, 0x7000_0000, 0x7FFF_FFFF, 1 << 31]),
    picture=st.sampled_from([0, 0, 1, 100, 0x7F00]),
)
restarts = _steps(
    publishing.Restart,
    encoding=which,
    change=st.integers(0, 2),
    sequence=st.sampled_from([0, 1, 5000, 0x7FFF, 0xFFFE]),
)
changes = _steps(publishing.ChangeCodec, encoding=which, codec=video)
backs = st.lists(st.integers(0, 12), min_size=1, max_size=6).map(tuple)
repairs = _steps(
    publishing.Repair,
    encoding=which,
    back=backs,
    cut=_seldom(1, None),
    padding=_seldom(9, 0),
)
empty_repairs = _steps(
    publishing.Repair,
    encoding=which,
    back=st.just((0,)),
    cut=st.integers(0, 3),
    padding=st.integers(0, 2),
)
far_repairs = _steps(
    publishing.Repair,
    encoding=which,
    back=st.lists(st.integers(0, 600), min_size=5, max_size=20).map(tuple),
)
answers = _steps(publishing.AnswerNacks, member=which)
nonsense = _steps(
    publishing.Nonsense,
    encoding=which,
    payload_type=payload_types,
    payload=st.binary(max_size=24),
    block=st.binary(max_size=20),
    profile=st.sampled_from([0xBEDE, 0x1000, 0x1005, 0xABAC]),
    csrcs=_seldom(2, 0),
    padding=_seldom(3, 0),
    repair=st.booleans(),
    ssrc=_seldom(0xCAFE, None),
)
strangers = _steps(
    publishing.Nonsense,
    encoding=which,
    payload_type=payload_types,
    payload=st.just(b"\x10\x10"),
    block=st.sampled_from([b"\x401", b"\x402\x00\xd0\x01", b"\x400", b"\x401\xa0q", b"\x401\xb0q"]),
    ssrc=st.integers(0xCAFE, 0xCAFE + 40),
)

# Control messages

tells = _steps(
    feedback.SenderReport,
    encoding=which,
    skew=st.sampled_from([0.0, 0.0, 0.01, -0.2, 1.5, 3.0, -500.0, 7000.0, -2000.0]),
    ticks=st.sampled_from([0, 0, 0, 9000, -1000, 1 << 31]),
    repair=_seldom(True),
)
reports = _steps(
    feedback.Report,
    slot=which,
    fraction_lost=st.integers(0, 255),
    round_trip=st.sampled_from([0.0, 0.01, 0.05, 0.3, 9.99, 12.0, -1.0, -12.0, -40_000.0]),
    unknown=_seldom(True),
)
asks = _steps(feedback.Ask, slot=which, back=backs, repair=_seldom(True))
wide_asks = _steps(
    feedback.Ask,
    slot=which,
    back=st.lists(st.integers(-5, 1200), min_size=1, max_size=60, unique=True).map(tuple),
)
pleas = _steps(feedback.LosePicture, slot=which, by_fir=st.booleans())
estimates = _steps(
    feedback.Estimate, slot=which, bitrate=st.sampled_from([0, 1, 262_143, 262_145, 3_000_000])
)
control_packets = st.tuples(
    st.sampled_from([200, 201, 202, 203, 204, 205, 205, 206, 206, 207]),
    st.sampled_from([0x80, 0x81, 0x81, 0x82, 0x84, 0x8F, 0x9F, 0xA1, 0x41]),
    st.one_of(
        st.binary(max_size=40),
        st.sampled_from(
            [
                b"\0\0\0\1\0\0\0\0REMB\1\xff\xff\xff\0\0\0\1",
                b"\0\0\0\1\0\0\0\0REMB\2\1\xff\xff\0\0\0\1",
                b"\0\0\0\1\0\0\0\0REMX\1\1\xff\xff\0\0\0\1",
                b"\0\0\0\1\0\0\0\0REMB",
            ]
        ),
    ),
)
controls = _steps(
    feedback.Control,
    member=which,
    packets=st.lists(control_packets, min_size=1, max_size=3).map(tuple),
    cut=_seldom(1, 0),
)

crowds = _steps(
    feedback.Crowd, member=which, first=st.integers(100, 200), count=st.sampled_from([5, 40])
)

# The network

losses = st.one_of(
    _steps(network.Lose, at=st.integers(0, 30)),
    _steps(network.Lose, at=st.integers(0, 30)),
    _steps(network.Repeat, at=st.integers(0, 30)),
    _steps(network.Hold, at=st.integers(0, 30)),
    _steps(network.Release),
    _steps(network.Shuffle, seed=st.integers(0, 9)),
)
damage = _steps(
    network.Damage,
    at=st.integers(0, 30),
    byte=st.one_of(st.integers(0, 20), st.integers(0, 1500)),
    change=st.sampled_from([0, 1, 0x10, 0x20, 0x40, 0x80]),
)
noise = _steps(
    network.Noise,
    data=st.one_of(
        st.binary(max_size=60),
        st.tuples(st.sampled_from([0, 20, 63, 128, 144, 160, 191]), st.binary(max_size=60)).map(
            lambda parts: bytes((parts[0],)) + parts[1]
        ),
        st.sampled_from([b"", b"\x80" * 1500, b"\x80" * 1501, b"\x80\xc8" + bytes(30)]),
    ),
    member=st.one_of(which, st.none()),
    path=paths,
)
stun = _steps(network.Stun, member=st.one_of(which, st.just(-1), st.none()), path=paths)

# Commands

highest = st.sampled_from([None, None, 0, 0, 1, 2, 7])
shows = _steps(
    commands.Show,
    slot=which,
    encoding=st.one_of(which, which, which, st.none()),
    switch=switches,
    paused=_seldom(True),
    any_kind=_seldom(True),
    spatial=highest,
    temporal=highest,
)
layers = _steps(
    commands.Show,
    slot=which,
    encoding=which,
    switch=st.just(Switch.LAYER),
    spatial=highest,
    temporal=highest,
)
limits = _steps(
    commands.Show,
    slot=st.integers(0, 2),
    encoding=st.integers(3, 5),
    switch=st.sampled_from([Switch.LAYER, Switch.LAYER, Switch.CUT]),
    spatial=highest,
    temporal=highest,
)
"""Often the same source again with others."""
show_all = _steps(commands.ShowAll, first=which, switch=switches)
close_source = _steps(commands.CloseSource, encoding=which)
open_source = _steps(commands.OpenSource, encoding=which)
close_sink = _steps(commands.CloseSink, slot=which)
open_sink = _steps(
    commands.OpenSink,
    member=which,
    kind=st.sampled_from(list(Kind)),
    rtx=st.booleans(),
    extension_ids=st.integers(0, len(EXTENSION_IDS) - 1),
    codecs=st.one_of(st.none(), st.lists(video, min_size=1, max_size=2).map(tuple)),
    red=st.booleans(),
)
leave = _steps(commands.Leave, member=which)
rekey = _steps(commands.Rekey, member=which, seed=st.integers(0, 9))
select_own = _steps(commands.Select, member=which, path=st.just(-1))
select = _steps(commands.Select, member=which, path=st.one_of(st.none(), st.just(-1), paths))
validate = _steps(
    commands.Validate,
    member=which,
    path=paths,
    count=st.sampled_from([1, 2, 8, 11]),
    expect=st.booleans(),
)
move = _steps(commands.Move, member=which, path=paths)
rename = _steps(commands.Rename, member=which, names=st.sampled_from([(), ("a", "b"), ("a",)]))
renumber = _steps(commands.Renumber, member=which, known=st.booleans())
limit = _steps(commands.Limit, member=which, bitrate=st.sampled_from([0, 1, 300_000, 2_500_000]))
tell = _steps(commands.Tell, path=paths, data=st.just(b"\0stun"), member=st.none() | which)

joins = _steps(
    commands.Join,
    profile=st.sampled_from(list(SrtpProfile)),
    codec=video,
    rtx=st.booleans(),
    extension_ids=st.integers(0, len(EXTENSION_IDS) - 1),
    declared=st.booleans(),
    narrow=_seldom(True),
    red=st.booleans(),
)

KINDS: list[Steps] = [
    # Everyday steps come twice.
    *(frames, keyframes, talk, shows, layers, pleas, asks, wide_asks, answers, repairs) * 2,
    *(pictures, limits, redundant) * 2,
    *(tells, reports, estimates, show_all, open_source, open_sink, limit) * 2,
    *(
        described_frames,
        bursts,
        far_repairs,
        jumps,
        restarts,
        changes,
        empty_repairs,
        nonsense,
        strangers,
    ),
    *(controls, crowds, damage, noise, stun, close_source, close_sink, leave, rekey, select_own),
    *(select, validate, move, rename, renumber, tell),
    _steps(commands.Astray),
    _steps(commands.Count),
]

ticks = st.one_of(
    _steps(network.Tick, seconds=st.sampled_from([0, 0.001, 0.005, 0.01, 0.02, 0.1, 0.5, 1.3])),
    _steps(network.Tick, seconds=st.just(0.04)),
    _steps(network.Tick, seconds=st.just(0.04)),
    _steps(network.Tick, seconds=st.floats(0, 0.25, width=32)),
    _seldom(network.Stall(29.9), network.Tick(0.02)),
    _seldom(network.Stall(61.0), network.Tick(0.02)),
    _seldom(network.Stall(4000.0), network.Tick(3.5)),
)

everybody = _steps(
    publishing.Everybody,
    keyframes=st.one_of(st.just(0), st.just(0xFFF), st.integers(0, 0xFFF)),
    paused=st.one_of(st.just(0), st.just(0), st.integers(0, 0xFFF)),
    packets=st.integers(1, 4),
    size=st.sampled_from([40, 40, 40, 300, 1150, 1, 0]),
    shape=st.sampled_from([0, 0, 0, 1, 2, 3, 4, 5, 6]),
    level=st.sampled_from([0x9E, 0x7F, 0xFF, 0x28, 0x29, 0xB2, 0xB3]),
    bare=_seldom(True),
)

THEMES: dict[str, list[Steps]] = {
    "receivers ask again": [asks, asks, wide_asks, bursts, reports, shows],
    "publishers repair": [answers, repairs, far_repairs, bursts, keyframes, changes],
    "numbers jump": [jumps, frames, layers, shows, show_all, tells],
    "paths change": [validate, select, move, stun, noise],
    "streams come and go": [strangers, restarts, close_source, open_source, open_sink, close_sink],
    "layers are left out": [pictures, pictures, pictures, limits, layers, asks, answers],
    "layers are described": [pictures, described_frames, limits, layers, wide_asks, changes],
    "sound is redundant": [redundant, redundant, talk, shows, open_sink],
    "strange messages": [crowds, controls, nonsense, damage, empty_repairs],
}
"""Kinds of steps that matter to each other."""


@st.composite
def scripts(draw: st.DrawFn, most_rounds: int, theme: str | None = None) -> list[Step]:
    """A meeting of two or three, in which every slot shows something, that goes on for some rounds.

    A theme, or a few kinds of steps drawn anew for each script, make up the whole of it: so one
    thing is gone into deeply, and the meeting is not always cut short by the first that leaves.
    """
    few = st.lists(st.sampled_from(KINDS), min_size=1, max_size=6)
    chosen = st.one_of(draw(few) if theme is None else THEMES[theme])
    lossy = draw(st.booleans())
    rounds = st.builds(
        _round,
        st.one_of(st.lists(everybody, max_size=2), scalable),
        st.lists(chosen, max_size=4),
        st.lists(losses, max_size=4 if lossy else 0),
        ticks.map(lambda tick: [tick]),
    )
    beginning = draw(st.lists(joins, min_size=2, max_size=3))
    middle = draw(st.lists(rounds, min_size=most_rounds // 2, max_size=most_rounds))
    return [*beginning, commands.ShowAll(4), *_round(*middle)]


def _round(*parts: list[Step]) -> list[Step]:
    return [step for part in parts for step in part]
