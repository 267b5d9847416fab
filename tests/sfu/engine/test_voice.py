"""Who speaks: an edge at the onset, levels for display."""

from __future__ import annotations

from sfu.engine.interface import RECENT_LEVELS, AudioLevels, Codec, Extension, VoiceStarted
from sfu.rtp import extensions
from tests.support.wire import PUBLISHED_EXTENSIONS, Encoding, FakePublisher, Wire

LOUD = 0x80 | 20
QUIET = 127


def speak(microphone: Encoding, level: int, packets: int) -> None:
    for _ in range(packets):
        send_at_once(microphone, level)
        microphone.publisher.wire.advance(0.02)


def send_at_once(microphone: Encoding, level: int) -> None:
    block = extensions.build(
        [
            (PUBLISHED_EXTENSIONS[Extension.MID], microphone.mid.encode()),
            (PUBLISHED_EXTENSIONS[Extension.AUDIO_LEVEL], bytes((level,))),
        ]
    )
    microphone.publisher.send(*microphone.frame(packets=1, extension=block))


def test_onset_is_told_within_40_ms_and_once(wire: Wire) -> None:
    microphone = FakePublisher(wire).encoding(Codec.OPUS)
    speak(microphone, QUIET, 25)
    assert wire.seen(VoiceStarted) == []
    speak(microphone, LOUD, 2)
    assert wire.seen(VoiceStarted) == [VoiceStarted(microphone.id)]
    speak(microphone, LOUD, 50)
    assert len(wire.seen(VoiceStarted)) == 1


def test_next_onset_after_a_pause_is_told_again(wire: Wire) -> None:
    microphone = FakePublisher(wire).encoding(Codec.OPUS)
    for _ in range(3):
        speak(microphone, LOUD, 10)
        speak(microphone, QUIET, 50)
    assert len(wire.seen(VoiceStarted)) == 3


def test_levels_come_about_five_times_a_second_for_all(wire: Wire) -> None:
    loud, quiet = (FakePublisher(wire).encoding(Codec.OPUS) for _ in range(2))
    for _ in range(50):
        speak(loud, LOUD, 1)
        speak(quiet, QUIET, 1)
    levels = wire.seen(AudioLevels)
    assert 9 <= len(levels) <= 11
    assert levels[-1].levels[loud.id] < 30
    assert levels[-1].levels[quiet.id] > 120


def test_packets_of_the_audible_are_told_one_by_one(wire: Wire) -> None:
    loud, quiet = (FakePublisher(wire).encoding(Codec.OPUS) for _ in range(2))
    said = [0x80 | 30 + step for step in range(30)]
    for level in said:
        speak(loud, level, 1)
        speak(quiet, 0x80 | 61, 1)
    wire.advance(0.5)
    reports = [event.recent for event in wire.seen(AudioLevels)]
    assert not any(quiet.id in recent for recent in reports)
    told = b"".join(recent.get(loud.id, b"") for recent in reports)
    assert list(told) == [level & 0x7F for level in said]
    assert all(len(recent.get(loud.id, b"")) <= 11 for recent in reports)


def test_only_the_newest_packets_are_told(wire: Wire) -> None:
    microphone = FakePublisher(wire).encoding(Codec.OPUS)
    speak(microphone, LOUD, 25)
    microphone.publisher.wire.advance(0.2)
    before = len(wire.seen(AudioLevels))
    for level in range(RECENT_LEVELS + 4):
        send_at_once(microphone, level)
    wire.advance(0.2)
    (report,) = wire.seen(AudioLevels)[before:]
    assert report.recent == {microphone.id: bytes(range(4, RECENT_LEVELS + 4))}


def test_nothing_is_told_of_the_silent_or_the_seen(wire: Wire) -> None:
    publisher = FakePublisher(wire)
    camera, microphone = publisher.encoding(), publisher.encoding(Codec.OPUS, mid="0")
    camera.send()
    wire.advance(2)
    assert wire.seen(AudioLevels) == []
    speak(microphone, LOUD, 10)
    wire.advance(4)
    count = len(wire.seen(AudioLevels))
    wire.advance(4)
    assert len(wire.seen(AudioLevels)) == count


def test_microphone_without_levels_is_no_error(wire: Wire) -> None:
    microphone = FakePublisher(wire).encoding(Codec.OPUS)
    microphone.send(packets=1)
    assert wire.seen(VoiceStarted) == []
    assert wire.engine.stats().drops == {}
