"""An outgoing RTP stream: one slot of a receiver, whatever source it shows.

Sequence numbers, timestamps and picture ids go on over every switch as if one sender had made them
all. What a sink has to know of a source ends with the `Segment` it is in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfu.engine.context import Context
from sfu.engine.interface import (
    Codec,
    Drop,
    Kind,
    PayloadTypes,
    RouteSwitched,
    SinkId,
    SinkParameters,
    SinkStats,
    Switch,
)
from sfu.engine.media import ExtensionMap, MediaPacket, Picture, abs_send_time
from sfu.engine.numbers import initial_numbers
from sfu.engine.segment import Segment
from sfu.rtp.history import History, ResendLimit

if TYPE_CHECKING:
    from sfu.engine.source import Source
    from sfu.engine.transport import Transport

DEFAULT_ROUND_TRIP = 0.1
"""Seconds, before the receiver's first report."""

MAX_PAUSE = 3600.0
"""Seconds. A longer time without media is told as this long: a timestamp that jumped by 2^31 ticks
(6.6 hours of video) would be an old one."""

SEGMENTS = 4
"""Segments whose packets can be sent again: more switches than a second ever sees."""


class Sink:
    def __init__(
        self, sink: SinkId, parameters: SinkParameters, transport: Transport, context: Context
    ) -> None:
        self.id = sink
        self.parameters = parameters
        self.ssrc = parameters.ssrc
        self.transport = transport
        self.stats = SinkStats()
        self.source: Source | None = None
        """What is forwarded, or waits for its keyframe to be."""
        self.next: Source | None = None
        """What shall be forwarded from its next keyframe on (layer switch)."""
        self.paused = False
        self._context = context
        self._extensions = ExtensionMap(parameters.extensions)
        self._segment: Segment | None = None
        """None while nothing flows."""
        self._last: MediaPacket | None = None
        """The packet with the highest sequence number that was sent, of whatever source."""
        self._sequence, self._timestamp, self._rtx_sequence = initial_numbers()
        """Highest sequence number, latest timestamp sent; unwrapped."""
        self._picture: Picture | None = None
        """The latest sent of the segment that flows; padding that came after it has none."""
        self._picture_id = 0
        self._tl0picidx = 0
        self._rtx_ssrc = parameters.rtx_ssrc
        self._segments: tuple[Segment, ...] = ()
        """The latest ones, the last of them being or having been `_segment`."""
        self._datagrams: History[bytes] = History()
        """What was sent where RTX was not negotiated: under its own sequence number a packet may
        only be repeated byte by byte, or GCM is broken."""
        self._resends = ResendLimit()

    # Routing

    def route(self, source: Source | None, switch: Switch, paused: bool) -> None:
        unpausing = source is self.source and self.paused and not paused
        going_on = source is self.source and not self.paused and not paused
        if switch is Switch.PARTICIPANT and not unpausing and not going_on:
            self._take(source, paused)
            timestamp = (self._timestamp + 1) & 0xFFFF_FFFF
            self._context.answer(RouteSwitched(self.id, source.id if source else None, timestamp))
        elif going_on:
            self._follow(None)
        elif source is None or paused or self._segment is None:
            self._take(source, paused)
        else:
            self._follow(source)

    def source_closed(self, source: Source) -> None:
        if source is self.next:
            self._follow(None)
        elif source is self.source:
            self._take(self.next, self.paused)

    def source_restarted(self) -> None:
        """The source's encoder began afresh with other numbers."""
        self._end_segment()

    def close(self) -> None:
        self._take(None, paused=False)

    def _take(self, source: Source | None, paused: bool) -> None:
        """Cut what flows; go on with `source` once it can be joined."""
        self._follow(None)
        if self.source is not None and not self.paused:
            self.source.sinks.remove(self)
        self._end_segment()
        self.source = source
        self.paused = paused
        if source is not None and not paused:
            source.sinks.append(self)
            source.sink_waits()

    def _follow(self, source: Source | None) -> None:
        if self.next is not None:
            self.next.followers.remove(self)
        self.next = source
        if source is not None:
            source.followers.append(self)
            source.sink_waits()

    def promote(self, packet: MediaPacket) -> None:
        """The followed source can be joined at `packet`, which is forwarded next."""
        if self.next is not None and self.accepts(packet.codec):
            self._take(self.next, paused=False)

    def accepts(self, codec: Codec) -> bool:
        return self.transport.ready and codec in self.parameters.payload_types

    def waits_for(self, codec: Codec) -> bool:
        """Nothing flows until a keyframe in `codec` comes."""
        return self._segment is None and self.accepts(codec)

    # Forwarding

    def forward(self, packet: MediaPacket) -> None:
        """The innermost loop: runs once per packet and receiver."""
        segment = self._segment
        if segment is None or packet.codec is not segment.codec:
            segment = self._begin(packet)
            if segment is None:
                return
        elif packet.sequence < segment.first_sequence or packet.timestamp < segment.first_timestamp:
            self.transport.drop(Drop.TOO_OLD)
            return
        extensions = self._extensions
        tail = packet.tails.get(extensions.key) or packet.make_tail(extensions)
        data = self.transport.send_rtp(segment.write(packet, tail, self.ssrc))
        if data is not None:
            self._account(packet, segment, data)

    def _account(self, packet: MediaPacket, segment: Segment, data: bytes) -> None:
        stats = self.stats
        stats.packets += 1
        stats.bytes += len(packet.payload)
        sequence = packet.sequence + segment.sequence_offset
        if sequence > self._sequence:
            self._sequence = sequence
            self._last = packet
            if packet.picture is not None:
                self._picture = packet.picture
        timestamp = packet.timestamp + segment.timestamp_offset
        if timestamp > self._timestamp:
            self._timestamp = timestamp
        if segment.history is None and self.parameters.kind is Kind.VIDEO:
            self._datagrams.put(sequence, self._context.now, data)

    def _begin(self, packet: MediaPacket) -> Segment | None:
        """The segment that begins with `packet`; None if none may begin here."""
        payload_types = self.parameters.payload_types.get(packet.codec)
        if not self.transport.ready:
            self.transport.drop_unsendable()
            return None
        if payload_types is None:
            self.transport.drop(Drop.CODEC_NOT_NEGOTIATED)
            return None
        if self._is_late(packet):
            self.transport.drop(Drop.TOO_OLD)
            return None
        if not packet.joinable:
            self._miss_keyframe()
            return None
        self._end_segment()
        self._segment = segment = self._segment_from(packet, payload_types)
        self._segments = (*self._segments[1 - SEGMENTS :], segment)
        return segment

    def _miss_keyframe(self) -> None:
        """Wait for one; after a change of codec its first packet may have been lost."""
        self.transport.drop(Drop.AWAITING_KEYFRAME)
        if self._segment is not None and self.source is not None:
            self._end_segment()
            self.source.sink_waits()

    def _is_late(self, packet: MediaPacket) -> bool:
        """Of the source that flows, but older than what was sent (a codec change overtook it)."""
        segment, last = self._segment, self._last
        return segment is not None and last is not None and packet.sequence <= last.sequence

    def _end_segment(self) -> None:
        """Remember the counters of the last frame: the next source may have none."""
        segment, picture = self._segment, self._picture
        if segment is not None and picture is not None:
            self._picture_id = picture.picture_id + segment.picture_id_offset + 1
            self._tl0picidx = picture.tl0picidx + segment.tl0picidx_offset + 1
        self._segment = self._picture = None

    def _segment_from(self, packet: MediaPacket, payload_types: PayloadTypes) -> Segment:
        picture = packet.picture
        return Segment(
            codec=packet.codec,
            payload_types=payload_types,
            history=self._repairs(payload_types),
            first_sequence=packet.sequence,
            first_timestamp=packet.timestamp,
            sequence_offset=self._sequence + 1 - packet.sequence,
            timestamp_offset=self._timestamp + self._elapsed(packet) - packet.timestamp,
            picture_id_offset=self._picture_id - (picture.picture_id if picture else 0),
            tl0picidx_offset=self._tl0picidx - (picture.tl0picidx if picture else 0),
        )

    def _elapsed(self, packet: MediaPacket) -> int:
        """RTP ticks from the last packet sent to the first of the next segment, at least 1.

        Measured between the moments of capture on the server's clock, so a switch does not bend
        the mapping of RTP to NTP time that the receiver keeps lips and voice together by.
        """
        now, before = packet.captured, self._last.captured if self._last else None
        if now is None or before is None:
            return 1
        return max(1, round(min(now - before, MAX_PAUSE) * packet.codec.clock_rate))

    def _repairs(self, payload_types: PayloadTypes) -> History[MediaPacket] | None:
        """Where lost packets of a new segment are taken from; None if not sent again as RTX."""
        negotiated = payload_types.rtx is not None and self._rtx_ssrc is not None
        return self.source.history if negotiated and self.source is not None else None

    def timestamp_at(self, now: float) -> int | None:
        """The RTP timestamp of this moment, for a sender report; None while nothing flows."""
        segment, last = self._segment, self._last
        if segment is None or last is None:
            return None
        timestamp = last.clock.timestamp_at(now)
        return None if timestamp is None else (timestamp + segment.timestamp_offset) & 0xFFFF_FFFF

    # Feedback of the receiver

    def keyframe_wanted(self) -> None:
        """The receiver lost its picture (PLI, FIR)."""
        self.stats.keyframe_requests_received += 1
        if self.source is not None and not self.paused:
            self.source.request_keyframe()

    def transport_ready(self) -> None:
        """The receiver can be reached: until now nobody was asked for a keyframe for it."""
        for source in (self.source, self.next):
            if source is not None and not self.paused:
                source.sink_waits()

    def resend(self, sequences: tuple[int, ...]) -> None:
        """Answer a NACK."""
        self.stats.nacks_received += 1
        for wrapped in sequences:
            self._resend(self._sequence - (self._sequence - wrapped & 0xFFFF))

    def _resend(self, sequence: int) -> None:
        """`sequence` is unwrapped."""
        now = self._context.now
        segment = next((one for one in reversed(self._segments) if one.began <= sequence), None)
        if segment is None:
            return
        packet = segment.sent(sequence, now)
        datagram = self._datagrams.get(sequence, now)
        if packet is None and datagram is None:
            return
        if not self._resends.take(sequence, now, self.stats.round_trip or DEFAULT_ROUND_TRIP):
            return
        if datagram is not None:
            self.transport.send(datagram)
        elif packet is None or self.transport.send_rtp(self._write_rtx(packet, segment)) is None:
            return
        self.stats.retransmitted += 1

    def _write_rtx(self, packet: MediaPacket, segment: Segment) -> int:
        self._rtx_sequence += 1
        stamp = abs_send_time(self._context.unix)
        block = packet.extension_block(self._extensions, stamp)
        return segment.write_rtx(packet, block, self._rtx_sequence, self._rtx_ssrc or 0)
