"""The packet path in Python: readable, needs no compiler, and the oracle for any other engine.

A datagram's way: `_receive` (demux, path) → `Transport.receive_rtp` (SSRC, SRTP) →
`Source.receive` (order, losses, payload) → `Sink.forward` (numbers, extensions, SRTP) → `Output`.
Beside it: `feedback` (RTCP in), `reports` (RTCP out), `keyframes`, and `Timers` for all that is due
later. One concern each; this file owns the tables of identifiers and says who closes whom:

- closing a transport closes its sources and sinks and frees its paths, ufrags and libsrtp streams;
- closing a source empties the sinks that show it, and lets those that wait for it go on;
- closing a sink detaches it from its source.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from sfu.engine.context import Context
from sfu.engine.demux import Protocol, StunError, classify, stun_ufrag
from sfu.engine.feedback import receive_rtcp
from sfu.engine.interface import (
    MAX_DATAGRAM,
    Datagram,
    Drop,
    DtlsReceived,
    EngineStats,
    EngineTotals,
    Extension,
    Output,
    Path,
    Route,
    SinkId,
    SinkParameters,
    SourceId,
    SourceParameters,
    SrtpKeys,
    StunReceived,
    TransportId,
)
from sfu.engine.levels import LevelReporter
from sfu.engine.paths import PathTable
from sfu.engine.rates import RateReporter
from sfu.engine.sink import Sink
from sfu.engine.source import Source
from sfu.engine.thinning import ALL_LAYERS, Limits
from sfu.engine.totals import in_all
from sfu.engine.transport import Transport

Command = Callable[[], None]


class ReferenceEngine:
    """Implements `Engine`."""

    name = "reference"
    transport_cc = False

    def __init__(self, unix_at_zero: float = 0.0) -> None:
        """`unix_at_zero`: Unix time (seconds) at which `now` was 0."""
        self.on_command: Callable[[], None] | None = None
        self._context = Context(unix_at_zero)
        self._commands: deque[Command] = deque()
        self._paths = PathTable()
        self._ufrags: dict[str, Transport] = {}
        self._transports: dict[TransportId, Transport] = {}
        self._sources: dict[SourceId, Source] = {}
        self._sinks: dict[SinkId, Sink] = {}
        self._levels = LevelReporter(self._sources.values(), self._context)
        self._rates = RateReporter(self._sources.values(), self._context)

    def handle(self, now: float, batch: Sequence[Datagram]) -> Output:
        context = self._context
        context.now = now
        while self._commands:
            self._commands.popleft()()
        for datagram in batch:
            self._receive(datagram)
        context.timers.run(now)
        return context.collect()

    # Receiving

    def _receive(self, datagram: Datagram) -> None:
        path, data = datagram
        transport = self._paths.validated.get(path)
        if transport is not None:
            transport.datagrams_received += 1
            transport.bytes_received += len(data)
        if not 0 < len(data) <= MAX_DATAGRAM:
            self._drop(transport, Drop.OVERSIZED if data else Drop.EMPTY)
            return
        protocol = classify(data)
        if protocol is None:
            self._drop(transport, Drop.UNKNOWN_PROTOCOL)
        elif protocol is Protocol.STUN:
            self._receive_stun(datagram, transport)
        elif transport is None:
            self._drop(None, Drop.UNVALIDATED_PATH)
        elif protocol is Protocol.RTP:
            transport.receive_rtp(data)
        elif protocol is Protocol.RTCP:
            receive_rtcp(transport, data, self._context)
        else:
            self._context.observe(DtlsReceived(transport.id, path, data))

    def _receive_stun(self, datagram: Datagram, sender: Transport | None) -> None:
        path, data = datagram
        try:
            ufrag = stun_ufrag(data)
        except StunError:
            self._drop(sender, Drop.STUN_MALFORMED)
            return
        named = self._paths.expected.get(path) if ufrag is None else self._ufrags.get(ufrag)
        if named is None:
            self._drop(sender, Drop.STUN_UNKNOWN_UFRAG)
            return
        self._context.observe(StunReceived(named.id, path, data))

    def _drop(self, transport: Transport | None, reason: Drop) -> None:
        if transport is None:
            self._context.drops[reason] += 1
        else:
            transport.drop(reason)

    # Commands

    def _queue(self, command: Command) -> None:
        self._commands.append(command)
        if self.on_command is not None and len(self._commands) == 1:
            self.on_command()

    def open_transport(
        self, transport: TransportId, ufrags: Sequence[str], extensions: Mapping[Extension, int]
    ) -> None:
        self._queue(lambda: self._open_transport(transport, tuple(ufrags), extensions))

    def _open_transport(
        self, identifier: TransportId, ufrags: tuple[str, ...], extensions: Mapping[Extension, int]
    ) -> None:
        transport = Transport(identifier, extensions, self._context)
        self._transports[identifier] = transport
        self._set_ufrags(transport, ufrags)

    def set_ufrags(self, transport: TransportId, ufrags: Sequence[str]) -> None:
        self._with(transport, lambda found: self._set_ufrags(found, tuple(ufrags)))

    def _set_ufrags(self, transport: Transport, ufrags: tuple[str, ...]) -> None:
        for ufrag in transport.ufrags:
            if self._ufrags.get(ufrag) is transport:
                del self._ufrags[ufrag]
        transport.ufrags = ufrags
        self._ufrags.update(dict.fromkeys(ufrags, transport))

    def set_extensions(self, transport: TransportId, extensions: Mapping[Extension, int]) -> None:
        self._with(transport, lambda found: found.set_extensions(extensions))

    def expect_stun(self, transport: TransportId, path: Path) -> None:
        self._with(transport, lambda found: self._paths.expect(found, path))

    def validate_path(self, transport: TransportId, path: Path) -> None:
        self._with(transport, lambda found: self._paths.validate(found, path))

    def select_path(self, transport: TransportId, path: Path | None) -> None:
        self._with(transport, lambda found: found.select(path))

    def start_srtp(self, transport: TransportId, keys: SrtpKeys) -> None:
        self._with(transport, lambda found: found.start_srtp(keys))

    def set_receive_limit(self, transport: TransportId, bitrate: int) -> None:
        self._with(transport, lambda found: found.set_receive_limit(bitrate))

    def set_target(self, transport: TransportId, bitrate: int, probe: int) -> None:
        """Nothing is estimated here, so nothing is probed for."""

    def _with(self, transport: TransportId, command: Callable[[Transport], None]) -> None:
        """Queue a command for a transport; ignored if that is closed by then."""

        def run() -> None:
            found = self._transports.get(transport)
            if found is not None:
                command(found)

        self._queue(run)

    def close_transport(self, transport: TransportId) -> None:
        self._with(transport, self._close_transport)

    def _close_transport(self, transport: Transport) -> None:
        for sink in list(transport.sinks.values()):
            self._close_sink(sink)
        for source in transport.sources:
            self._close_source(source)
        self._set_ufrags(transport, ())
        self._paths.forget(transport)
        transport.close()
        self._context.closed.add_transport(transport.snapshot())
        del self._transports[transport.id]

    def open_source(self, source: SourceId, parameters: SourceParameters) -> None:
        def run(transport: Transport) -> None:
            self._sources[source] = opened = Source(
                source, parameters, transport, self._context, self._rates.source_active
            )
            transport.ssrcs.add(opened)
            self._levels.source_opened()

        self._with(parameters.transport, run)

    def close_source(self, source: SourceId) -> None:
        def run() -> None:
            found = self._sources.get(source)
            if found is not None:
                self._close_source(found)

        self._queue(run)

    def _close_source(self, source: Source) -> None:
        source.close()
        self._context.closed.add_source(source.parameters.kind, source.snapshot())
        source.transport.ssrcs.remove(source)
        del self._sources[source.id]

    def open_sink(self, sink: SinkId, parameters: SinkParameters) -> None:
        def run(transport: Transport) -> None:
            self._sinks[sink] = opened = Sink(sink, parameters, transport, self._context)
            transport.add_sink(opened)

        self._with(parameters.transport, run)

    def close_sink(self, sink: SinkId) -> None:
        def run() -> None:
            found = self._sinks.get(sink)
            if found is not None:
                self._close_sink(found)

        self._queue(run)

    def _close_sink(self, sink: Sink) -> None:
        sink.close()
        self._context.closed.add_sink(sink.parameters.kind, sink.stats)
        sink.transport.remove_sink(sink)
        del self._sinks[sink.id]

    def route(self, routes: Sequence[Route]) -> None:
        def run() -> None:
            for route in routes:
                self._route(route)

        self._queue(run)

    def _route(self, route: Route) -> None:
        sink = self._sinks.get(route.sink)
        source = None if route.source is None else self._sources.get(route.source)
        if sink is not None and (source is not None or route.source is None):
            sink.route(source, route.switch, route.paused, _limits(route))

    def send(self, path: Path, data: bytes) -> None:
        self._queue(lambda: self._send(path, data))

    def _send(self, path: Path, data: bytes) -> None:
        transport = self._paths.validated.get(path)
        if transport is not None:
            transport.count_sent(data)
        self._context.send(path, data)

    # Statistics

    def stats(self) -> EngineStats:
        return EngineStats(
            dict(self._context.drops),
            {identifier: found.snapshot() for identifier, found in self._transports.items()},
            {identifier: found.snapshot() for identifier, found in self._sources.items()},
            {identifier: replace(found.stats) for identifier, found in self._sinks.items()},
        )

    def totals(self) -> EngineTotals:
        sources, sinks = self._sources.values(), self._sinks.values()
        return in_all(
            self._context.closed,
            self._context.drops,
            (found.snapshot() for found in self._transports.values()),
            ((found.parameters.kind, found.snapshot()) for found in sources),
            ((found.parameters.kind, found.stats) for found in sinks),
        )


def _limits(route: Route) -> Limits:
    return Limits(
        ALL_LAYERS if route.max_spatial is None else route.max_spatial,
        ALL_LAYERS if route.max_temporal is None else route.max_temporal,
    )
