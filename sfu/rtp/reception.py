"""Receiver statistics of one incoming stream (RFC 3550, section 6.4.1, appendices A.3 and A.8)."""

from __future__ import annotations

from sfu.rtp.rtcp import ReportBlock
from sfu.rtp.sequence import Unwrapper, distance32

MAX_TRANSIT_CHANGE = 5.0
"""Seconds. A bigger one is a new timestamp base, not jitter."""

_LOST_MIN, _LOST_MAX = -(1 << 23), (1 << 23) - 1


class Reception:
    """Feed it every packet of the original stream; not the RTX ones (RFC 4588, section 6.1).

    What RTX repairs is therefore still reported as lost, as the RFC wants it.
    """

    __slots__ = (
        "_arrival",
        "_base",
        "_clock_rate",
        "_expected_before",
        "_jitter",
        "_received_before",
        "_report_ntp",
        "_report_time",
        "_timestamp",
        "_unwrapper",
        "packets",
    )

    def __init__(self, clock_rate: int) -> None:
        self._clock_rate = clock_rate
        self._unwrapper = Unwrapper()
        self._base = 0
        self.packets = 0
        """Received; duplicates count."""
        self._expected_before = 0
        self._received_before = 0
        self._arrival = 0.0
        self._timestamp = 0
        self._jitter = 0.0
        self._report_ntp = 0
        self._report_time: float | None = None

    def received(self, sequence: int, timestamp: int, now: float) -> None:
        unwrapper = self._unwrapper
        highest = unwrapper.highest
        number = unwrapper.unwrap(sequence)
        self.packets += 1
        if highest is None:
            self._base = number
        elif number <= highest:
            # Overtaken on the way: it says nothing about how evenly packets come.
            return
        else:
            self._update_jitter(timestamp, now)
        self._arrival = now
        self._timestamp = timestamp

    def _update_jitter(self, timestamp: int, now: float) -> None:
        rate = self._clock_rate
        sent = distance32(timestamp, self._timestamp)
        change = abs((now - self._arrival) * rate - sent)
        if change < MAX_TRANSIT_CHANGE * rate:
            self._jitter += (change - self._jitter) / 16

    def sender_report(self, ntp: int, now: float) -> None:
        """`ntp`: the 64-bit time in a sender report that came at `now`."""
        self._report_ntp = ntp
        self._report_time = now

    @property
    def jitter(self) -> float:
        """Seconds."""
        return self._jitter / self._clock_rate

    @property
    def lost(self) -> int:
        """Packets, duplicates counting against it: may be negative."""
        return self._expected - self.packets

    @property
    def _expected(self) -> int:
        highest = self._unwrapper.highest
        return 0 if highest is None else highest - self._base + 1

    def report(self, ssrc: int, now: float) -> ReportBlock | None:
        """The block about this stream; None before its first packet. Begins a new interval."""
        highest = self._unwrapper.highest
        if highest is None:
            return None
        lsr, dlsr = self._last_report(now)
        return ReportBlock(
            ssrc=ssrc,
            fraction_lost=self._next_fraction_lost(),
            packets_lost=min(max(self.lost, _LOST_MIN), _LOST_MAX),
            # The first turn is not one: Unwrapper lifts what it sees first.
            highest_sequence=highest - 0x1_0000 & 0xFFFF_FFFF,
            jitter=int(self._jitter),
            lsr=lsr,
            dlsr=dlsr,
        )

    def _next_fraction_lost(self) -> int:
        """Of 256, since the last report."""
        expected = self._expected - self._expected_before
        lost = expected - (self.packets - self._received_before)
        self._expected_before += expected
        self._received_before = self.packets
        return min(255, (lost << 8) // expected) if expected > 0 and lost > 0 else 0

    def _last_report(self, now: float) -> tuple[int, int]:
        if self._report_time is None:
            return 0, 0
        delay = int((now - self._report_time) * 0x1_0000)
        return self._report_ntp >> 16 & 0xFFFF_FFFF, min(max(delay, 0), 0xFFFF_FFFF)
