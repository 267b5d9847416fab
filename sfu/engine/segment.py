"""How the numbers of a source become those of a sink, from one switch to the next.

Within a segment every number differs by a constant, so late and lost packets need no memory: a
packet's place is known from its own numbers, and one from before the segment has none. Where layers
are left out, sequence numbers and picture ids differ by other constants from then on: see `Place`.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from struct import Struct

from sfu.engine.interface import Codec, PayloadTypes
from sfu.engine.media import ExtensionMap, MediaPacket, Picture
from sfu.engine.srtp import SCRATCH
from sfu.engine.thinning import Place, Thinning
from sfu.rtp import dependency, red
from sfu.rtp.history import History
from sfu.rtp.packet import HEADER
from sfu.rtp.red import Redundant

_pack_header = HEADER.pack_into
_pack_16 = Struct("!H").pack_into


@dataclass(slots=True)
class Segment:
    codec: Codec
    payload_types: PayloadTypes
    history: History[MediaPacket] | None
    """Of the source: where lost packets are taken from to be sent again as RTX. None where the
    receiver takes none."""
    first_sequence: int
    """Of the source, unwrapped; what is older belongs to no segment."""
    first_timestamp: int
    """Of the source, unwrapped; what is older would break the promise of `RouteSwitched`."""
    began: int
    """The sink's own first sequence number in it, unwrapped."""
    timestamp_offset: int
    tl0picidx_offset: int
    frame_number_offset: int
    places: deque[Place]
    """The latest, the first of them from `first_sequence` on."""
    thinning: Thinning | None = None
    """None while every layer flows and has always done."""

    def sent(self, sequence: int, now: float) -> tuple[MediaPacket, Place] | None:
        """What was sent as `sequence` of the sink (unwrapped), if it can be had again."""
        if self.history is None:
            return None
        for place in reversed(self.places):
            original = sequence - place.sequence_offset
            if original >= place.first:
                packet = self.history.get(original, now)
                return (packet, place) if packet and self._was_sent(packet, place) else None
        return None

    def _was_sent(self, packet: MediaPacket, place: Place) -> bool:
        return packet.timestamp >= self.first_timestamp and place.flows(packet)

    def redundant(self, packet: MediaPacket) -> Redundant | None:
        """The form with redundancy, if it came in that and the receiver takes it."""
        return None if self.payload_types.red is None else packet.redundant

    def write(self, packet: MediaPacket, place: Place, extensions: ExtensionMap, ssrc: int) -> int:
        """Write the sink's packet to SCRATCH; its size in bytes."""
        types = self.payload_types
        redundant = self.redundant(packet)
        if packet.descriptor is not None and extensions.describes:
            tail = packet.make_tail(extensions, self._descriptor(packet, place))
        else:
            tail = packet.tail(extensions, redundant=redundant is not None)
        first, data, payload_offset = tail
        size = 12 + len(data)
        _pack_header(
            SCRATCH,
            0,
            first,
            place.marker(packet) | (types.red if redundant and types.red else types.media),
            (packet.sequence + place.sequence_offset) & 0xFFFF,
            (packet.timestamp + self.timestamp_offset) & 0xFFFF_FFFF,
            ssrc,
        )
        SCRATCH[12:size] = data
        if packet.picture is not None:
            self._patch(packet.picture, place, 12 + payload_offset)
        if redundant is not None:
            red.relabel(SCRATCH, 12 + payload_offset, redundant.blocks, types.media)
        return size

    def write_rtx(
        self,
        packet: MediaPacket,
        place: Place,
        extensions: ExtensionMap,
        abs_send_time: bytes,
        sequence: int,
        ssrc: int,
    ) -> int:
        """Write the packet's retransmission (RFC 4588, section 4); its size in bytes.

        `sequence` and `ssrc`: those of the retransmission stream.
        """
        descriptor = self._descriptor(packet, place) if extensions.describes else None
        block = packet.extension_block(extensions, abs_send_time, descriptor)
        payload_offset = 14 + len(block)
        size = payload_offset + len(packet.payload)
        _pack_header(
            SCRATCH,
            0,
            0x90 if block else 0x80,
            place.marker(packet) | (self.payload_types.rtx or 0),
            sequence & 0xFFFF,
            (packet.timestamp + self.timestamp_offset) & 0xFFFF_FFFF,
            ssrc,
        )
        SCRATCH[12 : payload_offset - 2] = block
        _pack_16(SCRATCH, payload_offset - 2, (packet.sequence + place.sequence_offset) & 0xFFFF)
        SCRATCH[payload_offset:size] = packet.payload
        if packet.picture is not None:
            self._patch(packet.picture, place, payload_offset)
        return size

    def _descriptor(self, packet: MediaPacket, place: Place) -> bytes | None:
        """The packet's dependency descriptor, as the receiver gets it."""
        descriptor = packet.descriptor
        if descriptor is None:
            return None
        number = descriptor.frame_number + self.frame_number_offset
        return dependency.rewrite(descriptor, number, place.active(packet))

    def _patch(self, picture: Picture, place: Place, payload_offset: int) -> None:
        number, tl0picidx, wide, picture_id_at, tl0picidx_at = picture
        number += place.picture_id_offset
        if wide:
            _pack_16(SCRATCH, payload_offset + picture_id_at, 0x8000 | number & 0x7FFF)
        elif picture_id_at:
            SCRATCH[payload_offset + picture_id_at] = number & 0x7F
        if tl0picidx_at:
            SCRATCH[payload_offset + tl0picidx_at] = (tl0picidx + self.tl0picidx_offset) & 0xFF
