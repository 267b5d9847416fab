"""Who is just coming into which meeting.

Coming in takes several looks into the database. What is decided of the meeting meanwhile makes what
they showed out of date: then it is looked again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class Arrival:
    def __init__(self) -> None:
        self._outdated = False

    def begin(self) -> None:
        """From here on it is looked."""
        self._outdated = False

    def outdate(self) -> None:
        self._outdated = True

    def is_outdated(self) -> bool:
        return self._outdated


class Arrivals:
    def __init__(self) -> None:
        self._arrivals: dict[str, set[Arrival]] = {}

    @contextmanager
    def at(self, meeting_id: str) -> Iterator[Arrival]:
        arrival = Arrival()
        arrivals = self._arrivals.setdefault(meeting_id, set())
        arrivals.add(arrival)
        try:
            yield arrival
        finally:
            arrivals.discard(arrival)
            if not arrivals:
                self._arrivals.pop(meeting_id, None)

    def outdate(self, meeting_id: str) -> None:
        for arrival in self._arrivals.get(meeting_id, ()):
            arrival.outdate()
