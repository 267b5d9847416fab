"""Audio levels that clients put into their packets (RFC 6464), and what they say about speaking.

Levels are in -dBov: 0 is the loudest there is, 127 is silence.
"""

from __future__ import annotations

from collections import deque

from sfu.rtp.packet import RtpError

SILENCE = 127
VOICED = 40
"""A packet at least this loud is voice even if its sender does not say so."""
VOICED_IF_FLAGGED = 50
"""A packet with the voice flag need not be louder than this. The flag alone says too little:
libwebrtc sets it on every packet that is not discontinuous transmission, noise included."""
ONSET_PACKETS = 2
"""Voiced packets in a row before we believe it: a key press is one. 40 ms at the usual 20."""
HANGOVER = 0.5
"""Seconds without voice after which a pause has become an end."""
ATTACK = 0.05
RELEASE = 0.3
"""Seconds in which the displayed level follows up and down."""
STALE = 0.5
"""Seconds without a packet after which a source counts as silent."""
RECENT = 16
"""Levels kept until they are taken: more than come between two reports at 20 ms each."""
AUDIBLE = 60
"""Who was never as loud as this makes no sound worth telling packet by packet."""


def parse(value: bytes) -> tuple[bool, int]:
    """Voice flag and level of the header extension. Raises RtpError if it is empty."""
    if not value:
        raise RtpError("empty audio level")
    return value[0] > 0x7F, value[0] & 0x7F


class LevelMeter:
    """The level of one source over time: edges for routing, a smooth value for display."""

    __slots__ = (
        "_last_packet",
        "_last_voice",
        "_recent",
        "_smooth",
        "_voiced_in_a_row",
        "speaking",
    )

    def __init__(self) -> None:
        self.speaking = False
        """As of the last packet; it outlasts pauses up to HANGOVER."""
        self._voiced_in_a_row = 0
        self._last_voice = 0.0
        self._last_packet: float | None = None
        self._smooth = float(SILENCE)
        self._recent: deque[int] = deque(maxlen=RECENT)

    def update(self, voice: bool, level: int, now: float) -> bool:
        """One packet. True at the onset of a voice, once until it has ended."""
        self._follow(level, now)
        self._recent.append(level)
        if level > (VOICED_IF_FLAGGED if voice else VOICED):
            self._voiced_in_a_row = 0
            if self.speaking and now - self._last_voice > HANGOVER:
                self.speaking = False
            return False
        if now - self._last_voice > HANGOVER:
            self.speaking = False
            self._voiced_in_a_row = 0
        self._last_voice = now
        self._voiced_in_a_row += 1
        if self.speaking or self._voiced_in_a_row < ONSET_PACKETS:
            return False
        self.speaking = True
        return True

    def _follow(self, level: int, now: float) -> None:
        if self._last_packet is None or now - self._last_packet > STALE:
            self._smooth = float(SILENCE)
            elapsed = ATTACK
        else:
            elapsed = now - self._last_packet
        self._last_packet = now
        change = level - self._smooth
        self._smooth += change * min(1.0, elapsed / (ATTACK if change < 0 else RELEASE))

    def level(self, now: float) -> int:
        """Smoothed, for display."""
        if self._last_packet is None or now - self._last_packet > STALE:
            return SILENCE
        return round(self._smooth)

    def take_recent(self) -> bytes:
        """The packets' levels since this was last asked, oldest first; empty if none of them was
        audible."""
        recent = bytes(self._recent)
        self._recent.clear()
        return recent if recent and min(recent) <= AUDIBLE else b""
