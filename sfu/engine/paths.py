"""Which path may speak for which transport.

A path is validated by ICE (a check with good integrity); only then are DTLS and SRTP from it looked
at. Before that the one thing let through is an answer to a check of our own.
"""

from __future__ import annotations

from sfu.engine.interface import Path
from sfu.engine.transport import Transport

MAX_PATHS = 8
"""Per transport, of each kind."""


class PathTable:
    def __init__(self) -> None:
        self.validated: dict[Path, Transport] = {}
        self.expected: dict[Path, Transport] = {}

    def validate(self, transport: Transport, path: Path) -> None:
        owner = self.validated.get(path)
        if owner is transport:
            return
        if owner is not None:
            self._revoke(owner, path)
        if len(transport.paths) >= MAX_PATHS:
            self._revoke(transport, self._oldest(transport))
        self.validated[path] = transport
        transport.paths.append(path)

    def _oldest(self, transport: Transport) -> Path:
        return next(path for path in transport.paths if path != transport.selected)

    def _revoke(self, owner: Transport, path: Path) -> None:
        del self.validated[path]
        owner.paths.remove(path)
        if owner.selected == path:
            owner.selected = None

    def expect(self, transport: Transport, path: Path) -> None:
        """A check of ours goes there: let its answer come up."""
        owner = self.expected.get(path)
        if owner is transport:
            return
        if owner is not None:
            owner.expected.remove(path)
        if len(transport.expected) >= MAX_PATHS:
            del self.expected[transport.expected.pop(0)]
        self.expected[path] = transport
        transport.expected.append(path)

    def forget(self, transport: Transport) -> None:
        for path in transport.paths:
            del self.validated[path]
        for path in transport.expected:
            del self.expected[path]
