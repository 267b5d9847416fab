"""Audio levels, a few times a second for all sources together."""

from __future__ import annotations

from collections.abc import Iterable

from sfu.engine.context import Context
from sfu.engine.interface import AudioLevels
from sfu.engine.source import Source

INTERVAL = 0.2
"""Seconds."""

_KEY = "levels"


class LevelReporter:
    """Runs only while there are sources with sound."""

    def __init__(self, sources: Iterable[Source], context: Context) -> None:
        """`sources`: a live view of all sources."""
        self._sources = sources
        self._context = context

    def source_opened(self) -> None:
        if _KEY not in self._context.timers:
            self._context.timers.set(_KEY, self._context.now + INTERVAL, self._run)

    def _run(self, now: float) -> None:
        heard = [source for source in self._sources if source.meter is not None]
        if not heard:
            return
        self._context.timers.set(_KEY, now + INTERVAL, self._run)
        meters = {source.id: source.meter for source in heard if source.meter and source.active}
        if meters:
            levels = {source: meter.level(now) for source, meter in meters.items()}
            recent = {source: meter.take_recent() for source, meter in meters.items()}
            told = {source: levels for source, levels in recent.items() if levels}
            self._context.observe(AudioLevels(levels, told))
