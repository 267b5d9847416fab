"""An incoming RTP stream: one encoding of a track, with its retransmissions put back in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from sfu.engine.context import Context
from sfu.engine.interface import (
    SOURCE_SILENCE,
    Codec,
    Drop,
    Extension,
    Kind,
    SourceActive,
    SourceId,
    SourceParameters,
    SourceSilent,
    SourceStats,
    VoiceStarted,
)
from sfu.engine.keyframes import KeyframeRequester
from sfu.engine.media import Layer, MediaPacket, abs_send_time
from sfu.engine.payload import describe
from sfu.engine.rates import RateMeter
from sfu.engine.reports import RTCP_SSRC
from sfu.engine.stream import IncomingStream
from sfu.rtp import dependency, extensions, red, rtcp, rtx
from sfu.rtp.clock import SourceClock
from sfu.rtp.history import History
from sfu.rtp.levels import LevelMeter
from sfu.rtp.levels import parse as parse_level
from sfu.rtp.packet import RtpError, RtpPacket

if TYPE_CHECKING:
    from sfu.engine.sink import Sink
    from sfu.engine.transport import Transport

HISTORY = 512
"""Video packets kept, for receivers who lost them and for a keyframe whose first packet comes late:
a second of 5 Mbit/s."""

COPIED = (Extension.AUDIO_LEVEL, Extension.VIDEO_ORIENTATION)
"""Header extensions of one byte that are forwarded as they are."""

DESCRIBED = (Codec.VP9, Codec.AV1)
"""Codecs whose dependency descriptors are read and forwarded. Others come with one, too, but not
every switch between their sources would leave the receiver a valid one."""


class Source:
    def __init__(
        self,
        source: SourceId,
        parameters: SourceParameters,
        transport: Transport,
        context: Context,
        video_active: Callable[[], None],
    ) -> None:
        """`video_active` is called when pictures come, where none came before."""
        self.id = source
        self.parameters = parameters
        self.transport = transport
        self.stream: IncomingStream | None = None
        """None before the first packet: nobody knows the SSRC yet."""
        self.sinks: list[Sink] = []
        """Get every packet."""
        self.followers: list[Sink] = []
        """Wait for a keyframe to change over to this source."""
        self.stats = SourceStats()
        self.meter = LevelMeter() if parameters.kind is Kind.AUDIO else None
        self._context = context
        self._video_active = video_active
        self.rates = RateMeter()
        self._descriptors = dependency.Reader()
        self._codecs = {types.media: codec for codec, types in parameters.payload_types.items()}
        self._redundant = {
            types.red: types.media
            for codec, types in parameters.payload_types.items()
            if codec is Codec.OPUS and types.red is not None
        }
        self._repairs = {
            types.rtx: types.media
            for types in parameters.payload_types.values()
            if types.rtx is not None
        }
        self._codec: Codec | None = None
        """Of the last packet; None while silent."""
        self._last_packet_at = 0.0
        self._last_keyframe: int | None = None
        self.history: History[MediaPacket] = History(HISTORY)
        """By unwrapped sequence number; one for all sinks."""
        self.keyframes = KeyframeRequester(
            source, context.timers, self._send_pli, self._is_waited_for
        )

    @property
    def active(self) -> bool:
        return self._codec is not None

    @property
    def is_video(self) -> bool:
        return self.parameters.kind is Kind.VIDEO

    def is_repair(self, payload_type: int) -> bool:
        return payload_type in self._repairs

    def close(self) -> None:
        self.keyframes.close()
        self.history.clear()
        for timer in ("silence", "nack"):
            self._context.timers.cancel((timer, self.id))
        for sink in (*self.sinks, *self.followers):
            sink.source_closed(self)

    def bind(self, ssrc: int) -> None:
        """The encoder's SSRC is known, or it began afresh with another."""
        if self.stream is not None:
            for sink in self.sinks:
                sink.source_restarted()
        clock_rate = 48_000 if self.meter else 90_000
        self.stream = IncomingStream(ssrc, clock_rate, self.transport.clock)
        self._codec = None
        self.history = History(HISTORY)
        self._descriptors = dependency.Reader()
        self.transport.reporter.limit_changed()

    # Receiving

    def receive(self, packet: RtpPacket, *, repaired: bool = False) -> None:
        stream = self.stream
        redundant = packet.payload_type in self._redundant
        codec = Codec.OPUS if redundant else self._codecs.get(packet.payload_type)
        if codec is None or stream is None:
            self.transport.drop(Drop.UNKNOWN_PAYLOAD_TYPE)
            return
        placed = stream.place(packet, self._context.now, repaired=repaired)
        if isinstance(placed, Drop):
            self.transport.drop(placed)
            return
        self._count(packet, stream, repaired=repaired)
        woken = not repaired and self._notice(packet, codec)
        try:
            media = self._media(packet, codec, stream.clock, *placed)
        except RtpError:
            self.transport.drop(Drop.RTP_MALFORMED)
            return
        if media.joinable and self.is_video:
            self._keyframe(media, stream)
        self._forward(media, late=media.sequence < stream.highest)
        if woken:
            self.sink_waits()

    def receive_rtx(self, packet: RtpPacket) -> None:
        """A retransmission (RFC 4588): put the original where it belongs."""
        media_type = self._repairs.get(packet.payload_type)
        if media_type is None:
            self.transport.drop(Drop.UNKNOWN_PAYLOAD_TYPE)
            return
        if packet.payload_offset + packet.padding == len(packet.data):
            return  # padding: the sender probes the bandwidth
        if self.stream is None:
            self.transport.drop(Drop.RTX_UNKNOWN)
            return
        try:
            original = rtx.unwrap(packet, media_type, self.stream.ssrc)
        except RtpError:
            self.transport.drop(Drop.RTX_MALFORMED)
            return
        self.receive(original, repaired=True)

    def _count(self, packet: RtpPacket, stream: IncomingStream, *, repaired: bool) -> None:
        stats = self.stats
        stats.packets += 1
        stats.bytes += len(packet.data)
        if repaired:
            stats.packets_recovered += 1
        if self.parameters.nack:
            stream.missing.received(packet.sequence, self._context.now)
            if stream.missing and ("nack", self.id) not in self._context.timers:
                self._context.timers.set(("nack", self.id), stream.missing.next_due, self._nack)

    def _notice(self, packet: RtpPacket, codec: Codec) -> bool:
        """A media packet shows that the encoding is alive. True if that is news."""
        if packet.payload_offset + packet.padding == len(packet.data):
            return False  # padding: the sender probes the bandwidth
        self._last_packet_at = self._context.now
        if codec is self._codec:
            return False
        if self._codec is None:
            due = self._context.now + SOURCE_SILENCE
            self._context.timers.set(("silence", self.id), due, self._check_silence)
            if self.is_video:
                self.rates.begin(self._context.now)
                self._video_active()
        self._codec = codec
        self._context.observe(SourceActive(self.id, packet.ssrc, codec))
        return True

    def _check_silence(self, now: float) -> None:
        due = self._last_packet_at + SOURCE_SILENCE
        if now < due:
            self._context.timers.set(("silence", self.id), due, self._check_silence)
            return
        self._codec = None
        self._context.observe(SourceSilent(self.id))

    def _media(
        self, packet: RtpPacket, codec: Codec, clock: SourceClock, sequence: int, timestamp: int
    ) -> MediaPacket:
        """Raises RtpError for a payload or an extension that cannot be read."""
        redundant, payload = None, packet.payload
        if packet.payload_type in self._redundant and payload:
            redundant, payload = red.parse(payload, self._redundant[packet.payload_type])
        joinable, picture, layer = describe(codec, payload)
        elements = self._elements(packet)
        if self.meter is not None and Extension.AUDIO_LEVEL in elements:
            self._hear(elements[Extension.AUDIO_LEVEL])
        value = elements.pop(Extension.DEPENDENCY_DESCRIPTOR, None)
        descriptor = None
        if value is not None and payload and codec in DESCRIBED:
            descriptor = self._descriptors.read(value, sequence)
            layer = _layer(descriptor) or layer
        self.rates.count(layer, len(payload))
        return MediaPacket(
            codec,
            0x80 if packet.marker else 0,
            sequence,
            timestamp,
            payload,
            picture,
            joinable,
            layer,
            descriptor,
            redundant,
            elements,
            abs_send_time(self._context.unix),
            clock,
        )

    def _elements(self, packet: RtpPacket) -> dict[Extension, bytes]:
        """The header extensions that are read."""
        if packet.extension_profile is None:
            return {}
        names = self.transport.extensions
        elements = {}
        for identifier, value in extensions.parse(
            packet.extension_profile, packet.extension
        ).items():
            extension = names.get(identifier)
            if (extension in COPIED and len(value) == 1) or (
                extension is Extension.DEPENDENCY_DESCRIPTOR
            ):
                elements[extension] = value
        return elements

    def _hear(self, value: bytes) -> None:
        if self.meter is not None and self.meter.update(*parse_level(value), self._context.now):
            self._context.observe(VoiceStarted(self.id))

    def _keyframe(self, media: MediaPacket, stream: IncomingStream) -> None:
        if media.timestamp != self._last_keyframe:
            self._last_keyframe = media.timestamp
            self.stats.keyframes += 1
        self.keyframes.arrived()
        stream.missing.clear_before(media.sequence & 0xFFFF)

    # Forwarding

    def _forward(self, media: MediaPacket, *, late: bool) -> None:
        if media.joinable and self.followers:
            for sink in tuple(self.followers):
                sink.promote(media)
        overtaken = media.joinable and late and self.is_video
        begun = [sink for sink in self.sinks if sink.waits_for(media.codec)] if overtaken else []
        for sink in self.sinks:
            sink.forward(media)
        media.forget_tails()
        if self.is_video:
            for sink in begun:
                self._catch_up(sink, media)
            self.history.put(media.sequence, self._context.now, media)

    def _catch_up(self, sink: Sink, first: MediaPacket) -> None:
        """`first` was overtaken by packets of its own keyframe, which were not forwarded then."""
        for media in self.history.after(first.sequence, self._context.now):
            sink.forward(media)
            media.forget_tails()

    # Asking the publisher

    def request_keyframe(self) -> None:
        if self.is_video:
            self.keyframes.request(self._context.now)

    def sink_waits(self) -> None:
        """A sink may have begun to wait, or the source can be asked (again)."""
        if self._is_waited_for():
            self.request_keyframe()

    def _is_waited_for(self) -> bool:
        codec = self._codec
        if codec is None or not self.is_video:
            return False
        return any(sink.waits_for(codec) for sink in self.sinks) or any(
            sink.accepts(codec) for sink in self.followers
        )

    def _send_pli(self) -> bool:
        """A silent encoding is not asked: nobody may be there for hours."""
        stream = self.stream
        if stream is None or not self.active:
            return False
        if not self.transport.send_rtcp(rtcp.pli(RTCP_SSRC, stream.ssrc)):
            return False
        self.stats.keyframe_requests_sent += 1
        return True

    def _nack(self, now: float) -> None:
        stream = self.stream
        if stream is None:
            return
        stream.missing.round_trip = self.transport.round_trip
        lost = stream.missing.due(now)
        if lost:
            self.stats.nacks_sent += 1
            self.transport.send_rtcp(rtcp.nack(RTCP_SSRC, stream.ssrc, lost))
        if stream.missing:
            self._context.timers.set(("nack", self.id), stream.missing.next_due, self._nack)

    # Reports

    def sender_report(self, ntp: int, timestamp: int) -> None:
        if self.stream is not None:
            self.stream.clock.sender_report(ntp, timestamp, self._context.now)
            self.stream.reception.sender_report(ntp, self._context.now)

    def report(self) -> rtcp.ReportBlock | None:
        if self.stream is None:
            return None
        return self.stream.reception.report(self.stream.ssrc, self._context.now)

    def snapshot(self) -> SourceStats:
        if self.stream is not None:
            self.stats.packets_lost = self.stream.reception.lost
            self.stats.jitter = self.stream.reception.jitter
        return replace(self.stats)


def _layer(descriptor: dependency.Descriptor | None) -> Layer | None:
    if descriptor is None or descriptor.frame is None:
        return None
    frame = descriptor.frame
    return Layer(frame.spatial, frame.temporal, descriptor.start, descriptor.end, frame=frame)
