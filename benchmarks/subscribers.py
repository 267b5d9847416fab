"""Those who watch: real transports whose packets are counted, and decrypted by sample."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Sequence
from typing import Final

import aiohttp
from aiortc import RTCCertificate
from aiortc.rtp import (
    RTCP_PSFB_APP,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    pack_remb_fci,
)

from benchmarks.library import inbound
from benchmarks.peer import MakeParticipant, Participant, Peer
from benchmarks.receivers import Ages, Counts, Receivers, Stream, receiving_socket
from benchmarks.transport import POLL_INTERVAL, Profile

SERVER: Final = "server"
"""Name of the group of those who watch a meeting; the others are bare: see `open_bare`."""
_REPORT_INTERVAL: Final = 1.0
_ESTIMATE: Final = 1_000_000_000
"""Bits/s: what is sent shall be forwarded, however much it is."""


class Subscriber:
    """One peer of a meeting, and its number among the receivers."""

    def __init__(
        self, make: MakeParticipant, http: aiohttp.ClientSession, certificate: RTCCertificate
    ) -> None:
        self.peer: Participant = make(http, certificate, lambda *_: None)
        self.number = -1

    async def connect(self, receivers: Receivers) -> set[int]:
        """SSRCs of the sounds it may get."""
        answer = await self.peer.connect()
        transport = self.peer.transport
        transport.stop_waking()
        self.number = receivers.add(transport.udp, transport.inbound)
        for ssrc in answer.media_ssrcs:
            receivers.allow(self.number, ssrc)
        return {slot.ssrc for slot in answer.slots if slot.kind == "audio"}

    def report(self, streams: Sequence[Stream]) -> None:
        """Receiver report and REMB in one compound packet, as browsers send each second."""
        ssrcs = [stream.ssrc for stream in streams]
        remb = RtcpPsfbPacket(
            fmt=RTCP_PSFB_APP, ssrc=1, media_ssrc=0, fci=pack_remb_fci(_ESTIMATE, ssrcs)
        )
        report = RtcpRrPacket(ssrc=1, reports=[_report_block(stream) for stream in streams])
        transport = self.peer.transport
        transport.send(transport.outbound.protect_rtcp(bytes(report) + bytes(remb)))


def _report_block(stream: Stream) -> RtcpReceiverInfo:
    return RtcpReceiverInfo(
        ssrc=stream.ssrc,
        fraction_lost=0,
        packets_lost=max(0, stream.highest - stream.first + 1 - stream.packets),
        highest_sequence=stream.highest & 0xFFFF_FFFF,
        jitter=0,
        lsr=0,
        dlsr=0,
    )


class Subscribers:
    """An actor of `worker.Worker`: the share of one generator process."""

    def __init__(self, make: MakeParticipant = Peer, *, joined: bool = False) -> None:
        """`joined`: let the kernel join what arrives (UDP_GRO)."""
        self._make = make
        self._joined = joined
        self._subscribers: list[Subscriber] = []
        self._groups = {SERVER: Receivers(self._control, joined=joined)}
        self._bare: dict[str, list[socket.socket]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._interval = POLL_INTERVAL

    async def enter(self, base_url: str, meeting: str, count: int) -> None:
        """One after another, up to where media would begin."""
        # each keeps its WebSocket, and aiohttp would open but a hundred
        connector = aiohttp.TCPConnector(limit=0)
        self._http = aiohttp.ClientSession(base_url, connector=connector)
        certificate = RTCCertificate.generateCertificate()
        for number in range(count):
            subscriber = Subscriber(self._make, self._http, certificate)
            self._subscribers.append(subscriber)
            await subscriber.peer.enter(meeting, f"subscriber {number}")

    async def connect(self) -> None:
        """Offer, answer, ICE and DTLS of each, one after another."""
        for subscriber in self._subscribers:
            await subscriber.connect(self._groups[SERVER])
        self._tasks = [asyncio.create_task(self._poll()), asyncio.create_task(self._report())]

    async def open_bare(
        self, group: str, profile: Profile, keys: Sequence[bytes], ssrcs: Sequence[int]
    ) -> list[tuple[str, int]]:
        """Receivers without a meeting, one per key; their addresses. They listen to nobody until
        `connect_bare`."""
        receivers = self._groups[group] = Receivers(joined=self._joined)
        sockets = self._bare[group] = [receiving_socket() for _ in keys]
        for udp, key in zip(sockets, keys, strict=True):
            udp.bind(("127.0.0.1", 0))
            number = receivers.add(udp, inbound(profile, key))
            for ssrc in ssrcs:
                receivers.allow(number, ssrc)
        return [udp.getsockname() for udp in sockets]

    async def connect_bare(self, group: str, address: tuple[str, int]) -> None:
        """Whom they listen to."""
        for udp in self._bare[group]:
            udp.connect(address)

    async def counts(self, group: str = SERVER) -> Counts:
        return self._groups[group].counts()

    async def sample(self, every: int, group: str = SERVER) -> None:
        """Decrypt one packet of so many and take its age; 0: none."""
        self._groups[group].sample(every)

    async def ages(self, group: str = SERVER) -> Ages:
        return self._groups[group].ages()

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
        for sockets in self._bare.values():
            for udp in sockets:
                udp.close()
        for receivers in self._groups.values():
            receivers.close()
        self._subscribers.clear()
        await self._http.close()

    def _control(self, number: int, data: bytes) -> None:
        self._subscribers[number].peer.transport.control(data)

    async def _poll(self) -> None:
        while True:
            for receivers in tuple(self._groups.values()):
                receivers.drain()
            await asyncio.sleep(self._interval)

    async def _report(self) -> None:
        """Each once a second, evenly spread."""
        while True:
            for subscriber in tuple(self._subscribers):
                await asyncio.sleep(_REPORT_INTERVAL / len(self._subscribers))
                subscriber.report(self._groups[SERVER].streams(subscriber.number))
