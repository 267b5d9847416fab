"""A receiver at the end of a link that carries only so much, in virtual time. It answers with
transport-wide feedback, as browsers do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sfu.engine.interface import Extension
from sfu.rtp import extensions, rtcp
from sfu.rtp.packet import RtpPacket
from tests.support import twcc
from tests.support.wire import (
    FRAME,
    SUBSCRIBED_EXTENSIONS,
    Encoding,
    FakeSubscriber,
    Slot,
    Wire,
)

TRANSPORT_CC = 6
NUMBERED = {Extension.TRANSPORT_CC: TRANSPORT_CC, **SUBSCRIBED_EXTENSIONS}
"""Header extensions of a receiver that takes numbers."""

CLOCK = 5_000.0
"""Seconds by which the receiver's clock is ahead of everybody's."""


@dataclass
class Link:
    """A bottleneck with a queue, and the way behind it."""

    bitrate: float = 100e6
    """Bits/s."""
    delay: float = 0.02
    """Seconds, one way."""
    longest_queue: float = 0.3
    """Seconds after which packets are lost."""
    busy_until: float = 0.0

    def carry(self, now: float, size: int) -> float | None:
        """When a datagram arrives that is sent now; None: lost."""
        begin = max(now, self.busy_until)
        if begin - now > self.longest_queue:
            return None
        self.busy_until = begin + 8 * size / self.bitrate
        return self.busy_until + self.delay


@dataclass(frozen=True)
class Sent:
    """A packet, where it left the engine."""

    at: float
    size: int
    """Of the datagram; bytes."""
    number: int | None
    packet: RtpPacket


def number_of(packet: RtpPacket, identifier: int = TRANSPORT_CC) -> int | None:
    if packet.extension_profile is None:
        return None
    value = extensions.parse(packet.extension_profile, packet.extension).get(identifier)
    return None if value is None else int.from_bytes(value, "big")


class NumberedSubscriber(FakeSubscriber):
    """Its sinks get TRANSPORT_CC; `run` lets time pass and feedback flow."""

    def __init__(self, wire: Wire, link: Link | None = None) -> None:
        super().__init__(wire)
        self.link = link or Link()
        self.sent: list[Sent] = []
        self.reporting = True
        self._arriving: list[tuple[float, int]] = []
        self._next = 0
        self._feedback_count = 0

    def numbered_slot(self, **options: object) -> Slot:
        return self.slot(extension_ids=NUMBERED, **options)  # type: ignore[arg-type]

    def accept(self, data: bytes, now: float) -> None:
        super().accept(data, now)
        if data[0] < 128 or rtcp.is_rtcp(data):
            return
        packet = self.received[-1]
        number = number_of(packet)
        self.sent.append(Sent(now, len(data), number, packet))
        arrival = self.link.carry(now, len(data))
        if number is not None and arrival is not None:
            self._arriving.append((arrival, self._unwrapped(number)))

    def _unwrapped(self, number: int) -> int:
        return self._next + ((number - self._next + 0x8000) & 0xFFFF) - 0x8000

    def run(self, seconds: float, interval: float = 0.05) -> None:
        for _ in range(round(seconds / interval)):
            self.wire.advance(interval)
            if self.reporting:
                self.report()

    def report(self) -> None:
        """Feedback about what has come, and about what is missing before it."""
        heard = self.wire.now - self.link.delay
        came = {number: CLOCK + time for time, number in self._arriving if time <= heard}
        self._arriving = [(time, number) for time, number in self._arriving if time > heard]
        if not came:
            return
        first = min(self._next, *came)
        self.tell(twcc.feedback(came, first=first, count=self._feedback_count))
        self._feedback_count += 1
        self._next = max(self._next, max(came) + 1)

    def tell(self, compound: bytes) -> None:
        self.send_rtcp(compound)

    def between(self, start: float, end: float) -> Iterator[Sent]:
        return (sent for sent in self.sent if start <= sent.at < end)


def picture(
    camera: Encoding, packets: int = 4, size: int = 1000, *, keyframe: bool = False
) -> list[bytes]:
    """The packets of the next frame, each with about `size` bytes of payload; not yet sent."""
    frame = [
        camera.packet(
            camera.payload(index, keyframe) + bytes(size),
            index == packets - 1,
            camera.header_extension(),
        )
        for index in range(packets)
    ]
    camera.timestamp = (camera.timestamp + round(FRAME * 90_000)) & 0xFFFF_FFFF
    camera.picture_id = (camera.picture_id + 1) & 0x7FFF
    camera.tl0picidx = (camera.tl0picidx + 1) & 0xFF
    return frame
