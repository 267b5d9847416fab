"""What a server needs to be measured beside ours: one class that starts it, one that joins it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from benchmarks.peer import MakeParticipant
from benchmarks.transport import Profile


class AdapterError(Exception):
    """A server is not installed, did not start, or refused what it was asked for."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a server runs."""

    folder: Path
    """Its own, there already, and gone afterwards. What it says goes to `folder` with `.log`."""
    host: str
    """Address of the media, ours and its."""
    server_cpus: list[int]
    """For the process that is measured."""
    other_cpus: list[int]
    """For its databases and the like."""


class Running(Protocol):
    """A server that runs, with one process that forwards: benchmarks.process.Process has the
    figures."""

    @property
    def name(self) -> str:
        """With what sets this one apart: version, options."""

    @property
    def url(self) -> str:
        """Of its signaling, http:// also where that is a WebSocket."""

    def cpu(self) -> float: ...

    def rss(self) -> int: ...

    def create_meeting(self) -> str:
        """What participants enter."""


class Adapter(Protocol):
    def serve(self, place: Place) -> AbstractContextManager[Running]:
        """Ready to be joined; stopped on leaving. Raises AdapterError."""

    def participant(self, host: str, profile: Profile) -> MakeParticipant:
        """Can be pickled: participants live in other processes."""
