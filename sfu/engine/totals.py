"""What an engine has done in all: the sums of what is closed, and of what is open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field

from sfu.engine.interface import (
    Drop,
    EngineTotals,
    Kind,
    KindTotals,
    SinkStats,
    SourceStats,
    TransportStats,
)


@dataclass(slots=True)
class Sums:
    """All but the drops, which an engine counts as a whole anyway."""

    datagrams_received: int = 0
    bytes_received: int = 0
    datagrams_sent: int = 0
    bytes_sent: int = 0
    full_intra_requests: int = 0
    layer_switches: int = 0
    kinds: dict[Kind, KindTotals] = field(
        default_factory=lambda: {kind: KindTotals() for kind in Kind}
    )

    def add_transport(self, stats: TransportStats) -> None:
        self.datagrams_received += stats.datagrams_received
        self.bytes_received += stats.bytes_received
        self.datagrams_sent += stats.datagrams_sent
        self.bytes_sent += stats.bytes_sent

    def add_source(self, kind: Kind, stats: SourceStats) -> None:
        totals = self.kinds[kind]
        totals.packets_received += stats.packets
        totals.bytes_received += stats.bytes
        totals.packets_lost += max(0, stats.packets_lost)  # less than none: some came twice
        totals.packets_recovered += stats.packets_recovered
        totals.nacks_sent += stats.nacks_sent
        totals.keyframes += stats.keyframes
        totals.keyframe_requests_sent += stats.keyframe_requests_sent

    def add_sink(self, kind: Kind, stats: SinkStats) -> None:
        totals = self.kinds[kind]
        totals.packets_sent += stats.packets
        totals.bytes_sent += stats.bytes
        totals.retransmitted += stats.retransmitted
        totals.nacks_received += stats.nacks_received
        totals.keyframe_requests_received += stats.keyframe_requests_received


def in_all(
    closed: Sums,
    drops: Mapping[Drop, int],
    transports: Iterable[TransportStats],
    sources: Iterable[tuple[Kind, SourceStats]],
    sinks: Iterable[tuple[Kind, SinkStats]],
) -> EngineTotals:
    """Of `closed` and of all that is open."""
    sums = deepcopy(closed)
    for transport in transports:
        sums.add_transport(transport)
    for kind, source in sources:
        sums.add_source(kind, source)
    for kind, sink in sinks:
        sums.add_sink(kind, sink)
    return EngineTotals(
        dict(drops),
        sums.datagrams_received,
        sums.bytes_received,
        sums.datagrams_sent,
        sums.bytes_sent,
        sums.full_intra_requests,
        sums.layer_switches,
        sums.kinds,
    )
