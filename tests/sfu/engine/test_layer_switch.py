"""The same picture in another quality: the old layer goes on until the new one can take over."""

from __future__ import annotations

import pytest

from sfu.engine.interface import Codec, Kind, RouteSwitched, Switch
from sfu.rtp import rtcp
from sfu.rtp.packet import RtpPacket
from tests.support.wire import Encoding, FakePublisher, FakeSubscriber, Slot, Wire


@pytest.fixture
def layers(wire: Wire) -> tuple[Encoding, Encoding]:
    person = FakePublisher(wire)
    return person.encoding(rid="q"), person.encoding(rid="f")


@pytest.fixture
def slot(wire: Wire, layers: tuple[Encoding, Encoding]) -> Slot:
    slot = FakeSubscriber(wire).slot()
    wire.route(slot.id, layers[0].id)
    layers[0].send(keyframe=True)
    return slot


def sequence_is_contiguous(packets: list[RtpPacket]) -> bool:
    first = packets[0].sequence
    return [packet.sequence for packet in packets] == list(range(first, first + len(packets)))


def test_old_goes_on_until_the_keyframe(
    wire: Wire, layers: tuple[Encoding, Encoding], slot: Slot
) -> None:
    low, high = layers
    wire.route(slot.id, high.id, Switch.LAYER)
    low.send()
    high.send()
    assert len(slot.packets) == 6
    high.send(keyframe=True)
    low.send(keyframe=True)
    high.send()
    assert len(slot.packets) == 12
    assert sequence_is_contiguous(slot.packets)
    assert len(wire.seen(RouteSwitched)) == 1  # the first route; a layer switch has no answer


def test_new_layer_is_asked_for_its_keyframe_and_the_old_one_is_not(
    wire: Wire, layers: tuple[Encoding, Encoding], slot: Slot
) -> None:
    low, high = layers
    high.send()
    low.publisher.clear()
    wire.advance(1)
    wire.route(slot.id, high.id, Switch.LAYER)
    wire.advance(1.1)
    low.send()
    assert {pli.media_ssrc for pli in low.publisher.told(rtcp.Pli)} == {high.ssrc}


def test_called_off(wire: Wire, layers: tuple[Encoding, Encoding], slot: Slot) -> None:
    low, high = layers
    wire.route(slot.id, high.id, Switch.LAYER)
    wire.route(slot.id, low.id, Switch.LAYER)
    high.send(keyframe=True)
    low.send()
    assert len(slot.packets) == 6
    assert sequence_is_contiguous(slot.packets)


def test_frame_of_the_same_moment_does_not_come_twice_in_time(
    wire: Wire, layers: tuple[Encoding, Encoding], slot: Slot
) -> None:
    low, high = layers
    wire.route(slot.id, high.id, Switch.LAYER)
    low.publisher.send(*low.frame(), *high.frame(keyframe=True))
    stamps = list(dict.fromkeys(packet.timestamp for packet in slot.packets))
    assert stamps == sorted(stamps)
    assert len(stamps) == 3


def test_layers_with_clocks_of_their_own_keep_one_time(
    wire: Wire, layers: tuple[Encoding, Encoding], slot: Slot
) -> None:
    low, high = layers
    wire.route(slot.id, high.id, Switch.LAYER)
    for _ in range(10):
        low.send()
    start = slot.packets[-1].timestamp
    high.send(keyframe=True)
    assert slot.packets[-1].timestamp - start == pytest.approx(3600, abs=90)


def test_gone_before_it_came(wire: Wire, layers: tuple[Encoding, Encoding], slot: Slot) -> None:
    low, high = layers
    wire.route(slot.id, high.id, Switch.LAYER)
    wire.engine.close_source(high.id)
    low.send()
    assert len(slot.packets) == 6


def test_old_layer_gone_first(wire: Wire, layers: tuple[Encoding, Encoding], slot: Slot) -> None:
    low, high = layers
    wire.route(slot.id, high.id, Switch.LAYER)
    wire.engine.close_source(low.id)
    high.send()
    assert len(slot.packets) == 3
    high.send(keyframe=True)
    assert len(slot.packets) == 6
    assert sequence_is_contiguous(slot.packets)


def test_layer_the_receiver_cannot_decode_never_takes_over(wire: Wire) -> None:
    person = FakePublisher(wire)
    low, high = person.encoding(rid="q"), person.encoding(Codec.H264, rid="f")
    slot = FakeSubscriber(wire).slot(codecs=[Codec.VP8])
    wire.route(slot.id, low.id)
    low.send(keyframe=True)
    wire.route(slot.id, high.id, Switch.LAYER)
    high.send(keyframe=True)
    low.send()
    assert len(slot.packets) == 6
    wire.advance(3)
    assert not [pli for pli in person.told(rtcp.Pli) if pli.media_ssrc == high.ssrc]


def test_participant_switch_overrules_a_layer_switch_under_way(
    wire: Wire, layers: tuple[Encoding, Encoding], slot: Slot
) -> None:
    _, high = layers
    other = FakePublisher(wire).encoding()
    wire.route(slot.id, high.id, Switch.LAYER)
    wire.route(slot.id, other.id)
    high.send(keyframe=True)
    assert len(slot.packets) == 3
    other.send(keyframe=True)
    assert len(slot.packets) == 6


def test_sound_changes_at_any_packet(wire: Wire) -> None:
    person = FakePublisher(wire)
    one, two = person.encoding(Codec.OPUS, mid="0"), person.encoding(Codec.OPUS, mid="5")
    slot = FakeSubscriber(wire).slot(Kind.AUDIO)
    wire.route(slot.id, one.id)
    one.send(packets=1)
    wire.route(slot.id, two.id, Switch.LAYER)
    one.send(packets=1)
    two.send(packets=1)
    one.send(packets=1)
    assert len(slot.packets) == 3
    assert sequence_is_contiguous(slot.packets)


def test_keyframe_whose_first_packet_was_lost_is_joined_when_it_is_repaired(
    wire: Wire, layers: tuple[Encoding, Encoding], slot: Slot
) -> None:
    _, high = layers
    high.send()
    wire.route(slot.id, high.id, Switch.LAYER)
    before = len(slot.packets)
    _, *rest = high.frame(keyframe=True, packets=5)
    high.publisher.send(*rest)
    assert len(slot.packets) == before
    high.publisher.send(high.repair(high.sequence - 5 & 0xFFFF))
    assert len(slot.packets) == before + 5
    assert sequence_is_contiguous(slot.packets)
