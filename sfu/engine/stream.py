"""The packets of one incoming SSRC: their order, what is missing, whose time they carry."""

from __future__ import annotations

from sfu.engine.interface import Drop
from sfu.rtp.clock import SourceClock, TransportClock
from sfu.rtp.nack import NackGenerator
from sfu.rtp.packet import RtpPacket
from sfu.rtp.reception import Reception
from sfu.rtp.sequence import Unwrapper

WINDOW = 2048
"""Packets. What is older than this is no repair but a replay."""


class IncomingStream:
    def __init__(self, ssrc: int, clock_rate: int, transport_clock: TransportClock) -> None:
        self.ssrc = ssrc
        self.clock = SourceClock(clock_rate, transport_clock)
        self.reception = Reception(clock_rate)
        self.missing = NackGenerator()
        self._sequences = Unwrapper()
        self._timestamps = Unwrapper(32)
        self._seen = bytearray(WINDOW)
        """Per place in the window, the turn of the window in which its packet came, modulo 256:
        2 KiB where the numbers themselves would take 80."""

    @property
    def highest(self) -> int:
        """Unwrapped sequence number; 0 before the first packet."""
        return self._sequences.highest or 0

    def place(self, packet: RtpPacket, now: float, *, repaired: bool) -> tuple[int, int] | Drop:
        """Unwrapped sequence number and timestamp of a new packet, or why it is none."""
        number = self._sequences.unwrap(packet.sequence)
        if number <= self.highest - WINDOW:
            return Drop.TOO_OLD
        turn, place = divmod(number, WINDOW)
        if self._seen[place] == turn & 0xFF:
            return Drop.DUPLICATE
        self._seen[place] = turn & 0xFF
        if not repaired:
            # A repair tells nothing about the way here (RFC 4588, section 6.1).
            self.reception.received(packet.sequence, packet.timestamp, now)
            self.clock.received(packet.timestamp, now)
        return number, self._timestamps.unwrap(packet.timestamp)
