"""The one who is seen and heard: a voice and a camera at a steady rate."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import aiohttp
from aiortc import RTCCertificate, clock
from aiortc.rtp import (
    RTCP_PSFB_FIR,
    RTCP_PSFB_PLI,
    RtcpPacket,
    RtcpPsfbPacket,
    RtcpSenderInfo,
    RtcpSrPacket,
)

from benchmarks import sdp
from benchmarks.media import (
    AUDIO_PACKETS_PER_SECOND,
    VIDEO_PACKETS_PER_SECOND,
    Audio,
    RtpStream,
    Video,
)
from benchmarks.peer import MakeParticipant, Peer

_SENDING: Final = sdp.Sending(audio_ssrc=0x1001, video_ssrc=0x2001, rtx_ssrc=0x2002)
_REPORT_INTERVAL: Final = 1.0
_KEYFRAME_INTERVAL: Final = 10.0
"""Seconds between keyframes nobody asked for."""


@dataclass(frozen=True, slots=True)
class Sent:
    packets: int
    keyframe_requests: int


class Publisher:
    """An actor of `worker.Worker`."""

    def __init__(self, make: MakeParticipant = Peer) -> None:
        self._make = make
        self._keyframe = False
        """The next frame is one. Not the first: the server has to ask, or nobody sees anything."""
        self._requests = 0
        self._tasks: list[asyncio.Task[None]] = []

    async def connect(self, base_url: str, meeting: str, burst: int) -> None:
        self._http = aiohttp.ClientSession(base_url)
        self._peer = self._make(self._http, RTCCertificate.generateCertificate(), self._on_media)
        self._audio = Audio(_SENDING.audio_ssrc)
        self._video = Video(_SENDING.video_ssrc, burst)
        await self._peer.enter(meeting, "publisher")
        await self._peer.connect(_SENDING)

    async def publish(self) -> None:
        await self._peer.publish()
        await self.resume()

    async def resume(self) -> None:
        """Begin to send, or go on after a pause."""
        video_rate = VIDEO_PACKETS_PER_SECOND / self._video.burst
        for interval, send in (
            (1 / AUDIO_PACKETS_PER_SECOND, self._send_audio),
            (1 / video_rate, self._send_frame),
            (_REPORT_INTERVAL, self._send_reports),
            (_KEYFRAME_INTERVAL, self._want_keyframe),
        ):
            self._tasks.append(asyncio.create_task(_every(interval, send)))

    async def pause(self) -> None:
        for task in self._tasks:
            task.cancel()
        self._tasks.clear()

    async def sent(self) -> Sent:
        packets = self._audio.stream.packets + self._video.stream.packets
        return Sent(packets, self._requests)

    async def leave(self) -> None:
        await self.pause()
        await self._peer.leave()
        await self._http.close()

    def _send_audio(self) -> None:
        transport = self._peer.transport
        transport.send(transport.outbound.protect(self._audio.packet()))

    def _send_frame(self) -> None:
        transport = self._peer.transport
        keyframe, self._keyframe = self._keyframe, False
        for packet in self._video.frame(keyframe):
            transport.send(transport.outbound.protect(packet))

    def _send_reports(self) -> None:
        transport = self._peer.transport
        for stream in (self._audio.stream, self._video.stream):
            transport.send(transport.outbound.protect_rtcp(_sender_report(stream)))

    def _want_keyframe(self) -> None:
        self._keyframe = True

    def _on_media(self, buffer: bytearray, size: int) -> None:
        """Feedback; nothing else comes to somebody who watches nobody."""
        plain = self._peer.transport.inbound.unprotect_rtcp(bytes(buffer[:size]))
        for packet in RtcpPacket.parse(plain):
            if isinstance(packet, RtcpPsfbPacket) and packet.fmt in (RTCP_PSFB_PLI, RTCP_PSFB_FIR):
                self._requests += 1
                self._keyframe = True


def _sender_report(stream: RtpStream) -> bytes:
    info = RtcpSenderInfo(
        ntp_timestamp=clock.current_ntp_time(),
        rtp_timestamp=stream.timestamp & 0xFFFF_FFFF,
        packet_count=stream.packets,
        octet_count=stream.octets,
    )
    return bytes(RtcpSrPacket(ssrc=stream.ssrc, sender_info=info))


async def _every(interval: float, action: Callable[[], None]) -> None:
    """On a schedule that does not drift: what is late is made up for."""
    loop = asyncio.get_running_loop()
    due = loop.time()
    while True:
        action()
        due += interval
        await asyncio.sleep(due - loop.time())
