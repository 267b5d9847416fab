"""Who speaks: an edge at the onset, levels for display."""

from __future__ import annotations

from sfu.engine.interface import AudioLevels, Codec, Extension, VoiceStarted
from sfu.rtp import extensions
from tests.support.wire import PUBLISHED_EXTENSIONS, Encoding, FakePublisher, Wire

LOUD = 0x80 | 20
QUIET = 127


def speak(microphone: Encoding, level: int, packets: int) -> None:
    block = extensions.build(
        [
            (PUBLISHED_EXTENSIONS[Extension.MID], microphone.mid.encode()),
            (PUBLISHED_EXTENSIONS[Extension.AUDIO_LEVEL], bytes((level,))),
        ]
    )
    for _ in range(packets):
        microphone.publisher.send(*microphone.frame(packets=1, extension=block))
        microphone.publisher.wire.advance(0.02)


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
