"""What we tell a peer about once a second: sender reports of its sinks, receiver reports and the
bitrate limit of its sources (RFC 3550, section 6; draft-alvestrand-rmcat-remb-03)."""

from __future__ import annotations

from collections.abc import Iterator
from math import floor
from typing import TYPE_CHECKING

from sfu.engine.context import Context
from sfu.rtp import rtcp
from sfu.rtp.clock import ntp64

if TYPE_CHECKING:
    from sfu.engine.sink import Sink
    from sfu.engine.transport import Transport

RTCP_SSRC = 1
"""Sender of our feedback. We have no stream of our own on the way to a publisher."""

INTERVAL = 1.0
"""Seconds."""

PER_SECOND = 16
"""Times a second at which reports leave, the same for all transports: each is a wake-up, which
costs more than a report."""

MAX_COMPOUND = 1200
"""Bytes of plain RTCP in one datagram."""


def _on_time(moment: float) -> float:
    """The last of those times up to `moment` (seconds)."""
    return floor(moment * PER_SECOND) / PER_SECOND


class Reporter:
    """The report timer of one transport."""

    def __init__(self, transport: Transport, context: Context) -> None:
        self._transport = transport
        self._context = context
        self._key = ("reports", transport.id)
        self._limit_key = ("limit", transport.id)

    def start(self) -> None:
        # Spread over the second, or the whole server would report in one burst.
        phase = (self._transport.id * 0.618) % 1.0
        due = _on_time(self._context.now + phase * INTERVAL) + 1 / PER_SECOND
        self._context.timers.set(self._key, due, self._run)

    def close(self) -> None:
        self._context.timers.cancel(self._key)
        self._context.timers.cancel(self._limit_key)

    def limit_changed(self) -> None:
        """The limit or what it covers is new: tell it in this `handle`, but once."""
        self._context.timers.set(self._limit_key, self._context.now, self._tell_limit)

    def _tell_limit(self, now: float) -> None:
        if self._transport.receive_limit:
            self._transport.send_rtcp(rtcp.receiver_report(RTCP_SSRC) + self._remb())

    def _run(self, now: float) -> None:
        self._context.timers.set(self._key, _on_time(now + INTERVAL), self._run)
        compound = b""
        for part in self._parts():
            if compound and len(compound) + len(part) > MAX_COMPOUND:
                self._transport.send_rtcp(compound)
                compound = b""
            compound += part
        if compound:
            self._transport.send_rtcp(compound)

    def _parts(self) -> Iterator[bytes]:
        """Each begins with a report, so that any of them may begin a compound packet."""
        for sink in self._transport.sinks.values():
            yield self._sender_report(sink)
        blocks = [block for source in self._transport.sources if (block := source.report())]
        if blocks or self._transport.receive_limit:
            report = rtcp.receiver_report(RTCP_SSRC, blocks[: rtcp.MAX_REPORTS])
            yield report + self._remb() if self._transport.receive_limit else report

    def _sender_report(self, sink: Sink) -> bytes:
        timestamp = sink.timestamp_at(self._context.now)
        if timestamp is None:
            return b""
        stats = sink.stats
        report = rtcp.sender_report(
            sink.ssrc, ntp64(self._context.unix), timestamp, stats.packets, stats.bytes
        )
        return report + rtcp.sdes(sink.ssrc, sink.parameters.cname)

    def _remb(self) -> bytes:
        ssrcs = [source.stream.ssrc for source in self._transport.sources if source.stream]
        return rtcp.remb(RTCP_SSRC, self._transport.receive_limit, ssrcs)
