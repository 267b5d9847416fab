"""Those who watch: real transports whose packets are counted, and decrypted by sample."""

from __future__ import annotations

import asyncio
import struct
import time
from collections.abc import Callable, Container
from dataclasses import dataclass
from typing import Final

import aiohttp
import pylibsrtp
from aiortc import RTCCertificate
from aiortc.rtp import (
    RTCP_PSFB_APP,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    pack_remb_fci,
)

from benchmarks.media import MARK
from benchmarks.peer import MakeParticipant, Participant, Peer
from benchmarks.transport import POLL_INTERVAL

SAMPLE: Final = 97
"""One packet of so many is decrypted; odd, so that the samples walk through both streams."""
_REPORT_INTERVAL: Final = 1.0
_ESTIMATE: Final = 5_000_000
"""Bits/s, as a browser on a fast line reports."""
_HEADER: Final = struct.Struct("!xBH4xI")


@dataclass(slots=True)
class Counts:
    """Of RTP packets of the slots' media; RTCP and retransmissions are not in it."""

    packets: int = 0
    expected: int = 0
    """By sequence numbers, from the first packet to the newest of each stream."""
    bytes: int = 0
    verified: int = 0
    """Samples that decrypted to what the publisher sent."""
    wrong: int = 0
    streams: int = 0
    """On which anything came."""

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, n) + getattr(other, n) for n in self.__slots__))

    def __sub__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, n) - getattr(other, n) for n in self.__slots__))


class Stream:
    """Packets of one SSRC, and what their sequence numbers say should have come."""

    __slots__ = ("first", "highest", "packets")

    def __init__(self, sequence: int) -> None:
        self.first = self.highest = sequence
        self.packets = 0

    @property
    def expected(self) -> int:
        return self.highest - self.first + 1

    def add(self, sequence: int) -> None:
        ahead = (sequence - self.highest) & 0xFFFF
        if ahead < 0x8000:
            self.highest += ahead
        self.packets += 1


class Tally:
    """Counts what one peer gets on its slots."""

    def __init__(self, slots: Container[int], genuine: Callable[[bytes], bool]) -> None:
        """`slots`: SSRCs that count. `genuine`: whether a packet decrypts to what was published."""
        self.streams: dict[int, Stream] = {}
        self._slots = slots
        self._genuine = genuine
        self._packets = self._bytes = self._verified = self._wrong = 0

    def add(self, buffer: bytearray, size: int) -> None:
        kind, sequence, ssrc = _HEADER.unpack_from(buffer)
        if 192 <= kind < 224 or ssrc not in self._slots:  # RTCP (RFC 5761), or a retransmission
            return
        stream = self.streams.get(ssrc)
        if stream is None:
            stream = self.streams[ssrc] = Stream(sequence)
        stream.add(sequence)
        self._packets += 1
        self._bytes += size
        if self._packets % SAMPLE == 0:
            if self._genuine(bytes(buffer[:size])):
                self._verified += 1
            else:
                self._wrong += 1

    def counts(self) -> Counts:
        return Counts(
            packets=self._packets,
            expected=sum(stream.expected for stream in self.streams.values()),
            bytes=self._bytes,
            verified=self._verified,
            wrong=self._wrong,
            streams=len(self.streams),
        )


class Subscriber:
    """One peer and what it got."""

    def __init__(
        self, make: MakeParticipant, http: aiohttp.ClientSession, certificate: RTCCertificate
    ) -> None:
        self.peer: Participant = make(http, certificate, self._on_media)
        self.tally = Tally((), self._genuine)

    async def connect(self) -> None:
        answer = await self.peer.connect()
        self.tally = Tally(answer.media_ssrcs, self._genuine)

    def report(self) -> None:
        """Receiver report and REMB in one compound packet, as browsers send each second."""
        streams = self.tally.streams
        blocks = [_report_block(ssrc, stream) for ssrc, stream in streams.items()]
        remb = RtcpPsfbPacket(
            fmt=RTCP_PSFB_APP, ssrc=1, media_ssrc=0, fci=pack_remb_fci(_ESTIMATE, list(streams))
        )
        transport = self.peer.transport
        compound = bytes(RtcpRrPacket(ssrc=1, reports=blocks)) + bytes(remb)
        transport.send(transport.outbound.protect_rtcp(compound))

    def _on_media(self, buffer: bytearray, size: int) -> None:
        self.tally.add(buffer, size)

    def _genuine(self, packet: bytes) -> bool:
        try:
            return self.peer.transport.inbound.unprotect(packet).endswith(MARK)
        except pylibsrtp.Error:
            return False


def _report_block(ssrc: int, stream: Stream) -> RtcpReceiverInfo:
    return RtcpReceiverInfo(
        ssrc=ssrc,
        fraction_lost=0,
        packets_lost=max(0, stream.expected - stream.packets),
        highest_sequence=stream.highest & 0xFFFF_FFFF,
        jitter=0,
        lsr=0,
        dlsr=0,
    )


class Subscribers:
    """An actor of `worker.Worker`: the share of one generator process."""

    def __init__(self, make: MakeParticipant = Peer) -> None:
        self._make = make
        self._subscribers: list[Subscriber] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._interval = POLL_INTERVAL

    async def enter(self, base_url: str, meeting: str, count: int) -> None:
        """One after another, up to where media would begin."""
        self._http = aiohttp.ClientSession(base_url)
        certificate = RTCCertificate.generateCertificate()
        for number in range(count):
            subscriber = Subscriber(self._make, self._http, certificate)
            self._subscribers.append(subscriber)
            await subscriber.peer.enter(meeting, f"subscriber {number}")

    async def connect(self) -> None:
        """Offer, answer, ICE and DTLS of each, one after another."""
        for subscriber in self._subscribers:
            await subscriber.connect()
            subscriber.peer.transport.stop_waking()
        self._tasks = [asyncio.create_task(self._poll()), asyncio.create_task(self._report())]

    async def counts(self) -> Counts:
        return sum((s.tally.counts() for s in self._subscribers), Counts())

    async def cpu(self) -> float:
        """Seconds this process has used."""
        return time.process_time()

    async def poll(self, interval: float = POLL_INTERVAL) -> None:
        """Seconds between looks at the sockets from now on: those who get nothing for a while
        should not keep others from their core."""
        self._interval = interval

    async def leave(self) -> None:
        for task in self._tasks:
            task.cancel()
        for subscriber in self._subscribers:
            await subscriber.peer.leave()
        self._subscribers.clear()
        await self._http.close()

    async def _poll(self) -> None:
        while True:
            for subscriber in self._subscribers:
                subscriber.peer.transport.drain()
            await asyncio.sleep(self._interval)

    async def _report(self) -> None:
        """Each once a second, evenly spread."""
        while True:
            for subscriber in tuple(self._subscribers):
                await asyncio.sleep(_REPORT_INTERVAL / len(self._subscribers))
                subscriber.report()
