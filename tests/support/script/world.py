"""Meetings as scripts: lists of small steps, the same on every engine, from everyday to hostile.

A step puts commands and datagrams before the engine; `network.Tick` makes the engine handle all of
them at once and lets time pass. Steps name members, encodings, slots and datagrams by any number,
which is taken modulo how many there are, so that every list of steps is a script.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

from pylibsrtp import Error

from sfu.engine.interface import (
    Codec,
    Datagram,
    Engine,
    Extension,
    Path,
    SourceId,
    SrtpProfile,
)
from sfu.rtp import rtcp
from tests.support.layered import LayeredEncoder, Mode
from tests.support.wire import (
    PUBLISHED_EXTENSIONS,
    SUBSCRIBED_EXTENSIONS,
    Encoding,
    FakePublisher,
    FakeSubscriber,
    Peer,
    Slot,
    Wire,
)

T = TypeVar("T")

SPARE_PATHS = [Path("192.0.2.1", port, "10.1.0.1") for port in range(1, 10)] + [
    Path("2001:db8::7", 5000, "2001:db8::1"),
    Path("198.51.100.9", 65535, ""),
]

EXTENSION_IDS: list[dict[Extension, int]] = [
    SUBSCRIBED_EXTENSIONS,
    {Extension.ABS_SEND_TIME: 3},
    {
        Extension.VIDEO_ORIENTATION: 200,
        Extension.AUDIO_LEVEL: 14,
        Extension.ABS_SEND_TIME: 15,
        Extension.DEPENDENCY_DESCRIPTOR: 14,
    },
    {},
]
"""What receivers may have negotiated; ids above 14 need the two-byte form."""


MODES = [Mode(), Mode(3, 3), Mode(3, 3, key=False), Mode(2, 2), Mode(1, 2), Mode(2, 1)]
"""Of publishers that send layers."""


class Step(Protocol):
    def run(self, world: World) -> None: ...


class Member(FakePublisher, FakeSubscriber):
    """Somebody who sends and receives by one transport, as in a real meeting."""

    def __init__(self, wire: Wire, profile: SrtpProfile) -> None:
        Peer.__init__(self, wire, PUBLISHED_EXTENSIONS, profile)
        self.profile = profile
        self.told_at = 0.0
        """When the latest RTCP came."""

    def accept(self, data: bytes, now: float) -> None:
        if rtcp.is_rtcp(data):
            self.told_at = now
        try:
            super().accept(data, now)
        except (Error, AssertionError):
            return  # sent again as it was, or meant for who had this path before


class World:
    """A meeting, and what is on its way to the engine."""

    def __init__(self, engine: Engine) -> None:
        self.wire = Wire(engine)
        self.members: list[Member] = []
        self.encodings: list[Encoding] = []
        self.slots: list[Slot] = []
        self.pending: list[Datagram] = []
        self.held: list[Datagram] = []
        self.closed: set[SourceId] = set()
        """Encodings whose members know that nobody takes them any more."""
        self._layered: dict[tuple[int, int], LayeredEncoder] = {}

    @property
    def engine(self) -> Engine:
        return self.wire.engine

    def run(self, steps: Sequence[Step]) -> None:
        for step in steps:
            step.run(self)
        self.deliver()
        self.engine.stats()
        self.engine.totals()

    def member(self, number: int) -> Member:
        return pick(self.members, number)

    def encoding(self, number: int) -> Encoding:
        return pick(self.encodings, number)

    def layered(self, number: int, mode: int) -> LayeredEncoder:
        """An encoding that sends layers; it may do other things in between."""
        encoding = self.encoding(number)
        key = number % len(self.encodings), mode % len(MODES)
        if key not in self._layered:
            self._layered[key] = LayeredEncoder(encoding, pick(MODES, mode))
        return self._layered[key]

    def slot(self, number: int) -> Slot:
        return pick(self.slots, number)

    def owner(self, slot: Slot) -> Member:
        return next(one for one in self.members if one is slot.subscriber)

    def flowing_slot(self, number: int) -> Slot:
        """One that has got packets, if any has."""
        return pick([slot for slot in self.slots if slot.packets] or self.slots, number)

    def camera(self, number: int) -> Encoding:
        """One that sends pictures."""
        return pick([one for one in self.encodings if one.codec is not Codec.OPUS], number)

    def encoding_for(self, slot: Slot, number: int) -> Encoding:
        """One that the slot could show by its kind."""
        kind = slot.parameters.kind
        return pick([one for one in self.encodings if one.codec.kind is kind], number)

    def send(self, peer: Peer, packet: bytes) -> None:
        """Protect a packet and put it on its way, if the peer's own SRTP lets it out."""
        try:
            self.pending.append(peer.datagram(packet))
        except (Error, ValueError):
            return  # an index of long ago, or too long for pylibsrtp

    def send_rtcp(self, peer: Peer, compound: bytes) -> None:
        self.pending.append(Datagram(peer.path, peer.srtp.protect_rtcp(compound)))

    def deliver(self) -> None:
        batch, self.pending = self.pending, []
        self.wire.deliver(*batch)


def pick(items: Sequence[T], number: int) -> T:
    return items[number % len(items)]
