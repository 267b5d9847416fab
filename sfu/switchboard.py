"""Switchboard: who is behind the engine's numbers.

It gives out the identifiers, keeps the engine's view and ours in step (what is opened here is
closed here), and brings each event to whoever it concerns. An exception on the way closes the
transport it came from and touches nobody else.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Protocol, assert_never

from sfu.engine.interface import (
    AudioLevels,
    BandwidthEstimate,
    BandwidthSource,
    DtlsReceived,
    Engine,
    Event,
    EventsLost,
    LayerRate,
    Path,
    RouteSwitched,
    SinkId,
    SinkParameters,
    SourceActive,
    SourceId,
    SourceParameters,
    SourceRates,
    SourceSilent,
    StunReceived,
    TransportId,
    VoiceStarted,
)
from sfu.publication import Layer, LineListener
from sfu.routes import RouteBatch
from sfu.subscriber import Subscriber
from sfu.transport import Transport
from sfu.turns import Turns, Work, call_soon

logger = logging.getLogger(__name__)


class EstimateListener(Protocol):
    """Whoever shares out what the way to a receiver carries."""

    def bandwidth_estimated(self, bitrate: int, by: BandwidthSource) -> None:
        """Bits/s."""

    def tick(self, now: float) -> None:
        """A few times a second."""


LOOKS_PER_TURN = 2
"""Receivers whose way is shared out anew in one turn of the loop; each takes up to 1 ms."""


class Switchboard:
    """`clock` gives the time (seconds) that the engine's `handle` is called with; `numbers`, where
    they are shared by several, make identifiers that differ among all engines. `later` calls what
    it is given in the next turn of the loop."""

    def __init__(
        self,
        engine: Engine,
        clock: Callable[[], float],
        numbers: Iterator[int] | None = None,
        later: Callable[[Work], object] = call_soon,
    ) -> None:
        self.engine = engine
        self.routes = RouteBatch(engine)
        self.clock = clock
        self._numbers = numbers or itertools.count(1)
        self._transports: dict[TransportId, Transport] = {}
        self._listeners: dict[TransportId, EstimateListener] = {}
        self._looks = Turns(LOOKS_PER_TURN, later)
        self._layers: dict[SourceId, Layer] = {}
        self._subscribers: dict[SinkId, Subscriber] = {}

    @property
    def transports(self) -> Iterable[Transport]:
        return self._transports.values()

    def new_transport_id(self) -> TransportId:
        return TransportId(next(self._numbers))

    def new_source_id(self) -> SourceId:
        return SourceId(next(self._numbers))

    def new_sink_id(self) -> SinkId:
        return SinkId(next(self._numbers))

    def is_taken(self, path: Path) -> bool:
        """Does a client send from there already? Asked once per transport, at its first check."""
        return any(transport.uses(path) for transport in self._transports.values())

    def add_transport(self, transport: Transport, listener: EstimateListener) -> None:
        """It opens and closes the engine's transport itself."""
        self._transports[transport.id] = transport
        self._listeners[transport.id] = listener

    def remove_transport(self, transport: TransportId) -> None:
        self._transports.pop(transport, None)
        self._listeners.pop(transport, None)

    def open_source(self, layer: Layer, parameters: SourceParameters) -> None:
        self._layers[layer.source] = layer
        self.engine.open_source(layer.source, parameters)

    def close_source(self, source: SourceId) -> None:
        del self._layers[source]
        self.engine.close_source(source)

    def open_sink(self, sink: SinkId, subscriber: Subscriber, parameters: SinkParameters) -> None:
        self._subscribers[sink] = subscriber
        self.engine.open_sink(sink, parameters)

    def close_sink(self, sink: SinkId) -> None:
        del self._subscribers[sink]
        self.engine.close_sink(sink)

    def tick(self, now: float) -> None:
        """To be called a few times a second."""
        for transport in list(self._transports.values()):
            self._contain(transport, lambda owner: owner.tick(now))
        for transport in list(self._transports.values()):
            self._looks.do(transport.id, partial(self._look, transport.id, now))

    def _look(self, transport: TransportId, now: float) -> None:
        self._with_transport(transport, lambda owner: self._listeners[owner.id].tick(now))

    def dispatch(self, now: float, events: Iterable[Event]) -> None:
        """Bring the events of one `handle` to their owners, in order."""
        for event in events:
            try:
                self._dispatch(now, event)
            except Exception:
                logger.exception("event %r", event)

    def _dispatch(self, now: float, event: Event) -> None:
        match event:
            case StunReceived(transport, path, data):
                self._with_transport(transport, lambda owner: owner.receive_stun(now, path, data))
            case DtlsReceived(transport, _, data):
                self._with_transport(transport, lambda owner: owner.receive_dtls(data))
            case RouteSwitched(sink, source, timestamp):
                if subscriber := self._subscribers.get(sink):
                    subscriber.route_switched(sink, source, timestamp)
            case AudioLevels() | SourceRates():
                self._distribute(event)
            case BandwidthEstimate(transport, bitrate, by):
                self._with_transport(
                    transport,
                    lambda owner: self._listeners[owner.id].bandwidth_estimated(bitrate, by),
                )
            case EventsLost(count):
                logger.error("the engine lost %d events", count)
            case SourceActive() | SourceSilent() | VoiceStarted():
                if layer := self._layers.get(event.source):
                    _tell_layer(layer, event)
            case _:
                assert_never(event)

    def _with_transport(self, transport: TransportId, action: Callable[[Transport], None]) -> None:
        owner = self._transports.get(transport)
        if owner is not None:
            self._contain(owner, action)

    def _contain(self, transport: Transport, action: Callable[[Transport], None]) -> None:
        try:
            transport.in_context(action, transport)
        except Exception:
            transport.in_context(logger.exception, "transport %d", transport.id)
            transport.close("internal_error")

    def _distribute(self, event: AudioLevels | SourceRates) -> None:
        if isinstance(event, SourceRates):
            self._distribute_rates(event.rates)
        else:
            self._distribute_levels(event)

    def _distribute_rates(self, rates: Mapping[SourceId, tuple[LayerRate, ...]]) -> None:
        for source, layers in rates.items():
            layer = self._layers.get(source)
            if layer is not None:
                layer.rates_measured(layers)

    def _distribute_levels(self, event: AudioLevels) -> None:
        by_listener: dict[LineListener, tuple[dict[str, int], dict[str, bytes]]] = {}
        for source, level in event.levels.items():
            layer = self._layers.get(source)
            if layer is not None and layer.line.track_id is not None:
                levels, recent = by_listener.setdefault(layer.line.listener, ({}, {}))
                levels[layer.line.track_id] = level
                if source in event.recent:
                    recent[layer.line.track_id] = event.recent[source]
        for listener, (levels, recent) in by_listener.items():
            listener.levels_measured(levels, recent)


def _tell_layer(layer: Layer, event: SourceActive | SourceSilent | VoiceStarted) -> None:
    match event:
        case SourceActive():
            layer.became_active(event.codec)
        case SourceSilent():
            layer.became_silent()
        case VoiceStarted():
            layer.voice_started()
