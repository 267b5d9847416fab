"""What a room forwards, read from the engines' counters; it adds nothing to the packet path."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sfu.connection import Connection
from sfu.engine.interface import EngineStats, SinkStats, SourceStats


@dataclass(frozen=True, slots=True)
class Traffic:
    """Of the connections that are open now, since each was opened."""

    packets_received: int = 0
    bytes_received: int = 0
    packets_lost: int = 0
    """Of what was sent to us."""
    packets_recovered: int = 0
    """Of these, in a retransmission."""
    packets_forwarded: int = 0
    bytes_forwarded: int = 0
    packets_retransmitted: int = 0
    """To those who had lost them."""


def traffic(stats: EngineStats, connections: Iterable[Connection]) -> Traffic:
    """What is not in `stats` yet has carried nothing."""
    sources: list[SourceStats] = []
    sinks: list[SinkStats] = []
    for connection in connections:
        sources += [stats.sources[key] for key in connection.sources if key in stats.sources]
        sinks += [stats.sinks[key] for key in connection.sinks if key in stats.sinks]
    return Traffic(
        packets_received=sum(source.packets for source in sources),
        bytes_received=sum(source.bytes for source in sources),
        packets_lost=sum(max(0, source.packets_lost) for source in sources),
        packets_recovered=sum(source.packets_recovered for source in sources),
        packets_forwarded=sum(sink.packets for sink in sinks),
        bytes_forwarded=sum(sink.bytes for sink in sinks),
        packets_retransmitted=sum(sink.retransmitted for sink in sinks),
    )
