"""RouteBatch: routes of many receivers, told to the engine in one command.

A voice that begins concerns everybody in a room; one command for each of them would wake the engine
as often.
"""

from __future__ import annotations

from types import TracebackType
from typing import Self

from sfu.engine.interface import Engine, Route


class RouteBatch:
    """Used as a context, it keeps what is added until the outermost one ends; else it tells at
    once."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._depth = 0
        self._routes: list[Route] = []

    def add(self, route: Route) -> None:
        if self._depth:
            self._routes.append(route)
        else:
            self._engine.route([route])

    def __enter__(self) -> Self:
        self._depth += 1
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._depth -= 1
        if not self._depth and self._routes:
            routes, self._routes = self._routes, []
            self._engine.route(routes)
