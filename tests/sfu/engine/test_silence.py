"""Encodings come and go; the room is told."""

from __future__ import annotations

from sfu.engine.interface import SOURCE_SILENCE, SourceActive, SourceSilent
from tests.support.wire import FakePublisher, Wire


def test_silent_after_three_seconds_and_active_again_with_the_next_packet(wire: Wire) -> None:
    camera = FakePublisher(wire).encoding()
    camera.send(keyframe=True)
    wire.advance(SOURCE_SILENCE - 0.1)
    assert wire.seen(SourceSilent) == []
    wire.advance(0.2)
    assert wire.seen(SourceSilent) == [SourceSilent(camera.id)]
    wire.advance(20)
    assert len(wire.seen(SourceSilent)) == 1
    camera.send()
    assert len(wire.seen(SourceActive)) == 2


def test_slow_source_is_not_silent(wire: Wire) -> None:
    screen = FakePublisher(wire).encoding()
    for _ in range(10):
        screen.send()
        wire.advance(SOURCE_SILENCE - 0.2)
    assert wire.seen(SourceSilent) == []


def test_padding_is_no_life(wire: Wire) -> None:
    camera = FakePublisher(wire).encoding()
    for _ in range(100):
        [packet] = camera.frame(packets=1)
        header = packet[: len(packet) - len(camera.payload(0, keyframe=False))]
        padded = bytes((header[0] | 0x20,)) + header[1:] + bytes(49) + b"\x32"
        camera.publisher.send(padded)
    assert wire.events == []


def test_closed_source_falls_silent_without_a_word(wire: Wire) -> None:
    camera = FakePublisher(wire).encoding()
    camera.send()
    wire.engine.close_source(camera.id)
    wire.advance(10)
    assert wire.seen(SourceSilent) == []
