"""Which SSRC is which stream of one transport (RFC 8843, section 9.2; RFC 8852).

Every transport has a table of its own, so whatever SSRC a peer writes, he only ever speaks for
himself. A row is made by authenticated packets (or by the description) only, and is kept when its
source closes: browsers name mid and rid only until the first receiver report, so a track that is
published again is known by its old SSRC.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from sfu.engine.interface import MAX_SSRCS_PER_TRANSPORT, Extension, SourceId
from sfu.engine.source import Source
from sfu.rtp import extensions
from sfu.rtp.packet import RtpPacket


class Identity(NamedTuple):
    mid: str
    rid: str | None
    repair: bool
    """It is the RTX stream of that mid and rid."""


@dataclass(slots=True)
class Row:
    identity: Identity
    source: Source | None


class SsrcTable:
    def __init__(self) -> None:
        self.rows: dict[int, Row] = {}
        self._sources: dict[SourceId, Source] = {}

    @property
    def full(self) -> bool:
        return len(self.rows) >= MAX_SSRCS_PER_TRANSPORT

    @property
    def sources(self) -> list[Source]:
        return list(self._sources.values())

    def add(self, source: Source) -> None:
        parameters = source.parameters
        self._sources[source.id] = source
        for repair, declared in ((False, parameters.ssrc), (True, parameters.rtx_ssrc)):
            identity = Identity(parameters.mid, parameters.rid, repair)
            if declared is None:
                self._bind_again(identity, source)
            elif declared not in self.rows or self.rows[declared].source is None:
                self.bind(declared, identity, source)

    def _bind_again(self, identity: Identity, source: Source) -> None:
        """The newest SSRC that was this stream before it was closed."""
        for ssrc, row in reversed(self.rows.items()):
            if row.identity == identity:
                self.bind(ssrc, identity, source)
                return

    def remove(self, source: Source) -> None:
        self._sources.pop(source.id, None)
        for row in self.rows.values():
            if row.source is source:
                row.source = None

    def bind(self, ssrc: int, identity: Identity, source: Source) -> None:
        """`ssrc` is that stream from now on, and no other SSRC is. Ignored if the table is full."""
        if self.full and ssrc not in self.rows:
            return
        for row in self.rows.values():
            if row.identity == identity:
                row.source = None
        self.rows[ssrc] = Row(identity, source)
        if not identity.repair:
            source.bind(ssrc)

    def identify(
        self, packet: RtpPacket, names: dict[int, Extension]
    ) -> tuple[Identity, Source] | None:
        """What an unknown SSRC says it is, if that is an open source. Raises RtpError."""
        if packet.extension_profile is None:
            return None
        said = {
            names[identifier]: value.decode("ascii", "replace")
            for identifier, value in extensions.parse(
                packet.extension_profile, packet.extension
            ).items()
            if identifier in names
        }
        mid = said.get(Extension.MID)
        repaired = said.get(Extension.REPAIRED_RID)
        rid = repaired or said.get(Extension.RID)
        for source in self._sources.values():
            if source.parameters.mid == mid and source.parameters.rid == rid:
                repair = repaired is not None or source.is_repair(packet.payload_type)
                return Identity(source.parameters.mid, source.parameters.rid, repair), source
        return None
