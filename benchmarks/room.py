"""One meeting with its publisher and its crowd, and whom the publisher sends to."""

from __future__ import annotations

import contextlib
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from benchmarks.crowd import Crowd
from benchmarks.floor import Address, Floor, Keys
from benchmarks.library import key_size
from benchmarks.peer import MakeParticipant, Peer
from benchmarks.publisher import SENDING, Publisher, Sent
from benchmarks.receivers import Counts
from benchmarks.traffic import Traffic
from benchmarks.transport import Profile
from benchmarks.worker import Worker

FLOOR: Final = "floor"
LOOPBACK: Final = "loopback"
_SSRCS: Final = (SENDING.audio_ssrc, SENDING.video_ssrc)
STREAMS: Final = len(_SSRCS)
"""Of a publisher: voice and picture."""
_SILENCE: Final = 0.1
"""Seconds without a packet after which none is on its way any more."""
_LONGEST_QUEUE: Final = 5.0
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Load:
    """What is put on one room."""

    subscribers: int
    profile: Profile
    traffic: Traffic
    joined: bool
    """Receivers let the kernel join what arrives (UDP_GRO)."""

    @property
    def packet_rate(self) -> float:
        """Packets a second that should reach the subscribers."""
        return self.subscribers * self.traffic.packet_rate


class Room:
    """Its processes end with `stack`."""

    def __init__(
        self,
        stack: contextlib.ExitStack,
        cpus: Sequence[int],
        load: Load,
        make: MakeParticipant | None = None,
    ) -> None:
        """`make`: participants of another server than ours."""
        self.load = load
        make = make or partial(Peer, profile=load.profile)
        self.publisher = stack.enter_context(Worker(partial(Publisher, make), cpus))
        self.crowd = Crowd(stack, cpus, load.subscribers, make, joined=load.joined)

    def open(self, url: str, meeting: str) -> Address:
        """The publisher joins; the address its media goes to."""
        return self.publisher.call(Publisher.connect, url, meeting, self.load.traffic)

    def open_floor(self, floor: Worker[Floor]) -> None:
        """Let `floor` forward what the publisher sends there to as many receivers."""
        publisher, *receivers = self._keys(1 + self.load.subscribers)
        keys = Keys(self.load.profile, publisher, tuple(receivers))
        addresses = self.crowd.open_bare(FLOOR, self.load.profile, receivers, _SSRCS)
        address = floor.call(Floor.start, keys, addresses)
        self.crowd.connect_bare(FLOOR, address)
        self.publisher.call(Publisher.open_bare, FLOOR, address, self.load.profile, publisher)

    def open_loopback(self) -> None:
        """A receiver that the publisher sends to without anybody between."""
        [key] = self._keys(1)
        [address] = self.crowd.open_bare(LOOPBACK, self.load.profile, [key], _SSRCS)
        own = self.publisher.call(Publisher.open_bare, LOOPBACK, address, self.load.profile, key)
        self.crowd.connect_bare(LOOPBACK, own)

    def publish(self) -> None:
        """Until every subscriber gets every stream."""
        self.publisher.call(Publisher.publish)
        self.crowd.await_streams(STREAMS * self.load.subscribers)

    def resume(self, group: str) -> None:
        self.publisher.call(Publisher.resume, group)

    def pause(self) -> None:
        self.publisher.call(Publisher.pause)

    def set_rate(self, video_rate: float) -> None:
        self.publisher.call(Publisher.set_rate, video_rate)

    def sent(self, group: str) -> Sent:
        return self.publisher.call(Publisher.sent, group)

    def counts(self, group: str) -> Counts:
        return self.crowd.counts(group)

    def await_silence(self, group: str) -> None:
        """Nothing is sent any more: wait until what was has been counted."""
        deadline = time.monotonic() + _LONGEST_QUEUE
        before, now = -1, self.counts(group).packets
        while now > before and time.monotonic() < deadline:
            time.sleep(_SILENCE)
            before, now = now, self.counts(group).packets

    def leave(self) -> None:
        self.crowd.leave()
        self.publisher.call(Publisher.leave)

    def _keys(self, count: int) -> list[bytes]:
        return [secrets.token_bytes(key_size(self.load.profile)) for _ in range(count)]
