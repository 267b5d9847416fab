from __future__ import annotations

START = 300_000
"""Bits/s until the receiver has told something, and where nothing is sent to judge by."""
PATIENCE = 5.0
"""Seconds after which a receiver that tells nothing counts as one that never will."""
ROOM = 1.3
"""A receiver that says so much more than it gets has seen no limit yet."""
STEP = 4
"""The next simulcast layer takes about so much more than the one below."""
TRIAL = 12.0
"""Seconds a step up is held: so long a receiver takes to believe in it."""
FALL = 0.95
"""Unless it says so much less than it did. What is sent has stepped up when it was so much less."""


class ByRemb:
    """The receiver's own estimate (draft-alvestrand-rmcat-remb-03).

    It never says much more than one and a half times what it gets, so it cannot tell of room for
    the next layer. Where it says clearly more than is sent, a step up is tried, and taken back when
    the receiver then says less.
    """

    def __init__(self, now: float) -> None:
        self._began = now
        self._estimate: int | None = None
        self._highest = 0
        """Of the trial."""
        self._sent = 0
        """At its last step."""
        self._trial_until: float | None = None
        self._allowed = 0

    def estimated(self, bitrate: int, now: float) -> None:
        if bitrate < FALL * self._highest:
            self._trial_until = None
        self._highest = max(bitrate, self._highest) if self._trial_until is not None else bitrate
        self._estimate = bitrate

    def bitrate(self, now: float, sending: int) -> float | None:
        known = self._estimate
        if known is None:
            return START if now - self._began < PATIENCE else None
        if self._trial_until is not None and self._sent < FALL * sending:
            self._sent = sending  # the step may be taken long after it is allowed
            self._trial_until = now + TRIAL
        if self._trial_until is not None and now >= self._trial_until:
            self._trial_until = None
        if self._trial_until is None and sending and known >= ROOM * sending:
            self._trial_until = now + TRIAL
            self._allowed = STEP * known
            self._highest = known
            self._sent = sending
        if self._trial_until is not None:
            return max(known, self._allowed)
        return known if sending else max(known, START)
