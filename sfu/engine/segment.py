"""How the numbers of a source become those of a sink, from one switch to the next.

Within a segment every number differs by a constant, so late and lost packets need no memory: a
packet's place is known from its own numbers, and one from before the segment has none.
"""

from __future__ import annotations

from dataclasses import dataclass
from struct import Struct

from sfu.engine.interface import Codec, PayloadTypes
from sfu.engine.media import MediaPacket, Picture, Tail
from sfu.engine.srtp import SCRATCH
from sfu.rtp.history import History
from sfu.rtp.packet import HEADER

_pack_header = HEADER.pack_into
_pack_16 = Struct("!H").pack_into


@dataclass(frozen=True, slots=True)
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
    sequence_offset: int
    timestamp_offset: int
    picture_id_offset: int
    tl0picidx_offset: int

    @property
    def began(self) -> int:
        """The sink's own first sequence number in it, unwrapped."""
        return self.first_sequence + self.sequence_offset

    def sent(self, sequence: int, now: float) -> MediaPacket | None:
        """What was sent as `sequence` of the sink (unwrapped), if it can be had again."""
        if self.history is None:
            return None
        packet = self.history.get(sequence - self.sequence_offset, now)
        return packet if packet and packet.timestamp >= self.first_timestamp else None

    def write(self, packet: MediaPacket, tail: Tail, ssrc: int) -> int:
        """Write the sink's packet to SCRATCH; its size in bytes."""
        first, data, payload_offset = tail
        size = 12 + len(data)
        _pack_header(
            SCRATCH,
            0,
            first,
            packet.marker | self.payload_types[0],
            (packet.sequence + self.sequence_offset) & 0xFFFF,
            (packet.timestamp + self.timestamp_offset) & 0xFFFF_FFFF,
            ssrc,
        )
        SCRATCH[12:size] = data
        if packet.picture is not None:
            self._patch(packet.picture, 12 + payload_offset)
        return size

    def write_rtx(self, packet: MediaPacket, block: bytes, sequence: int, ssrc: int) -> int:
        """Write the packet's retransmission (RFC 4588, section 4); its size in bytes.

        `block`: header extension. `sequence` and `ssrc`: those of the retransmission stream.
        """
        payload_offset = 14 + len(block)
        size = payload_offset + len(packet.payload)
        _pack_header(
            SCRATCH,
            0,
            0x90 if block else 0x80,
            packet.marker | (self.payload_types.rtx or 0),
            sequence & 0xFFFF,
            (packet.timestamp + self.timestamp_offset) & 0xFFFF_FFFF,
            ssrc,
        )
        SCRATCH[12 : payload_offset - 2] = block
        _pack_16(SCRATCH, payload_offset - 2, (packet.sequence + self.sequence_offset) & 0xFFFF)
        SCRATCH[payload_offset:size] = packet.payload
        if packet.picture is not None:
            self._patch(packet.picture, payload_offset)
        return size

    def _patch(self, picture: Picture, payload_offset: int) -> None:
        picture_id, tl0picidx, wide, picture_id_at, tl0picidx_at = picture
        if wide:
            number = 0x8000 | (picture_id + self.picture_id_offset) & 0x7FFF
            _pack_16(SCRATCH, payload_offset + picture_id_at, number)
        elif picture_id_at:
            SCRATCH[payload_offset + picture_id_at] = (picture_id + self.picture_id_offset) & 0x7F
        if tl0picidx_at:
            SCRATCH[payload_offset + tl0picidx_at] = (tl0picidx + self.tl0picidx_offset) & 0xFF
