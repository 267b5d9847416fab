"""Who counts what happens here, if anybody does."""

from __future__ import annotations

from typing import Protocol


class Observer(Protocol):
    def answered(self, type_: str, seconds: float, code: str | None) -> None:
        """A request was, after so long; `code`: of its failure."""

    def closed(self, reason: str | None) -> None:
        """A connection has ended; `reason`: why we ended it, None where the client did."""


class Unobserved:
    """An `Observer` that counts nothing."""

    def answered(self, type_: str, seconds: float, code: str | None) -> None: ...

    def closed(self, reason: str | None) -> None: ...
