"""Header extensions are made anew for each receiver: his ids, and only what we know."""

from __future__ import annotations

from sfu.engine.interface import Codec, Extension, Kind
from sfu.rtp import extensions
from sfu.rtp.packet import RtpPacket
from tests.support.wire import (
    PUBLISHED_EXTENSIONS,
    SUBSCRIBED_EXTENSIONS,
    Encoding,
    FakePublisher,
    FakeSubscriber,
    Slot,
    Wire,
)

UNKNOWN = 12
"""An id the publisher negotiated for something else, a dependency descriptor say."""


def elements(packet: RtpPacket) -> dict[int, bytes]:
    assert packet.extension_profile is not None
    return extensions.parse(packet.extension_profile, packet.extension)


def send(wire: Wire, codec: Codec, items: list[tuple[int, bytes]], *slots: Slot) -> Encoding:
    source = FakePublisher(wire).encoding(codec)
    for slot in slots:
        wire.route(slot.id, source.id)
    mid = (PUBLISHED_EXTENSIONS[Extension.MID], b"1")
    block = extensions.build([mid, *items])
    source.publisher.send(*source.frame(keyframe=True, packets=1, extension=block))
    return source


def test_copied_with_the_receivers_ids(wire: Wire) -> None:
    picture, sound = FakeSubscriber(wire).slot(), FakeSubscriber(wire).slot(Kind.AUDIO)
    send(wire, Codec.VP8, [(PUBLISHED_EXTENSIONS[Extension.VIDEO_ORIENTATION], b"\x01")], picture)
    send(wire, Codec.OPUS, [(PUBLISHED_EXTENSIONS[Extension.AUDIO_LEVEL], b"\x9e")], sound)
    orientation = SUBSCRIBED_EXTENSIONS[Extension.VIDEO_ORIENTATION]
    level = SUBSCRIBED_EXTENSIONS[Extension.AUDIO_LEVEL]
    assert elements(picture.packets[0])[orientation] == b"\x01"
    assert elements(sound.packets[0])[level] == b"\x9e"


def test_each_receiver_has_his_own(wire: Wire) -> None:
    one = FakeSubscriber(wire).slot(extension_ids={Extension.VIDEO_ORIENTATION: 1})
    wide = FakeSubscriber(wire).slot(extension_ids={Extension.VIDEO_ORIENTATION: 200})
    none = FakeSubscriber(wire).slot(extension_ids={})
    item = (PUBLISHED_EXTENSIONS[Extension.VIDEO_ORIENTATION], b"\x02")
    send(wire, Codec.VP8, [item], one, wide, none)
    assert elements(one.packets[0]) == {1: b"\x02"}
    assert elements(wide.packets[0]) == {200: b"\x02"}
    assert none.packets[0].extension_profile is None
    payloads = {slot.packets[0].payload[-40:] for slot in (one, wide, none)}
    assert len(payloads) == 1


def test_mid_rid_and_the_unknown_are_never_forwarded(wire: Wire) -> None:
    slot = FakeSubscriber(wire).slot(
        extension_ids={Extension.MID: 9, Extension.RID: 10, Extension.REPAIRED_RID: 11}
    )
    send(wire, Codec.VP8, [(UNKNOWN, b"descriptor")], slot)
    assert slot.packets[0].extension_profile is None


def test_send_time_is_the_servers(wire: Wire) -> None:
    slot = FakeSubscriber(wire).slot()
    wire.now = 64 * 1000 + 1.5
    item = (PUBLISHED_EXTENSIONS[Extension.ABS_SEND_TIME], b"\x07\x07\x07")
    send(wire, Codec.VP8, [item], slot)
    stamp = elements(slot.packets[0])[SUBSCRIBED_EXTENSIONS[Extension.ABS_SEND_TIME]]
    assert int.from_bytes(stamp, "big") == int(1.5 * (1 << 18))


def test_send_time_of_a_retransmission_is_its_own(wire: Wire) -> None:
    subscriber = FakeSubscriber(wire)
    slot = subscriber.slot()
    wire.now = 6400.0
    send(wire, Codec.VP8, [], slot)
    wire.advance(0.5)
    subscriber.ask_again(slot, slot.packets[0].sequence)
    stamp = elements(slot.repairs[0])[SUBSCRIBED_EXTENSIONS[Extension.ABS_SEND_TIME]]
    assert int.from_bytes(stamp, "big") == 1 << 17


def test_one_byte_values_that_are_longer_are_not_copied(wire: Wire) -> None:
    slot = FakeSubscriber(wire).slot(extension_ids={Extension.VIDEO_ORIENTATION: 7})
    send(wire, Codec.VP8, [(PUBLISHED_EXTENSIONS[Extension.VIDEO_ORIENTATION], b"x" * 200)], slot)
    assert slot.packets[0].extension_profile is None
