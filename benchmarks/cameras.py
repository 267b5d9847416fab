"""Synthetic publishers: a camera in simulcast and a microphone each."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import aiohttp
from aiortc import RTCCertificate, clock
from aiortc.rtp import RtcpSenderInfo, RtcpSrPacket

from benchmarks import sdp
from benchmarks.clips import FRAME_RATE, Clip
from benchmarks.conversation import Conversation, level
from benchmarks.media import VOICE, Audio
from benchmarks.peer import Peer
from benchmarks.repeat import repeat
from benchmarks.signaling_client import JsonObject
from benchmarks.simulcast import Camera, rtp_time
from benchmarks.traffic import AUDIO_PACKETS_PER_SECOND, AUDIO_SIZE

_AUDIO_SSRC: Final = 0x1001
_CAMERA_SSRC: Final = 0x2001
_REPORT_INTERVAL: Final = 1.0
SILENCE: Final = 127
"""−dBov, RFC 6464 section 3."""
HEIGHT: Final = 720


@dataclass(frozen=True, slots=True)
class Published:
    """What one has sent so far."""

    packets: dict[str, int]
    """Of the camera by rid, retransmissions not counted."""
    resent: int
    keyframe_requests: int


class Publisher:
    """One of them."""

    def __init__(self, http: aiohttp.ClientSession, certificate: RTCCertificate) -> None:
        self.peer = Peer(http, certificate, self._on_media, transport_cc=True)
        self.peer.on_message = self._told
        self.audio = Audio(_AUDIO_SSRC, [AUDIO_SIZE])
        self.track_id = ""
        self.level: Callable[[], int] = lambda: VOICE
        """Of the next packet of sound (RFC 6464)."""

    async def publish(self, clips: Sequence[Clip], source: str = "camera") -> None:
        self.camera = Camera(_CAMERA_SSRC, clips)
        await self.peer.request("publish", source="microphone", mid=sdp.MICROPHONE)
        size = {"width": HEIGHT * 16 // 9, "height": HEIGHT}
        result = await self.peer.request("publish", source=source, mid=sdp.CAMERA, **size)
        self.track_id = result["track"]["id"]

    def send_audio(self) -> None:
        self._send(self.audio.packet(self.level()))

    def send_frames(self) -> None:
        for frame in self.camera.frames(time.time()):
            for packet in frame:
                self._send(packet)

    def send_reports(self) -> None:
        now = time.time()
        transport = self.peer.transport
        for layer in self.camera.layers:
            if layer.packets:
                report = _report(layer.ssrc, rtp_time(now), layer.packets, layer.octets)
                transport.send(transport.outbound.protect_rtcp(report))
        stream = self.audio.stream
        stamp = stream.timestamp & 0xFFFF_FFFF
        report = _report(stream.ssrc, stamp, stream.packets, stream.octets)
        transport.send(transport.outbound.protect_rtcp(report))

    def _send(self, packet: bytes) -> None:
        transport = self.peer.transport
        transport.send(transport.outbound.protect(packet))

    def _told(self, message: JsonObject) -> None:
        """Which encodings anybody takes."""
        if message["type"] == "encodings" and self.track_id in message["tracks"]:
            self.camera.activate(message["tracks"][self.track_id])

    def _on_media(self, buffer: bytearray, size: int) -> None:
        """Feedback; media is not looked at."""
        if self.track_id and 192 <= buffer[1] < 224:
            rtcp = self.peer.transport.inbound.unprotect_rtcp(bytes(buffer[:size]))
            for packet in self.camera.receive(rtcp, time.time()):
                self._send(packet)


class Cameras:
    """An actor of `worker.Worker`: several publishers."""

    def __init__(self) -> None:
        self.publishers: list[Publisher] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def join(
        self,
        url: str,
        meeting: str,
        relays: Sequence[tuple[str, int] | None],
        clips: Sequence[Clip],
    ) -> list[str]:
        """One publisher for each relay (None: without), who begin to send at once. The ids of
        their cameras."""
        await self.connect(url)
        for number, relay in enumerate(relays):
            await self.add(meeting, f"publisher {number}", clips, relay=relay)
        return [publisher.track_id for publisher in self.publishers]

    async def connect(self, url: str) -> None:
        self._http = aiohttp.ClientSession(url)
        self._certificate = RTCCertificate.generateCertificate()

    async def add(
        self,
        meeting: str,
        name: str,
        clips: Sequence[Clip],
        *,
        source: str = "camera",
        talks: bool = True,
        relay: tuple[str, int] | None = None,
    ) -> None:
        """One who shows this, and begins to send at once."""
        publisher = Publisher(self._http, self._certificate)
        publisher.peer.relay = relay
        await publisher.peer.enter(meeting, name)
        await publisher.peer.connect()
        await publisher.publish(clips, source)
        if not talks:
            publisher.level = lambda: SILENCE
        self.publishers.append(publisher)
        self._begin(publisher)

    async def view(self, tracks: Sequence[str], visible: int, seed: int) -> None:
        """Each shows so many of the tracks, small. What comes is not looked at."""
        draw = random.Random(seed)  # noqa: S311 - repeatable on purpose
        for publisher in self.publishers:
            shown = draw.sample(list(tracks), min(visible, len(tracks)))
            view = [{"track_id": track, "width": 320, "height": 180} for track in shown]
            await publisher.peer.request("view", tracks=view)

    async def converse(self, conversation: Conversation, first: int, began: float) -> None:
        """From now on not all talk all the time; see `Audience.converse`."""
        for number, publisher in enumerate(self.publishers, start=first):
            publisher.level = partial(_level, conversation, number, began)

    async def published(self) -> list[Published]:
        return [
            Published(
                {layer.rid: layer.packets for layer in publisher.camera.layers},
                sum(layer.resent for layer in publisher.camera.layers),
                publisher.camera.keyframe_requests,
            )
            for publisher in self.publishers
        ]

    async def leave(self) -> None:
        for task in self._tasks:
            task.cancel()
        for publisher in self.publishers:
            await publisher.peer.leave()
        await self._http.close()

    def _begin(self, publisher: Publisher) -> None:
        self._every(1 / AUDIO_PACKETS_PER_SECOND, publisher.send_audio)
        self._every(1 / FRAME_RATE, publisher.send_frames)
        self._every(_REPORT_INTERVAL, publisher.send_reports)

    def _every(self, interval: float, action: Callable[[], None]) -> None:
        self._tasks.append(asyncio.create_task(repeat(lambda: interval, action)))


def _level(conversation: Conversation, person: int, began: float) -> int:
    now = time.monotonic() - began
    return level(person, now, conversation.talking(now))


def _report(ssrc: int, timestamp: int, packets: int, octets: int) -> bytes:
    info = RtcpSenderInfo(
        ntp_timestamp=clock.current_ntp_time(),
        rtp_timestamp=timestamp,
        packet_count=packets,
        octet_count=octets,
    )
    return bytes(RtcpSrPacket(ssrc=ssrc, sender_info=info))
