"""Whose time is it? RTP and NTP clocks of publishers, mapped to the server's (RFC 3550, 6.4.1).

A receiver keeps lips and voice together by the sender reports of a picture and a sound, and it
gets all of them from us. So they must all speak of one clock, the server's; and for two streams of
one publisher the way from his clock to ours must be the same, or we would bend them apart.

    RTP timestamp --SourceClock--> publisher's NTP --TransportClock--> server time (`now`, seconds)

- The first step is one stream's own, and exact: its last sender report.
- The second is one per *transport*: the least (arrival - NTP) of the sender reports of all its
  streams. It holds the difference of the clocks and the shortest way; whatever more a report took
  was queueing, and must not enter. It is the least of the last minute, so that a drift of the two
  clocks (100 ppm are 6 ms a minute) is followed. It may be off, but never differently for two
  streams of a transport.
- Before its first report a stream is mapped by the arrival of its packets, again the least delay:
  late by what encoder and pacer took, some 10 ms, for the second or less until the report is here.
- Reports lie, by error or by malice. One that puts the stream more than MAX_DISAGREEMENT off its
  own packets is not used.
"""

from __future__ import annotations

from math import inf

from sfu.rtp.sequence import Unwrapper, distance32

MAX_DISAGREEMENT = 2.0
"""Seconds. More between two views of one clock is a step of it (or a lie), not a delay."""
MAX_ROUND_TRIP = 10.0
"""Seconds. More is no round trip but a report about something else."""
WINDOW = 60.0
"""Seconds over which the least delay is taken; longer than ten of the slowest sender reports."""

_NTP_EPOCH = 2_208_988_800
"""Seconds from 1900 to 1970."""


def ntp64(unix: float) -> int:
    """64-bit NTP timestamp of a Unix time in seconds."""
    return int((unix + _NTP_EPOCH) * 0x1_0000_0000) & 0xFFFF_FFFF_FFFF_FFFF


def ntp_seconds(ntp: int) -> float:
    """Seconds since 1900 of a 64-bit NTP timestamp, good to half a microsecond."""
    return ntp / 0x1_0000_0000


def round_trip(ntp: int, lsr: int, dlsr: int) -> float | None:
    """Seconds to a receiver and back, by its report block that came at `ntp` (64 bits).

    None if it has had no sender report of ours yet, or names one that cannot be. A receiver rounds
    its delay, so that a very short trip may come out below nothing: 0.
    """
    if lsr == 0:
        return None
    ticks = distance32(distance32(ntp >> 16, lsr), dlsr)
    return max(ticks, 0) / 0x1_0000 if abs(ticks) < MAX_ROUND_TRIP * 0x1_0000 else None


class _LeastDelay:
    """Least value of the last WINDOW (half of it at the least); a step up begins anew."""

    __slots__ = ("_before", "_current", "_turn")

    def __init__(self) -> None:
        self._before = inf
        self._current = inf
        self._turn = -inf

    @property
    def value(self) -> float:
        """Infinite before the first update."""
        before, current = self._before, self._current
        return before if before < current else current

    def update(self, delay: float, now: float) -> None:
        if delay - self.value > MAX_DISAGREEMENT:
            self._before = self._current = inf
        if now >= self._turn:
            self._before = self._current if now < self._turn + WINDOW / 2 else inf
            self._current = inf
            self._turn = now + WINDOW / 2
        if delay < self._current:
            self._current = delay


class TransportClock:
    """From a publisher's NTP time to the server's; shared by all streams of his transport."""

    __slots__ = ("_delay",)

    def __init__(self) -> None:
        self._delay = _LeastDelay()

    @property
    def offset(self) -> float:
        """Seconds to add to the publisher's NTP time; only meaningful after a report."""
        return self._delay.value

    def sender_report(self, ntp: float, now: float) -> None:
        self._delay.update(now - ntp, now)


class SourceClock:
    """From RTP timestamps of one stream to the server's time (seconds, as `now`) and back."""

    __slots__ = ("_clock_rate", "_delay", "_report", "_transport", "_unwrapper")

    def __init__(self, clock_rate: int, transport: TransportClock) -> None:
        self._clock_rate = clock_rate
        self._transport = transport
        self._unwrapper = Unwrapper(32)
        self._delay = _LeastDelay()
        self._report: tuple[float, int] | None = None
        """Publisher's NTP seconds, and the RTP timestamp of that moment."""

    def received(self, timestamp: int, now: float) -> None:
        """A media packet came. Leave out repaired ones: they are late by nature."""
        self._delay.update(now - self._unwrapper.unwrap(timestamp) / self._clock_rate, now)

    def sender_report(self, ntp: int, timestamp: int, now: float) -> None:
        """`ntp`: 64 bits; 0 says that the sender has no such clock, and is ignored."""
        if ntp == 0:
            return
        seconds = ntp_seconds(ntp)
        self._transport.sender_report(seconds, now)
        self._report = seconds, timestamp

    def server_time(self, timestamp: int) -> float | None:
        """When the moment of `timestamp` was, by the server's clock. None before any packet."""
        anchor = self._anchor()
        if anchor is None:
            return None
        time, base = anchor
        return time + distance32(timestamp, base) / self._clock_rate

    def timestamp_at(self, time: float) -> int | None:
        """The RTP timestamp of a moment of the server's clock. None before any packet."""
        anchor = self._anchor()
        if anchor is None:
            return None
        origin, base = anchor
        return base + round((time - origin) * self._clock_rate) & 0xFFFF_FFFF

    def _anchor(self) -> tuple[float, int] | None:
        """One moment in both clocks."""
        arrived = self._arrival_anchor()
        if self._report is None or arrived is None:
            return arrived
        ntp, base = self._report
        time = ntp + self._transport.offset
        by_arrival = arrived[0] + distance32(base, arrived[1]) / self._clock_rate
        return arrived if abs(time - by_arrival) > MAX_DISAGREEMENT else (time, base)

    def _arrival_anchor(self) -> tuple[float, int] | None:
        highest = self._unwrapper.highest
        if highest is None:
            return None
        return self._delay.value + highest / self._clock_rate, highest & 0xFFFF_FFFF
