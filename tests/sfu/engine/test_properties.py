"""What holds whatever happens."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pylibsrtp import Error

from sfu.engine.interface import (
    Codec,
    Datagram,
    Engine,
    Kind,
    RouteSwitched,
    Switch,
)
from sfu.rtp import rtcp
from sfu.rtp.packet import RtpPacket, build
from sfu.rtp.rtcp import ReportBlock
from sfu.rtp.sequence import distance32
from tests.sfu.engine.conftest import ENGINES
from tests.support.wire import (
    PUBLISHED,
    FakePublisher,
    FakeSubscriber,
    Slot,
    Wire,
    impaired,
)

MakeEngine = Callable[[], Engine]

engines = pytest.mark.parametrize("make", ENGINES.values(), ids=ENGINES)
many = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@engines
@many
@given(st.lists(st.binary(max_size=1600), max_size=20))
def test_random_bytes_from_a_validated_path_never_raise(
    make: MakeEngine, datagrams: list[bytes]
) -> None:
    wire = Wire(make())
    camera = FakePublisher(wire).encoding()
    path = camera.publisher.path
    wire.deliver(*(Datagram(path, data) for data in datagrams))
    received = wire.engine.stats().transports[camera.publisher.transport].datagrams_received
    assert received == len(datagrams)


first_bytes = st.sampled_from([0, 1, 20, 22, 63, 64, 128, 144, 160, 176, 191])


@engines
@many
@given(st.lists(st.tuples(first_bytes, st.binary(max_size=200)), max_size=20))
def test_nor_do_bytes_that_look_like_a_protocol(
    make: MakeEngine, datagrams: list[tuple[int, bytes]]
) -> None:
    wire = Wire(make())
    path = FakePublisher(wire).path
    wire.deliver(*(Datagram(path, bytes((first,)) + rest) for first, rest in datagrams))


types = st.sampled_from(
    [number for pair in PUBLISHED.values() for number in pair if number is not None]
)


@engines
@many
@given(
    st.lists(st.tuples(types, st.booleans(), st.binary(max_size=40)), max_size=20),
    st.binary(max_size=24),
)
def test_authentic_nonsense_never_raises(
    make: MakeEngine, packets: list[tuple[int, bool, bytes]], extension: bytes
) -> None:
    """Any payload under any payload type, with any extension block, by a peer with valid keys."""
    wire = Wire(make())
    publisher = FakePublisher(wire)
    encodings = [publisher.encoding(declared=True), publisher.encoding(Codec.OPUS, declared=True)]
    slots = [FakeSubscriber(wire).slot(kind) for kind in (Kind.VIDEO, Kind.AUDIO)]
    for slot, encoding in zip(slots, encodings, strict=True):
        wire.route(slot.id, encoding.id)
    block = b""
    if extension:
        body = extension.ljust((len(extension) + 3) & ~3, b"\0")
        block = b"\xbe\xde" + (len(body) // 4).to_bytes(2, "big") + body
    for number, (payload_type, repair, payload) in enumerate(packets):
        for encoding in encodings:
            ssrc = encoding.rtx_ssrc if repair else encoding.ssrc
            publisher.send(build(payload_type, False, number, number, ssrc, payload, block))
    wire.advance(2)


mutations = st.lists(st.tuples(st.integers(0, 59), st.integers(1, 255)), max_size=3)


def mutated(data: bytes, changes: list[tuple[int, int]]) -> bytes:
    message = bytearray(data)
    for position, difference in changes:
        message[position % len(message)] ^= difference
    return bytes(message)


def compounds(ssrc: int) -> list[bytes]:
    """All that RTCP can say about a stream."""
    block = ReportBlock(ssrc, 2, 3, 4, 5, 6, 7)
    return [
        rtcp.sender_report(ssrc, 1 << 60, 3, 4, 5, [block]) + rtcp.sdes(ssrc, "cname"),
        rtcp.receiver_report(1, [block]) + rtcp.nack(1, ssrc, range(20)) + rtcp.pli(1, ssrc),
        rtcp.fir(1, ssrc, 3) + rtcp.remb(1, 10**6, [ssrc]) + rtcp.bye([ssrc]),
    ]


@engines
@many
@given(st.lists(st.tuples(st.integers(0, 11), st.booleans(), mutations), max_size=30))
def test_damaged_packets_of_a_peer_with_keys_harm_nobody_else(
    make: MakeEngine, script: list[tuple[int, bool, list[tuple[int, int]]]]
) -> None:
    """Media, repairs and feedback, encrypted after they were damaged."""
    wire = Wire(make())
    mallory, ana = FakePublisher(wire), FakePublisher(wire).encoding()
    codecs = [codec for codec in Codec if codec.kind is Kind.VIDEO]
    encodings = [mallory.encoding(codec, mid=codec, declared=True) for codec in codecs]
    watching, slot = FakeSubscriber(wire).slot(), FakeSubscriber(wire).slot()
    wire.route(slot.id, ana.id)
    ana.send(keyframe=True)
    for number, keyframe, changes in script:
        encoding = encodings[number % len(encodings)]
        ssrc = encoding.ssrc if keyframe else watching.parameters.ssrc
        wire.route(watching.id, encoding.id, Switch.LAYER)
        [packet] = encoding.frame(keyframe=keyframe, packets=1)
        repair = encoding.repair(encoding.sequence - 1 & 0xFFFF)
        with suppress(Error):  # libsrtp does not take everything for a packet
            mallory.send(mutated(packet, changes))
            mallory.send(mutated(repair, changes))
        for compound in compounds(ssrc):
            mallory.send_rtcp(mutated(compound, changes))
            watching.subscriber.send_rtcp(mutated(compound, changes))
        wire.advance(0.03)
    ana.send()
    assert len(slot.packets) == 6
    assert_in_order(slot.packets)


def assert_in_order(packets: list[RtpPacket]) -> None:
    numbers = sorted(packet.sequence for packet in packets)
    assert len(set(numbers)) == len(numbers)
    if numbers:
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    by_sequence = sorted(packets, key=lambda packet: packet.sequence)
    for before, after in itertools.pairwise(by_sequence):
        assert distance32(after.timestamp, before.timestamp) >= 0


steps = st.one_of(
    st.tuples(st.just("frame"), st.integers(0, 3), st.booleans()),
    st.tuples(st.just("route"), st.integers(0, 3), st.sampled_from(list(Switch))),
    st.tuples(st.just("pause"), st.integers(0, 3), st.sampled_from(list(Switch))),
    st.tuples(st.just("wait"), st.integers(1, 5), st.none()),
)


@engines
@many
@given(st.lists(steps, max_size=60))
def test_any_switching_leaves_one_unbroken_stream(
    make: MakeEngine, script: list[tuple[str, int, object]]
) -> None:
    wire = Wire(make())
    person = FakePublisher(wire)
    sources = [
        person.encoding(rid="q"),
        person.encoding(rid="f"),
        FakePublisher(wire).encoding(Codec.H264),
        FakePublisher(wire).encoding(Codec.VP9),
    ]
    slot = FakeSubscriber(wire).slot()
    for what, number, option in script:
        if what == "frame":
            sources[number].send(keyframe=option)
        elif what == "wait":
            wire.advance(number)
        else:
            assert isinstance(option, Switch)
            seen = len(slot.packets)
            wire.route(slot.id, sources[number].id, option, paused=what == "pause")
            assert len(slot.packets) == seen
    assert_in_order(slot.packets)


def assert_switches_kept(wire: Wire, slot: Slot, marks: list[int]) -> None:
    """Each T parts what was sent before it from what came after."""
    switches = wire.seen(RouteSwitched)
    assert len(switches) == len(marks)
    for switch, mark in zip(switches, marks, strict=True):
        for packet in slot.packets[:mark]:
            assert distance32(packet.timestamp, switch.timestamp) < 0
        for packet in slot.packets[mark:]:
            assert distance32(packet.timestamp, switch.timestamp) >= 0


@engines
@pytest.mark.parametrize("seed", range(20))
def test_nothing_crosses_a_participant_switch_on_a_bad_network(make: MakeEngine, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - repeatable on purpose
    wire = Wire(make())
    people = [FakePublisher(wire).encoding() for _ in range(3)]
    slot = FakeSubscriber(wire).slot()
    marks: list[int] = []
    waiting: list[tuple[FakePublisher, bytes]] = []
    for turn in range(60):
        if turn % 6 == 0:
            marks.append(len(slot.packets))
            wire.route(slot.id, people[turn // 6 % 3].id)
        for person in people:
            frame = person.frame(keyframe=dice.random() < 0.3)
            for packet in impaired(frame, seed=seed * 1000 + turn, loss=0.1, reorder=0.2):
                waiting.append((person.publisher, packet))
        wire.advance(0.04)
        dice.shuffle(waiting)
        for _ in range(len(waiting) * 2 // 3):
            publisher, packet = waiting.pop()
            publisher.send(packet)
    assert len(slot.packets) > 20
    numbers = [packet.sequence for packet in slot.packets]
    assert len(set(numbers)) == len(numbers)
    assert_switches_kept(wire, slot, marks)


@engines
def test_identifiers_are_not_mixed_up(make: MakeEngine) -> None:
    """Twenty people who all see each other get exactly what each has sent."""
    wire = Wire(make())
    cameras = [FakePublisher(wire).encoding() for _ in range(20)]
    viewers = [FakeSubscriber(wire) for _ in range(5)]
    slots = [(viewer.slot(), camera) for viewer in viewers for camera in cameras]
    for slot, camera in slots:
        wire.route(slot.id, camera.id)
    for camera in cameras:
        [packet] = camera.frame(keyframe=True, packets=1)
        camera.publisher.send(packet + camera.id.to_bytes(4, "big"))
    for slot, camera in slots:
        [received] = slot.packets
        assert received.payload[-4:] == camera.id.to_bytes(4, "big")
