"""One received VP8 stream, played without being decoded: which packets came, what was asked for
again, and when each frame could have been shown.

A frame is shown as soon as it and everything before it is complete. What has been missing for
`GIVE_UP` is no longer waited for: then, as in a browser, only a keyframe helps, which is asked for.
So nothing is forgiven that a decoder would stumble over, except that it never waits for the sake of
a smooth picture.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from benchmarks.transport_feedback import Unwrap16

GIVE_UP: Final = 1.0
"""Seconds after which a missing packet counts as lost."""
FREEZE: Final = 0.5
"""Seconds without a new frame that count as a freeze."""
_ASK_AGAIN: Final = 0.1
_PLEA_INTERVAL: Final = 0.5
"""Seconds between requests for a packet, or for a keyframe."""
_START_CODE: Final = bytes.fromhex("9d012a")


@dataclass(frozen=True, slots=True)
class Picture:
    """What a packet tells of its frame (RFC 7741, section 4.2)."""

    start: bool
    temporal: int
    height: int | None
    """Lines; of keyframes alone."""


def describe(payload: bytes) -> Picture:
    position, temporal = 1, 0
    if payload[0] & 0x80:
        flags = payload[1]
        position = 2
        if flags & 0x80:
            position += 2 if payload[position] & 0x80 else 1
        position += flags >> 6 & 1
        if flags & 0x30:
            temporal = payload[position] >> 6
            position += 1
    start = payload[0] & 0x17 == 0x10
    keyframe = start and payload[position + 3 : position + 6] == _START_CODE
    height = int.from_bytes(payload[position + 8 : position + 10], "little") & 0x3FFF
    return Picture(start, temporal, height if keyframe else None)


@dataclass(frozen=True, slots=True)
class Shown:
    time: float
    height: int
    temporal: int


@dataclass(frozen=True, slots=True)
class _Packet:
    marker: bool
    picture: Picture


@dataclass(slots=True)
class Tally:
    """Of video packets."""

    direct: int = 0
    """Came the first time."""
    recovered: int = 0
    """Came, but only when sent again."""
    lost: int = 0
    """Never came, or too late."""
    duplicates: int = 0

    @property
    def share(self) -> float:
        """That could be shown, of all; 1 where there was none."""
        expected = self.direct + self.recovered + self.lost
        return 1 - self.lost / expected if expected else 1.0


@dataclass(slots=True)
class Freezes:
    count: int = 0
    seconds: float = 0.0
    longest_gap: float = 0.0


@dataclass(slots=True)
class Playout:
    tally: Tally = field(default_factory=Tally)
    shown: list[Shown] = field(default_factory=list)
    pleas: int = 0
    """For keyframes."""
    nacks: int = 0
    """Packets asked for, each time counted."""
    _unwrap: Unwrap16 = field(default_factory=Unwrap16)
    _next: int | None = None
    """The packet that is played next."""
    _highest: int = -1
    _waiting: dict[int, _Packet] = field(default_factory=dict)
    _missing: dict[int, tuple[float, float]] = field(default_factory=dict)
    """Since when, and when last asked for."""
    _height: int | None = None
    """None: nothing can be shown until a keyframe comes."""
    _asked_at: float = float("-inf")
    _temporal: int = 0

    def receive(self, now: float, number: int, marker: bool, payload: bytes, resent: bool) -> None:
        """A packet of the stream, its payload in the clear; `number` is the one of its media."""
        sequence = self._unwrap(number)
        if self._next is None:
            self._next, self._highest = sequence, sequence - 1
        if self._missing.pop(sequence, None) is None and sequence <= self._highest:
            self.tally.duplicates += 1
            return
        for missing in range(self._highest + 1, sequence):
            self._missing[missing] = (now, float("-inf"))
        self._highest = max(self._highest, sequence)
        self._count(resent)
        self._waiting[sequence] = _Packet(marker, describe(payload))
        self._play(now)

    def ask(self, now: float) -> Iterator[int]:
        """Numbers of packets to be sent again."""
        for sequence, (since, asked) in list(self._missing.items()):
            if now - since > GIVE_UP:
                del self._missing[sequence]
                self.tally.lost += 1
                self._skip(now, sequence)
            elif now - asked >= _ASK_AGAIN:
                self._missing[sequence] = (since, now)
                self.nacks += 1
                yield sequence & 0xFFFF

    def wants_keyframe(self, now: float) -> bool:
        """Nothing can be shown without; not more often than a browser would ask."""
        if self._next is None or self._height is not None or now - self._asked_at < _PLEA_INTERVAL:
            return False
        self._asked_at = now
        self.pleas += 1
        return True

    def _count(self, resent: bool) -> None:
        if resent:
            self.tally.recovered += 1
        else:
            self.tally.direct += 1

    def _play(self, now: float) -> None:
        assert self._next is not None  # noqa: S101 - for the type checker
        while (packet := self._waiting.pop(self._next, None)) is not None:
            self._next += 1
            self._show(now, packet)
        self._jump(now)

    def _show(self, now: float, packet: _Packet) -> None:
        if packet.picture.start:
            self._temporal = packet.picture.temporal
            self._height = packet.picture.height or self._height
        if packet.marker and self._height is not None:
            self.shown.append(Shown(now, self._height, self._temporal))

    def _jump(self, now: float) -> None:
        """To a complete keyframe, whatever is missing before."""
        keyframes = [n for n, packet in self._waiting.items() if packet.picture.height is not None]
        for start in sorted(keyframes, reverse=True):
            end = start
            while end in self._waiting and not self._waiting[end].marker:
                end += 1
            if end in self._waiting:
                self._forget_before(start)
                self._next = start
                self._play(now)
                return

    def _forget_before(self, start: int) -> None:
        self._waiting = {n: packet for n, packet in self._waiting.items() if n >= start}

    def _skip(self, now: float, sequence: int) -> None:
        """Given up: everything up to there is of no use, until the next keyframe."""
        assert self._next is not None  # noqa: S101 - for the type checker
        if sequence < self._next:
            return
        self._height = None
        self._forget_before(sequence)
        self._next = sequence + 1
        self._play(now)


Span = tuple[float, float]
"""Begin and end."""


def freezes(shown: Sequence[Shown], begin: float, end: float, paused: Sequence[Span]) -> Freezes:
    """In that time. A picture that ended before it is over freezes until then; while it is known to
    be `paused` it does not."""
    times = [begin, *(s.time for s in shown if begin < s.time < end), end]
    gaps = [
        after - before
        for before, after in itertools.pairwise(times)
        if not any(since < after and before < until for since, until in paused)
    ]
    long = [gap for gap in gaps if gap > FREEZE]
    return Freezes(len(long), sum(long), max(gaps, default=0.0))
