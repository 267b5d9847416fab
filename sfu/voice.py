"""What the levels of one microphone's packets say: whether somebody speaks, and how much.

The speech activity scores are those of I. Volfin and I. Cohen, "Dominant speaker identification for
multipoint videoconferencing" (Computer Speech & Language, 2013), in the form conferences use them:
on levels instead of spectra, with the constants of Jitsi Videobridge and of mediasoup's
ActiveSpeakerObserver. A packet is active by how many of 13 bands of 10 dB it reaches; 100 ms by how
many of their 5 packets are loud; a second by how many of its 10 such blocks are loud throughout.
The score of each is the log-likelihood of that much activity under speech against chance.

Loudness here is 127 plus dBov: 0 is silence, 127 is the loudest there is.
"""

from __future__ import annotations

import math
from typing import NamedTuple

MAX_LOUDNESS = 127
BANDS = 13
"""`n` of the immediate score."""
BAND = (MAX_LOUDNESS + BANDS - 1) // BANDS
"""dB. What is not one band louder than the noise floor is noise."""
BLOCK = 5
"""Packets; `n` of the medium score."""
BLOCKS = 10
"""`n` of the long score."""
WINDOW = BLOCK * BLOCKS
"""Packets that are remembered: a second at 20 ms each."""
LOUD = 8 * BAND
"""A packet that counts in its block reaches 8 bands."""
VOICED = MAX_LOUDNESS - 50
"""As the engine takes a flagged packet for voice (`sfu.rtp.levels`)."""
ONSET = 3
"""Voiced packets in a report that begin an utterance; a key press is fewer."""
HANGOVER = 0.5
"""Seconds without a voiced packet that end it; in a sentence pauses are shorter."""
FLOOR_WINDOW = 750
"""Packets after which a noise floor that was not reached again rises: 15 s."""

_LOUDNESS = bytes(MAX_LOUDNESS - min(level, MAX_LOUDNESS) for level in range(256))
_LEAST_SCORE = 1e-10


def _log_scores(bins: int, rate: float) -> tuple[float, ...]:
    """Logarithm of the score of 0…`bins` active ones: those of a fair coin against those of an
    exponential distribution of that rate."""

    def score(active: int) -> float:
        chance = math.log(math.comb(bins, active)) + bins * math.log(0.5)
        return max(chance - math.log(rate) + rate * active, _LEAST_SCORE)

    return tuple(math.log(score(active)) for active in range(bins + 1))


_IMMEDIATE = _log_scores(BANDS, 0.78)
_MEDIUM = _log_scores(BLOCK, 24)
_LONG = _log_scores(BLOCKS, 47)


class Activity(NamedTuple):
    """Logarithms of the scores: differences tell how much more one speaks than another."""

    immediate: float
    medium: float
    long: float


SILENT = Activity(*[math.log(_LEAST_SCORE)] * 3)


class Voice:
    """One microphone. Times are seconds on any clock."""

    __slots__ = ("_floor", "_packets", "last_voice", "speaking")

    def __init__(self) -> None:
        self.speaking = False
        """An utterance is under way."""
        self.last_voice = -math.inf
        """When a voiced packet came last."""
        self._packets = bytes(WINDOW)
        """Loudness, newest last."""
        self._floor = NoiseFloor()

    def begin(self, now: float) -> None:
        """An utterance begins, says the engine: levels of it come later."""
        self.speaking = True
        self.last_voice = now

    def hear(self, levels: bytes, now: float) -> None:
        """The packets of the time since the last call, -dBov, oldest first."""
        packets = levels.translate(_LOUDNESS)
        self._packets = (self._packets + packets)[-WINDOW:]
        self._floor.follow(packets)
        threshold = max(VOICED, self._floor.loudness + BAND)
        voiced = sum(packet >= threshold for packet in packets)
        if voiced >= (1 if self.speaking else ONSET):
            self.begin(now)
        elif now - self.last_voice > HANGOVER:
            self.speaking = False

    @property
    def is_idle(self) -> bool:
        """Nothing came for a while."""
        return not self.speaking and not any(self._packets)

    @property
    def loudness(self) -> float:
        """Mean of the louder half of the last second: a voice without its pauses."""
        half = WINDOW // 2
        return sum(sorted(self._packets)[half:]) / half

    def activity(self) -> Activity:
        packets, floor = self._packets, self._floor.loudness
        newest = packets[-1] if packets[-1] >= floor + BAND else 0
        loud = max(LOUD, floor + BAND)
        return Activity(
            _IMMEDIATE[newest // BAND],
            _MEDIUM[sum(packet >= loud for packet in packets[-BLOCK:])],
            _LONG[sum(min(packets[at : at + BLOCK]) >= loud for at in range(0, WINDOW, BLOCK))],
        )


class NoiseFloor:
    """The least loudness of a microphone that is not digital silence. It falls at once, and rises
    half of the way (geometrically) when it was not reached for FLOOR_WINDOW packets."""

    __slots__ = ("_count", "_least", "loudness")

    def __init__(self) -> None:
        self.loudness = 0
        """0: not known."""
        self._least = MAX_LOUDNESS
        """Of the packets since the floor was last set."""
        self._count = 0

    def follow(self, packets: bytes) -> None:
        sounding = packets.replace(b"\0", b"")
        if not sounding:
            return
        least = min(sounding)
        if self.loudness == 0 or least < self.loudness:
            self._set(least)
            return
        self._least = min(self._least, least)
        self._count += len(sounding)
        if self._count >= FLOOR_WINDOW:
            self._set(math.isqrt(self.loudness * self._least))

    def _set(self, loudness: int) -> None:
        self.loudness = loudness
        self._least = MAX_LOUDNESS
        self._count = 0
