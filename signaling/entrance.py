"""Who is connected: strangers for a moment, then people. Neither may be too many."""

from __future__ import annotations

from collections import Counter
from typing import TypeAlias

from signaling.bucket import Buckets, Rate
from signaling.errors import RequestError
from signaling.identity import Identity
from signaling.limits import Limits
from signaling.messages import Closing
from signaling.outbox import Outbox

Person: TypeAlias = tuple[int | None, int | None]
"""Ids of a user or a guest."""


class Entrance:
    """Connections are known by their outboxes."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._strangers: dict[Outbox, None] = {}
        self._people: dict[Outbox, Person] = {}
        self._open: Counter[Person] = Counter()
        self._openings: Buckets[Person] = Buckets(
            Rate(limits.connection_rate, limits.connection_burst)
        )

    def open(self, outbox: Outbox) -> None:
        """Somebody has connected. Of too many strangers the one that has been silent for longest
        has to go: whoever means it says who he is at once, so a crowd of silent ones keeps
        nobody out."""
        self._strangers[outbox] = None
        if len(self._strangers) > self._limits.strangers:
            eldest = next(iter(self._strangers))
            del self._strangers[eldest]
            eldest.finish(
                Closing(reason="not_authenticated", message="Too many wait; authenticate at once.")
            )

    def admit(self, outbox: Outbox, identity: Identity, now: float) -> None:
        """It is known whose connection it is. Raises RequestError if they have too many."""
        person = (identity.user_id, identity.guest_id)
        if self._openings.take(person, now):
            raise RequestError("too_many_requests", "You connect too often; please wait.")
        if self._open[person] >= self._limits.connections_per_person:
            raise RequestError("too_many_requests", "You are connected too many times.")
        self._strangers.pop(outbox, None)
        self._people[outbox] = person
        self._open[person] += 1

    def close(self, outbox: Outbox) -> None:
        """The connection has ended."""
        self._strangers.pop(outbox, None)
        person = self._people.pop(outbox, None)
        if person is None:
            return
        self._open[person] -= 1
        if not self._open[person]:
            del self._open[person]
