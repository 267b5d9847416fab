"""What the layers of a source take, for those who decide which of them fit a link."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from sfu.engine.context import Context
from sfu.engine.interface import LayerRate, SourceRates
from sfu.engine.media import Layer

if TYPE_CHECKING:
    from sfu.engine.source import Source

INTERVAL = 0.5
"""Seconds between two events; a rate is over twice as long."""
MIN_WINDOW = 0.25
"""Seconds. Over less, a single frame would look like a bitrate."""

_KEY = "rates"


class RateMeter:
    """Of one source; counts in two halves of the window."""

    __slots__ = ("_before", "_before_since", "_counted", "_since")

    def __init__(self) -> None:
        self._counted: Counter[tuple[int, int]] = Counter()
        """Bytes by spatial and temporal layer."""
        self._before: Counter[tuple[int, int]] = Counter()
        self._since = self._before_since = 0.0

    def begin(self, now: float) -> None:
        """The source is active from now on (seconds)."""
        self._counted.clear()
        self._before.clear()
        self._since = self._before_since = now

    def count(self, layer: Layer | None, size: int) -> None:
        """`size`: bytes of payload."""
        self._counted[(layer.spatial, layer.temporal) if layer else (0, 0)] += size

    def take(self, now: float) -> tuple[LayerRate, ...] | None:
        """The rates of the window, and a new half of it. None if it is too short yet."""
        window = now - self._before_since
        if window < MIN_WINDOW:
            return None
        both = self._before + self._counted
        self._before, self._counted = self._counted, Counter()
        self._before_since, self._since = self._since, now
        return tuple(
            LayerRate(spatial, temporal, int(8 * size / window))
            for (spatial, temporal), size in sorted(both.items())
        )


class RateReporter:
    """Runs only while there is an active source of video."""

    def __init__(self, sources: Iterable[Source], context: Context) -> None:
        """`sources`: a live view of all sources."""
        self._sources = sources
        self._context = context

    def source_active(self) -> None:
        if _KEY not in self._context.timers:
            self._context.timers.set(_KEY, self._context.now + INTERVAL, self._run)

    def _run(self, now: float) -> None:
        active = [source for source in self._sources if source.is_video and source.active]
        if not active:
            return
        self._context.timers.set(_KEY, now + INTERVAL, self._run)
        rates = {source.id: source.rates.take(now) for source in active}
        told = {source: layers for source, layers in rates.items() if layers is not None}
        if told:
            self._context.observe(SourceRates(told))
