"""An outgoing RTP stream: one slot of a receiver, whatever source it shows.

Sequence numbers, timestamps and picture ids go on over every switch as if one sender had made them
all. What a sink has to know of a source ends with the `Segment` it is in.
"""

from __future__ import annotations

from collections import deque
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
from sfu.engine.media import ExtensionMap, MediaPacket, abs_send_time
from sfu.engine.numbers import initial_numbers
from sfu.engine.segment import Segment
from sfu.engine.thinning import PLACES, UNLIMITED, Limits, Place, Thinning
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
        self._limits = self._next_limits = UNLIMITED
        """Layers inside `source`, inside `next`."""
        self._context = context
        self._extensions = ExtensionMap(parameters.extensions)
        self._segment: Segment | None = None
        """None while nothing flows."""
        self._last: MediaPacket | None = None
        """The packet with the highest sequence number that was sent, of whatever source."""
        self._sequence, self._timestamp, self._rtx_sequence = initial_numbers()
        """Highest sequence number, latest timestamp sent; unwrapped."""
        self._cut_at = self._sequence
        """Sequence number up to which nothing is sent again."""
        self._picture_id = self._tl0picidx = self._frame_number = 0
        """The next after the latest that were sent: padding has none, and other sources may."""
        self._rtx_ssrc = parameters.rtx_ssrc
        self._segments: tuple[Segment, ...] = ()
        """The latest ones, the last of them being or having been `_segment`."""
        self._datagrams: History[bytes] = History()
        """What was sent where RTX was not negotiated: under its own sequence number a packet may
        only be repeated byte by byte, or GCM is broken."""
        self._resends = ResendLimit()

    # Routing

    def route(self, source: Source | None, switch: Switch, paused: bool, limits: Limits) -> None:
        unpausing = source is self.source and self.paused and not paused
        going_on = source is self.source and not self.paused and not paused
        limited = source is self.source and self.paused and paused and limits != self._limits
        if going_on or limited:
            self._context.closed.layer_switches += limits != self._limits
            self._follow(None)
            self._limit(limits)
        elif switch is Switch.PARTICIPANT and not unpausing:
            self._take(source, paused, limits)
            timestamp = (self._timestamp + 1) & 0xFFFF_FFFF
            self._context.answer(RouteSwitched(self.id, source.id if source else None, timestamp))
        elif source is None or paused or self._segment is None or switch is Switch.CUT:
            self._take(source, paused, limits)
            if switch is Switch.CUT:  # what was lost of it would only be in the way
                self._cut_at = self._sequence
                self._context.closed.layer_switches += 1
        else:
            self._follow(source, limits)

    def source_closed(self, source: Source) -> None:
        if source is self.next:
            self._follow(None)
        elif source is self.source:
            self._take(self.next, self.paused, self._next_limits)

    def source_restarted(self) -> None:
        """The source's encoder began afresh with other numbers."""
        self._end_segment()

    def close(self) -> None:
        self._take(None, paused=False, limits=UNLIMITED)

    def _take(self, source: Source | None, paused: bool, limits: Limits) -> None:
        """End what flows; go on with `source` once it can be joined."""
        self._follow(None)
        if self.source is not None and not self.paused:
            self.source.sinks.remove(self)
        self._end_segment()
        self.source = source
        self.paused = paused
        self._limits = limits
        if source is not None and not paused:
            source.sinks.append(self)
            source.sink_waits()

    def _follow(self, source: Source | None, limits: Limits = UNLIMITED) -> None:
        if self.next is not None:
            self.next.followers.remove(self)
        self.next = source
        self._next_limits = limits
        if source is not None:
            source.followers.append(self)
            source.sink_waits()

    def _limit(self, limits: Limits) -> None:
        self._limits = limits
        if self._segment is not None and limits != UNLIMITED:
            self._thin(self._segment)

    def _thin(self, segment: Segment) -> None:
        if segment.thinning is None:
            last = self._last if self._sequence >= segment.began else None
            segment.thinning = Thinning(segment.places, last)

    def promote(self, packet: MediaPacket) -> None:
        """The followed source can be joined at `packet`, which is forwarded next."""
        if self.next is not None and self.accepts(packet.codec):
            self._context.closed.layer_switches += 1
            self._take(self.next, paused=False, limits=self._next_limits)

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
        place = self._place(packet, segment)
        if place is None:
            return
        data = self.transport.send_rtp(segment.write(packet, place, self._extensions, self.ssrc))
        if data is not None:
            self._account(packet, segment, place, data)

    def _place(self, packet: MediaPacket, segment: Segment) -> Place | None:
        """None (and counted) for a packet that is not forwarded."""
        thinning = segment.thinning
        if thinning is None:
            return segment.places[-1]
        if packet.sequence < segment.places[0].first:
            self.transport.drop(Drop.TOO_OLD)
            return None
        place = thinning.take(packet, self._limits)
        if place is None:
            self.transport.drop(Drop.ABOVE_LAYER)
        if thinning.missing_layers and self.source is not None:
            self.source.request_keyframe()
        return place

    def _account(self, packet: MediaPacket, segment: Segment, place: Place, data: bytes) -> None:
        stats = self.stats
        stats.packets += 1
        redundant = segment.redundant(packet)
        stats.bytes += len(redundant.data if redundant else packet.payload)
        sequence = packet.sequence + place.sequence_offset
        if sequence > self._sequence:
            self._sequence = sequence
            self._last = packet
            self._continue_from(packet, segment, place)
        timestamp = packet.timestamp + segment.timestamp_offset
        if timestamp > self._timestamp:
            self._timestamp = timestamp
        if segment.history is None and self.parameters.kind is Kind.VIDEO:
            self._datagrams.put(sequence, self._context.now, data)

    def _continue_from(self, packet: MediaPacket, segment: Segment, place: Place) -> None:
        picture, descriptor = packet.picture, packet.descriptor
        if picture is not None:
            self._picture_id = picture.picture_id + place.picture_id_offset + 1
            self._tl0picidx = picture.tl0picidx + segment.tl0picidx_offset + 1
        if descriptor is not None:
            self._frame_number = descriptor.frame_number + segment.frame_number_offset + 1

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
        if self._limits != UNLIMITED:
            self._thin(segment)
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
        self._segment = None

    def _segment_from(self, packet: MediaPacket, payload_types: PayloadTypes) -> Segment:
        picture, descriptor = packet.picture, packet.descriptor
        place = Place(
            packet.sequence,
            self._sequence + 1 - packet.sequence,
            self._picture_id - (picture.picture_id if picture else 0),
        )
        return Segment(
            codec=packet.codec,
            payload_types=payload_types,
            history=self._repairs(payload_types),
            first_sequence=packet.sequence,
            first_timestamp=packet.timestamp,
            began=self._sequence + 1,
            timestamp_offset=self._timestamp + self._elapsed(packet) - packet.timestamp,
            tl0picidx_offset=self._tl0picidx - (picture.tl0picidx if picture else 0),
            frame_number_offset=self._frame_number - (descriptor.frame_number if descriptor else 0),
            places=deque([place], PLACES),
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
        if segment is None or sequence <= self._cut_at:
            return
        sent = segment.sent(sequence, now)
        datagram = self._datagrams.get(sequence, now)
        if sent is None and datagram is None:
            return
        if not self._resends.take(sequence, now, self.stats.round_trip or DEFAULT_ROUND_TRIP):
            return
        if datagram is not None:
            self.transport.send(datagram)
        elif sent is None or self.transport.send_rtp(self._write_rtx(*sent, segment)) is None:
            return
        self.stats.retransmitted += 1

    def _write_rtx(self, packet: MediaPacket, place: Place, segment: Segment) -> int:
        self._rtx_sequence += 1
        stamp = abs_send_time(self._context.unix)
        return segment.write_rtx(
            packet, place, self._extensions, stamp, self._rtx_sequence, self._rtx_ssrc or 0
        )
