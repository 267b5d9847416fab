"""Who of a room is heard, and who leads the conversation. Pure: no clock, no I/O.

**Heard** are N voices, and one to spare so that each of those N hears N others. A place is left
lazily, only when somebody else needs it: first goes who has been silent longest. So nobody is cut
off by a pause, and a room of few is always heard in full, whatever it says of its levels. A
beginning voice is let in at once, before its loudness is known; while all who have a place speak,
it must become notably louder than one of them, who has had his turn.

**The dominant speaker** is found after Volfin and Cohen (see `sfu.voice`): another takes the floor
when he is more active than the present one by each of three spans. Silence keeps the last one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from sfu.voice import SILENT, Voice

HOLD = 1.0
"""Seconds for which who has come to be heard is not replaced while speaking, and for which who has
taken the floor has it."""
MARGIN = 10.0
"""dB by which another must be louder, over a second, to replace one who speaks."""

IMMEDIATELY, MEDIUM, LONG = 3.0, 2.0, 0.0
"""How far (as logarithms of score ratios) another must surpass the dominant speaker."""

_NO_PACKETS = bytes([127]) * 10
"""In the time between two reports, at 20 ms each."""


class Speakers:
    """`count`: how many voices everybody hears at a time. Microphones go by their track ids."""

    def __init__(self, count: int) -> None:
        self.dominant: str | None = None
        """Who leads the conversation; None before anybody has spoken, or after he has left."""
        self._dominant_since = -math.inf
        self._count = count
        self._voices: dict[str, Voice] = {}
        self._active: dict[str, Voice] = {}
        """Those who made a sound in the last second."""
        self._heard: list[str] = []
        """By everybody: at most `count`."""
        self._spare: str | None = None
        """Heard by those of them."""
        self._heard_since: dict[str, float] = {}
        """When they took another's place."""

    @property
    def audible(self) -> tuple[str, ...]:
        """A receiver hears the first `count` of these that are not its own."""
        return (*self._heard, self._spare) if self._spare is not None else tuple(self._heard)

    def add(self, track_id: str) -> None:
        """Idempotent. It is heard from now on if there is a place."""
        self._voices.setdefault(track_id, Voice())
        self._fill()

    def remove(self, track_id: str) -> None:
        """Idempotent. Whose voice it was leads no more."""
        self.mute(track_id)
        if track_id == self.dominant:
            self.dominant, self._dominant_since = None, -math.inf

    def mute(self, track_id: str) -> None:
        """Idempotent; undone by `add`. Its place goes to who spoke last of the others."""
        self._voices.pop(track_id, None)
        self._active.pop(track_id, None)
        self._heard_since.pop(track_id, None)
        if track_id in self._heard:
            self._heard.remove(track_id)
        if track_id == self._spare:
            self._spare = None
        self._fill()

    def voice_started(self, track_id: str, now: float) -> None:
        """Edge: somebody begins to speak. What is not known is nobody's."""
        voice = self._voices.get(track_id)
        if voice is not None:
            voice.begin(now)
            self._active[track_id] = voice
            self._let_in(track_id, now)

    def measured(self, recent: Mapping[str, bytes], now: float) -> None:
        """Levels of the packets since the last call (-dBov, oldest first) of those who were not
        silent. To be called at a steady pace while there are microphones."""
        for track_id, levels in recent.items():
            voice = self._voices.get(track_id)
            if voice is not None:
                voice.hear(levels, now)
                self._active[track_id] = voice
        for track_id in self._active.keys() - recent.keys():
            self._active[track_id].hear(_NO_PACKETS, now)
        for track_id in self._waiting():
            if not self._let_in(track_id, now):
                self._displace(track_id, now)
        self._give_floor(now)
        self._active = {key: voice for key, voice in self._active.items() if not voice.is_idle}

    # Places

    def _fill(self) -> None:
        """Nobody is unheard while there is a place."""
        while len(self._heard) < self._count and (best := self._spare or self._next()):
            self._heard.append(best)
            if best == self._spare:
                self._spare = None
        if self._spare is None:
            self._spare = self._next()

    def _next(self) -> str | None:
        """Who shall be heard of those who are not: who spoke last, else who came first."""
        others = (key for key in self._voices if key not in self._heard and key != self._spare)
        return max(others, key=lambda key: self._voices[key].last_voice, default=None)

    def _waiting(self) -> list[str]:
        """Who speaks and is not heard by everybody, the loudest first."""
        speaking = [key for key, voice in self._active.items() if voice.speaking]
        waiting = [key for key in speaking if key not in self._heard]
        return sorted(waiting, key=lambda key: -self._voices[key].loudness)

    def _let_in(self, track_id: str, now: float) -> bool:
        """Give the place of somebody who is silent, if there is one."""
        if track_id in self._heard:
            return True
        silent = [key for key in self._heard if not self._voices[key].speaking]
        if silent:
            self._replace(min(silent, key=lambda key: self._voices[key].last_voice), track_id, now)
            return True
        if self._spare is None or not self._voices[self._spare].speaking:
            self._spare = track_id
        return False

    def _displace(self, track_id: str, now: float) -> None:
        """Take the place of the quietest, where the difference is great."""
        loudness = self._voices[track_id].loudness - MARGIN
        since = self._heard_since
        settled = [key for key in self._heard if now - since.get(key, -math.inf) >= HOLD]
        quietest = min(settled, key=lambda key: self._voices[key].loudness, default=None)
        if quietest is not None and self._voices[quietest].loudness < loudness:
            self._replace(quietest, track_id, now)
        elif self._spare is not None and self._voices[self._spare].loudness < loudness:
            self._spare = track_id

    def _replace(self, before: str, track_id: str, now: float) -> None:
        """Who is replaced becomes the spare one: the next to be heard again."""
        self._heard[self._heard.index(before)] = track_id
        self._heard_since.pop(before, None)
        self._heard_since[track_id] = now
        self._spare = before

    # Dominance

    def _give_floor(self, now: float) -> None:
        if now - self._dominant_since < HOLD:
            return
        dominant = self._most_active()
        if dominant != self.dominant:
            self.dominant, self._dominant_since = dominant, now

    def _most_active(self) -> str | None:
        leading = self._voices.get(self.dominant) if self.dominant is not None else None
        leader = leading.activity() if leading is not None else SILENT
        best, surpasses = self.dominant, MEDIUM
        for track_id, voice in self._active.items():
            if track_id == self.dominant:
                continue
            activity = voice.activity()
            if (
                activity.immediate - leader.immediate > IMMEDIATELY
                and activity.medium - leader.medium > surpasses
                and activity.long - leader.long > LONG
            ):
                best, surpasses = track_id, activity.medium - leader.medium
        return best
