"""A switch to another quality of the same picture that cannot wait."""

from __future__ import annotations

import pytest

from sfu.engine.interface import Kind, RouteSwitched, Switch
from sfu.rtp import rtcp
from tests.support.layered import LayeredEncoder, assert_decodable, frames_of, layers
from tests.support.wire import FakePublisher, FakeSubscriber, Slot, Wire

Pair = tuple[LayeredEncoder, LayeredEncoder]


@pytest.fixture
def pair(wire: Wire) -> Pair:
    """The larger picture, the smaller one."""
    person = FakePublisher(wire)
    return LayeredEncoder(person.encoding(rid="f")), LayeredEncoder(person.encoding(rid="q"))


@pytest.fixture
def slot(wire: Wire, pair: Pair) -> Slot:
    slot = FakeSubscriber(wire).slot(Kind.VIDEO)
    wire.route(slot.id, pair[0].encoding.id)
    for encoder in pair:
        encoder.send(keyframe=True)
    return slot


def test_nothing_flows_until_the_keyframe(wire: Wire, pair: Pair, slot: Slot) -> None:
    _, small = pair
    wire.route(slot.id, small.encoding.id, Switch.CUT)
    for encoder in pair:
        encoder.send()
    assert len(slot.packets) == 2
    small.send(keyframe=True)
    small.send()
    frames = frames_of(slot.packets, *pair)
    assert len(frames) == 3
    assert_decodable(frames)
    numbers = [packet.sequence for packet in slot.packets]
    assert numbers == list(range(numbers[0], numbers[0] + 6))


def test_its_keyframe_is_asked_for_and_no_answer_comes(wire: Wire, pair: Pair, slot: Slot) -> None:
    large, small = pair
    publisher = large.encoding.publisher
    wire.advance(1)
    publisher.clear()
    before = len(wire.seen(RouteSwitched))
    wire.route(slot.id, small.encoding.id, Switch.CUT)
    assert [pli.media_ssrc for pli in publisher.told(rtcp.Pli)] == [small.encoding.ssrc]
    assert len(wire.seen(RouteSwitched)) == before


def test_over_a_layer_switch_under_way(wire: Wire, pair: Pair, slot: Slot) -> None:
    large, small = pair
    wire.route(slot.id, small.encoding.id, Switch.LAYER)
    wire.route(slot.id, small.encoding.id, Switch.CUT, temporal=0)
    large.send(keyframe=True)
    assert len(slot.packets) == 2
    small.send(keyframe=True)
    for _ in range(8):
        small.send()
    assert layers(frames_of(slot.packets[2:], small)) == {(0, 0)}


def test_to_what_flows_already_changes_only_the_limits(wire: Wire, pair: Pair, slot: Slot) -> None:
    large, small = pair
    wire.route(slot.id, small.encoding.id, Switch.LAYER)
    wire.route(slot.id, large.encoding.id, Switch.CUT, temporal=0)
    small.send(keyframe=True)
    for _ in range(8):
        large.send()
    frames = frames_of(slot.packets, large)
    assert len(frames) == 3
    assert layers(frames) == {(0, 0)}


def test_paused(wire: Wire, pair: Pair, slot: Slot) -> None:
    _, small = pair
    before = len(wire.seen(RouteSwitched))
    wire.route(slot.id, small.encoding.id, Switch.CUT, paused=True)
    small.send(keyframe=True)
    assert len(slot.packets) == 2
    wire.route(slot.id, small.encoding.id, Switch.CUT)
    small.send(keyframe=True)
    assert len(slot.packets) == 4
    assert len(wire.seen(RouteSwitched)) == before
