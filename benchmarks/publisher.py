"""The one who is seen and heard: a voice and a camera at a steady rate."""

from __future__ import annotations

import asyncio
import socket
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
from pylibsrtp import Session

from benchmarks import sdp
from benchmarks.burst import Burst
from benchmarks.library import outbound
from benchmarks.media import Audio, RtpStream, Video
from benchmarks.peer import MakeParticipant, Peer
from benchmarks.repeat import repeat
from benchmarks.subscribers import SERVER
from benchmarks.traffic import AUDIO_PACKETS_PER_SECOND, Traffic
from benchmarks.transport import Profile

SENDING: Final = sdp.Sending(audio_ssrc=0x1001, video_ssrc=0x2001, rtx_ssrc=0x2002)
_REPORT_INTERVAL: Final = 1.0
_KEYFRAME_INTERVAL: Final = 10.0
"""Seconds between keyframes nobody asked for."""


@dataclass(frozen=True, slots=True)
class Sent:
    packets: int
    keyframe_requests: int


class Feed:
    """Both streams as one receiver gets them, with sequence numbers of its own."""

    def __init__(self, traffic: Traffic, udp: socket.socket, session: Session) -> None:
        self.audio = Audio(SENDING.audio_ssrc, traffic.audio)
        self.video = Video(SENDING.video_ssrc, traffic.frames)
        self.packets = 0
        """That the kernel took."""
        self._burst = Burst(udp, session)

    def send_audio(self) -> None:
        self.packets += self._burst.send([self.audio.packet()])

    def send_frame(self, keyframe: bool) -> None:
        self.packets += self._burst.send(self.video.frame(keyframe))


class Publisher:
    """An actor of `worker.Worker`. Sends to one of several who receive, or to nobody."""

    def __init__(self, make: MakeParticipant = Peer) -> None:
        self._make = make
        self._keyframe = False
        """The next frame is one. Not the first: the server has to ask, or nobody sees anything."""
        self._requests = 0
        self._feeds: dict[str, Feed] = {}
        self._bare: list[socket.socket] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def connect(self, base_url: str, meeting: str, traffic: Traffic) -> tuple[str, int]:
        """The address of the server's that media goes to."""
        self._traffic = traffic
        self._http = aiohttp.ClientSession(base_url)
        self._peer = self._make(self._http, RTCCertificate.generateCertificate(), self._on_media)
        await self._peer.enter(meeting, "publisher")
        await self._peer.connect(SENDING)
        transport = self._peer.transport
        self._feeds[SERVER] = Feed(traffic, transport.udp, transport.outbound)
        address: tuple[str, int] = transport.udp.getpeername()
        return address

    async def open_bare(
        self, name: str, address: tuple[str, int], profile: Profile, key: bytes
    ) -> tuple[str, int]:
        """Somebody to send to without a meeting; the address it comes from."""
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.connect(address)
        self._bare.append(udp)
        self._feeds[name] = Feed(self._traffic, udp, outbound(profile, key))
        own: tuple[str, int] = udp.getsockname()
        return own

    async def publish(self) -> None:
        await self._peer.publish()
        await self.resume()

    async def resume(self, name: str = SERVER) -> None:
        """Begin to send to that one, or go on after a pause."""
        await self.pause()
        feed = self._feeds[name]
        self._every(lambda: 1 / AUDIO_PACKETS_PER_SECOND, feed.send_audio)
        if name != SERVER:
            self._every(lambda: 1 / self._traffic.frame_rate, lambda: feed.send_frame(False))
        else:
            self._every(lambda: 1 / self._traffic.frame_rate, self._send_frame)
            self._every(lambda: _REPORT_INTERVAL, self._send_reports)
            self._every(lambda: _KEYFRAME_INTERVAL, self._want_keyframe)

    async def pause(self) -> None:
        for task in self._tasks:
            task.cancel()
        self._tasks.clear()

    async def set_rate(self, video_rate: float) -> None:
        """Video packets a second."""
        self._traffic = self._traffic.at(video_rate)

    async def sent(self, name: str = SERVER) -> Sent:
        return Sent(self._feeds[name].packets, self._requests)

    async def leave(self) -> None:
        await self.pause()
        await self._peer.leave()
        await self._http.close()
        for udp in self._bare:
            udp.close()

    def _every(self, interval: Callable[[], float], action: Callable[[], None]) -> None:
        self._tasks.append(asyncio.create_task(repeat(interval, action)))

    def _send_frame(self) -> None:
        keyframe, self._keyframe = self._keyframe, False
        self._feeds[SERVER].send_frame(keyframe)

    def _send_reports(self) -> None:
        transport, feed = self._peer.transport, self._feeds[SERVER]
        for stream in (feed.audio.stream, feed.video.stream):
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
