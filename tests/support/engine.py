"""An engine that forwards nothing: it notes every command and answers switches when told to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sfu.engine.interface import (
    Datagram,
    EngineStats,
    EngineTotals,
    Event,
    Extension,
    Kind,
    KindTotals,
    Output,
    Path,
    Route,
    RouteSwitched,
    SinkId,
    SinkParameters,
    SourceId,
    SourceParameters,
    SrtpKeys,
    Switch,
    TransportId,
)


class FakeEngine:
    """Implements `Engine`; what it was told is in its public attributes."""

    name = "fake"
    transport_cc = True

    def __init__(self) -> None:
        self.on_command: Callable[[], None] | None = None
        self.ufrags: dict[TransportId, tuple[str, ...]] = {}
        self.extensions: dict[TransportId, Mapping[Extension, int]] = {}
        self.expected: list[Path] = []
        self.validated: list[Path] = []
        self.selected: dict[TransportId, Path | None] = {}
        self.keys: dict[TransportId, SrtpKeys] = {}
        self.closed: list[TransportId] = []
        self.sources: dict[SourceId, SourceParameters] = {}
        self.sinks: dict[SinkId, SinkParameters] = {}
        self.routes: list[Route] = []
        self._last: dict[SinkId, Route] = {}
        self.on_route: Callable[[Sequence[Route]], object] = lambda routes: None
        self.limits: dict[TransportId, int] = {}
        self.targets: dict[TransportId, tuple[int, int]] = {}
        self.sent: list[Datagram] = []
        self._events: list[Event] = []
        self._clock = 1000

    def flowing(self, sink: SinkId) -> SourceId | None:
        """What the sink would forward now."""
        route = self._last.get(sink)
        return route.source if route and not route.paused else None

    def answers(self) -> list[Event]:
        """The events that the commands since the last call have caused."""
        events, self._events = self._events, []
        return events

    def handle(self, now: float, batch: Sequence[Datagram]) -> Output:
        return Output([], self.answers(), None)

    def open_transport(
        self, transport: TransportId, ufrags: Sequence[str], extensions: Mapping[Extension, int]
    ) -> None:
        self.ufrags[transport] = tuple(ufrags)
        self.extensions[transport] = extensions

    def set_ufrags(self, transport: TransportId, ufrags: Sequence[str]) -> None:
        self.ufrags[transport] = tuple(ufrags)

    def set_extensions(self, transport: TransportId, extensions: Mapping[Extension, int]) -> None:
        self.extensions[transport] = extensions

    def expect_stun(self, transport: TransportId, path: Path) -> None:
        self.expected.append(path)

    def validate_path(self, transport: TransportId, path: Path) -> None:
        self.validated.append(path)

    def select_path(self, transport: TransportId, path: Path | None) -> None:
        self.selected[transport] = path

    def start_srtp(self, transport: TransportId, keys: SrtpKeys) -> None:
        self.keys[transport] = keys
        if self.on_command is not None:
            self.on_command()

    def close_transport(self, transport: TransportId) -> None:
        self.closed.append(transport)
        if self.on_command is not None:
            self.on_command()

    def open_source(self, source: SourceId, parameters: SourceParameters) -> None:
        self.sources[source] = parameters

    def close_source(self, source: SourceId) -> None:
        del self.sources[source]

    def open_sink(self, sink: SinkId, parameters: SinkParameters) -> None:
        self.sinks[sink] = parameters

    def close_sink(self, sink: SinkId) -> None:
        del self.sinks[sink]

    def route(self, routes: Sequence[Route]) -> None:
        self.on_route(routes)
        for route in routes:
            before = self._last.get(route.sink)
            self.routes.append(route)
            self._last[route.sink] = route
            unpaused = before is not None and before.paused and before.source == route.source
            if route.switch is Switch.PARTICIPANT and not (unpaused and not route.paused):
                self._clock += 1000
                self._events.append(RouteSwitched(route.sink, route.source, self._clock))

    def set_receive_limit(self, transport: TransportId, bitrate: int) -> None:
        self.limits[transport] = bitrate

    def set_target(self, transport: TransportId, bitrate: int, probe: int) -> None:
        self.targets[transport] = (bitrate, probe)

    def send(self, path: Path, data: bytes) -> None:
        self.sent.append(Datagram(path, data))
        if self.on_command is not None:
            self.on_command()

    def stats(self) -> EngineStats:
        return EngineStats({}, {}, {}, {})

    def totals(self) -> EngineTotals:
        return EngineTotals({}, 0, 0, 0, 0, 0, 0, {kind: KindTotals() for kind in Kind})
