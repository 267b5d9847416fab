"""One timer per key, in virtual time."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from heapq import heapify, heappop, heappush
from itertools import count

Run = Callable[[float], None]
"""Called with the time at which it runs."""


class Timers:
    """A heap with lazy deletion: setting and cancelling cost no search."""

    def __init__(self) -> None:
        self._armed: dict[Hashable, tuple[int, float, Run]] = {}
        self._heap: list[tuple[float, int, Hashable]] = []
        self._serial = count()

    def __len__(self) -> int:
        return len(self._armed)

    def __contains__(self, key: Hashable) -> bool:
        return key in self._armed

    def set(self, key: Hashable, due: float, run: Run) -> None:
        """Run once at `due` (seconds); replaces the key's earlier timer."""
        serial = next(self._serial)
        self._armed[key] = (serial, due, run)
        heappush(self._heap, (due, serial, key))
        self._compact()

    def cancel(self, key: Hashable) -> None:
        if self._armed.pop(key, None) is not None:
            self._compact()

    def _compact(self) -> None:
        if len(self._heap) > 64 + 2 * len(self._armed):
            self._heap = [(due, serial, key) for key, (serial, due, _) in self._armed.items()]
            heapify(self._heap)

    def next_due(self) -> float | None:
        heap = self._heap
        while heap:
            due, serial, key = heap[0]
            armed = self._armed.get(key)
            if armed is not None and armed[0] == serial:
                return due
            heappop(heap)
        return None

    def run(self, now: float) -> None:
        """Run what is due. A timer that sets itself again for `now` waits for the next call."""
        due = self.next_due()
        ready = []
        while due is not None and due <= now:
            key = heappop(self._heap)[2]
            ready.append(self._armed.pop(key)[2])
            due = self.next_due()
        for run in ready:
            run(now)
