"""Sums of all that an engine has done: they add up, and never fall when something is closed."""

from __future__ import annotations

import struct

from sfu.engine.interface import EngineTotals, Kind, Switch
from sfu.engine.load import BOUNDS, EngineLoad
from tests.support.wire import FakePublisher, FakeSubscriber, Slot, Wire


def fir(slot: Slot) -> bytes:
    """RFC 5104, section 4.3.1."""
    ssrc = slot.parameters.ssrc
    return struct.pack("!BBHIIIB3x", 0x84, 206, 4, 1, 0, ssrc, 1)


def unlike(first: EngineTotals, second: EngineTotals) -> set[str]:
    """Names of the sums that differ."""
    names = [name for name in EngineTotals.__slots__ if name != "kinds"]
    found = {name for name in names if getattr(first, name) != getattr(second, name)}
    for kind in Kind:
        one, other = first.kinds[kind], second.kinds[kind]
        found |= {name for name in one.__slots__ if getattr(one, name) != getattr(other, name)}
    return found


def test_what_is_closed_stays_counted(wire: Wire) -> None:
    assert wire.engine.totals().kinds[Kind.VIDEO].packets_sent == 0
    publisher, subscriber = FakePublisher(wire), FakeSubscriber(wire)
    low, high = publisher.encoding(rid="q"), publisher.encoding(rid="f")
    slot = subscriber.slot()
    wire.route(slot.id, low.id)
    low.send(keyframe=True)
    high.send(keyframe=True)
    wire.route(slot.id, high.id, Switch.LAYER)
    high.send(keyframe=True)
    subscriber.send_rtcp(fir(slot))
    subscriber.lose_picture(slot)
    subscriber.ask_again(slot, slot.packets[-1].sequence)
    before, stats = wire.engine.totals(), wire.engine.stats()
    video = before.kinds[Kind.VIDEO]
    assert video.packets_received == sum(each.packets for each in stats.sources.values()) == 9
    assert video.packets_sent == stats.sinks[slot.id].packets == 6
    assert (video.retransmitted, video.nacks_received) == (1, 1)
    assert (video.keyframe_requests_received, before.full_intra_requests) == (2, 1)
    assert before.layer_switches == 1
    assert before.kinds[Kind.AUDIO].packets_received == 0
    assert before.datagrams_sent == sum(each.datagrams_sent for each in stats.transports.values())
    for transport in (publisher.transport, subscriber.transport):
        wire.engine.close_transport(transport)
    wire.advance(0.01)
    assert not wire.engine.stats().transports
    assert unlike(before, wire.engine.totals()) == set()


def test_other_limits_are_another_layer(wire: Wire) -> None:
    camera, slot = FakePublisher(wire).encoding(), FakeSubscriber(wire).slot()
    wire.route(slot.id, camera.id)
    camera.send(keyframe=True)
    for limit, switches in ((0, 1), (0, 1), (None, 2)):
        wire.route(slot.id, camera.id, temporal=limit)
        assert wire.engine.totals().layer_switches == switches


def test_delays_are_counted_by_how_long_they_were() -> None:
    load = EngineLoad()
    load.count(3, 0.00005)
    load.count(2, 0.002)
    load.count(1, 7.0)
    assert load.delays == [3, 0, 0, 0, 0, 2, *[0] * (len(BOUNDS) - 6), 1]
    assert load.delay_sum == 3 * 0.00005 + 2 * 0.002 + 7.0
