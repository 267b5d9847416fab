"""Synthetic receivers that read every packet they get and answer as a browser would."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import aiohttp
from aiortc import RTCCertificate
from pylibsrtp import Error as SrtpError

from benchmarks.peer import Peer
from benchmarks.playout import Playout
from benchmarks.reception import FEEDBACK_INTERVAL, REPORT_INTERVAL, Reception, Second
from benchmarks.repeat import repeat
from benchmarks.signaling_client import JsonObject

WIDTH: Final = 1280
HEIGHT: Final = 720
"""Of every picture they show, in pixels."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What one of them got so far; times are of `time.monotonic`."""

    ufrag: str
    """The server's, of this receiver's transport."""
    joined: float
    """When the offer was sent."""
    playouts: dict[int, Playout]
    """By video slot, those on which anything came."""
    seconds: Mapping[int, Second]
    paused: list[tuple[float, frozenset[int]]]
    """The video slots that the server said to be paused for want of bandwidth, from when on."""
    undecryptable: int


class Viewer:
    def __init__(self, http: aiohttp.ClientSession, certificate: RTCCertificate) -> None:
        self.peer = Peer(http, certificate, self._on_media, transport_cc=True)
        self.peer.on_message = self._told
        self.reception = Reception([])
        self._paused: list[tuple[float, frozenset[int]]] = []
        self._undecryptable = 0
        self._joined = 0.0
        self._ufrag = ""
        self._video: list[int] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def connect(self) -> None:
        self._joined = time.monotonic()
        answer = await self.peer.connect()
        self._ufrag = answer.credentials.ufrag
        # what came between the handshake and here is asked for again
        self.reception = Reception(answer.slots)
        self._video = [slot.ssrc for slot in answer.slots if slot.kind == "video"]
        self._tasks = [
            asyncio.create_task(repeat(lambda: FEEDBACK_INTERVAL, self._give_feedback)),
            asyncio.create_task(repeat(lambda: REPORT_INTERVAL, self._report)),
        ]

    async def view(self, tracks: Sequence[str]) -> None:
        size = {"width": WIDTH, "height": HEIGHT}
        await self.peer.request("view", tracks=[{"track_id": track, **size} for track in tracks])

    def seen(self) -> Seen:
        return Seen(
            ufrag=self._ufrag,
            joined=self._joined,
            playouts=self._playouts(),
            seconds=self.reception.seconds,
            paused=self._paused,
            undecryptable=self._undecryptable,
        )

    async def leave(self) -> None:
        for task in self._tasks:
            task.cancel()
        await self.peer.leave()

    def _playouts(self) -> dict[int, Playout]:
        found = self.reception.playouts
        return {slot: found[ssrc] for slot, ssrc in enumerate(self._video) if ssrc in found}

    def _on_media(self, buffer: bytearray, size: int) -> None:
        now, packet = time.monotonic(), bytes(buffer[:size])
        session = self.peer.transport.inbound
        if not self._ufrag:
            return  # it is not connected yet
        try:
            if 192 <= packet[1] < 224:
                self.reception.receive_reports(now, session.unprotect_rtcp(packet))
            else:
                self.reception.receive(now, session.unprotect(packet), size)
        except SrtpError:
            self._undecryptable += 1

    def _give_feedback(self) -> None:
        for packet in self.reception.feedback(time.monotonic()):
            self._send(packet)

    def _report(self) -> None:
        self._send(self.reception.reports(time.monotonic()))

    def _send(self, rtcp: bytes) -> None:
        transport = self.peer.transport
        with contextlib.suppress(OSError):  # as on any network
            transport.send(transport.outbound.protect_rtcp(rtcp))

    def _told(self, message: JsonObject) -> None:
        if message["type"] == "slots":
            video = [slot for slot in message["slots"] if slot["kind"] == "video"]
            paused = {slot["slot"] for slot in video if slot["problem"] == "bandwidth"}
            self._paused.append((time.monotonic(), frozenset(paused)))


class Viewers:
    """An actor of `worker.Worker`."""

    def __init__(self) -> None:
        self._viewers: list[Viewer] = []
        self._http: aiohttp.ClientSession | None = None

    async def join(
        self,
        url: str,
        meeting: str,
        relays: Sequence[tuple[str, int] | None],
        tracks: Sequence[str],
    ) -> None:
        """One more for each relay, one after another. They show all `tracks`, large."""
        if self._http is None:
            self._http = aiohttp.ClientSession(url, connector=aiohttp.TCPConnector(limit=0))
        certificate = RTCCertificate.generateCertificate()
        for relay in relays:
            viewer = Viewer(self._http, certificate)
            viewer.peer.relay = relay
            await viewer.peer.enter(meeting, f"viewer {len(self._viewers)}")
            await viewer.view(tracks)
            await viewer.connect()
            self._viewers.append(viewer)

    async def seen(self) -> list[Seen]:
        return [viewer.seen() for viewer in self._viewers]

    async def leave(self) -> None:
        for viewer in self._viewers:
            await viewer.leave()
        if self._http is not None:
            await self._http.close()
