"""Redundant audio (RFC 2198): whole to those who take it, the primary block to others."""

from __future__ import annotations

import pytest

from sfu.engine.interface import Codec, Drop, Extension, Kind, SourceActive, VoiceStarted
from sfu.rtp import extensions
from sfu.rtp.packet import RtpPacket, build
from tests.sfu.rtp.test_red import write
from tests.support.wire import (
    PUBLISHED,
    PUBLISHED_EXTENSIONS,
    SUBSCRIBED,
    Encoding,
    FakePublisher,
    FakeSubscriber,
    Wire,
)

RED, OPUS = PUBLISHED[Codec.OPUS].red or 0, PUBLISHED[Codec.OPUS].media
THEIR_RED, THEIR_OPUS = SUBSCRIBED[Codec.OPUS].red or 0, SUBSCRIBED[Codec.OPUS].media


@pytest.fixture
def microphone(wire: Wire) -> Encoding:
    return FakePublisher(wire).encoding(Codec.OPUS, mid="0")


def say(microphone: Encoding, payload: bytes, payload_type: int, extension: bytes = b"") -> None:
    block = extension or microphone.header_extension()
    sequence, timestamp = microphone.sequence, microphone.timestamp
    microphone.sequence = sequence + 1 & 0xFFFF
    microphone.timestamp = timestamp + 960 & 0xFFFF_FFFF
    packet = build(payload_type, False, sequence, timestamp, microphone.ssrc, payload, block)
    microphone.publisher.send(packet)


def forms(packets: list[RtpPacket]) -> list[tuple[int, bytes]]:
    return [(packet.payload_type, packet.payload) for packet in packets]


def test_each_gets_the_form_it_takes(wire: Wire, microphone: Encoding) -> None:
    takes, takes_not = (FakeSubscriber(wire).slot(Kind.AUDIO, red=red) for red in (True, False))
    for slot in (takes, takes_not):
        wire.route(slot.id, microphone.id)
    say(microphone, b"one", OPUS)
    say(microphone, write(b"one", b"two"), RED)
    say(microphone, write(b"one", b"two", b"three"), RED)
    say(microphone, write(b"four"), RED)
    assert forms(takes.packets) == [
        (THEIR_OPUS, b"one"),
        (THEIR_RED, write(b"one", b"two", payload_type=THEIR_OPUS)),
        (THEIR_RED, write(b"one", b"two", b"three", payload_type=THEIR_OPUS)),
        (THEIR_RED, write(b"four", payload_type=THEIR_OPUS)),
    ]
    assert forms(takes_not.packets) == [
        (THEIR_OPUS, b"one"),
        (THEIR_OPUS, b"two"),
        (THEIR_OPUS, b"three"),
        (THEIR_OPUS, b"four"),
    ]
    for slot in (takes, takes_not):
        numbers = [packet.sequence for packet in slot.packets]
        assert numbers == list(range(numbers[0], numbers[0] + 4))
        stamps = [packet.timestamp for packet in slot.packets]
        assert [stamp - stamps[0] for stamp in stamps] == [0, 960, 1920, 2880]


def test_two_who_take_it_get_it_with_their_own_types(wire: Wire, microphone: Encoding) -> None:
    """What is made for one is not what another gets."""
    slots = [FakeSubscriber(wire).slot(Kind.AUDIO, red=red) for red in (True, False, True)]
    for slot in slots:
        wire.route(slot.id, microphone.id)
    say(microphone, write(b"one", b"two"), RED)
    assert [slot.packets[0].payload_type for slot in slots] == [THEIR_RED, THEIR_OPUS, THEIR_RED]
    assert slots[0].packets[0].payload == slots[2].packets[0].payload


def test_bytes_are_counted_as_sent(wire: Wire, microphone: Encoding) -> None:
    slots = [FakeSubscriber(wire).slot(Kind.AUDIO, red=red) for red in (True, False)]
    for slot in slots:
        wire.route(slot.id, microphone.id)
    say(microphone, write(b"older", b"new"), RED)
    stats = wire.engine.stats()
    assert [stats.sinks[slot.id].bytes for slot in slots] == [13, 3]


def test_it_is_the_same_codec(wire: Wire, microphone: Encoding) -> None:
    for payload, payload_type in ((b"1", OPUS), (write(b"1", b"2"), RED), (b"3", OPUS)):
        say(microphone, payload, payload_type)
    assert wire.seen(SourceActive) == [SourceActive(microphone.id, microphone.ssrc, Codec.OPUS)]


def test_voices_are_heard_in_it(wire: Wire, microphone: Encoding) -> None:
    ids = PUBLISHED_EXTENSIONS
    level = extensions.build([(ids[Extension.MID], b"0"), (ids[Extension.AUDIO_LEVEL], b"\x9e")])
    for _ in range(2):
        say(microphone, write(b"older", b"new"), RED, level)
    assert wire.seen(VoiceStarted) == [VoiceStarted(microphone.id)]


@pytest.mark.parametrize(
    "payload",
    [
        write(b"older", b"new")[:4],
        write(b"older", b"new")[:9],
        write(b"older", b"new", payload_type=OPUS - 1),
        bytes((RED,)) + b"red in red",
    ],
    ids=["no primary", "cut", "another codec", "in itself"],
)
def test_malformed(wire: Wire, microphone: Encoding, payload: bytes) -> None:
    slot = FakeSubscriber(wire).slot(Kind.AUDIO)
    wire.route(slot.id, microphone.id)
    say(microphone, payload, RED)
    say(microphone, write(b"fine"), RED)
    assert len(slot.packets) == 1
    drops = wire.engine.stats().transports[microphone.publisher.transport].drops
    assert drops == {Drop.RTP_MALFORMED: 1}


def test_an_empty_primary_block(wire: Wire, microphone: Encoding) -> None:
    slots = [FakeSubscriber(wire).slot(Kind.AUDIO, red=red) for red in (True, False)]
    for slot in slots:
        wire.route(slot.id, microphone.id)
    say(microphone, write(b"older", b""), RED)
    assert forms(slots[0].packets) == [(THEIR_RED, write(b"older", b"", payload_type=THEIR_OPUS))]
    assert forms(slots[1].packets) == [(THEIR_OPUS, b"")]
