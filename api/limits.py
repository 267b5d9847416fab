"""How often anybody may do what."""

from __future__ import annotations

from api.operations import Cost


class Limiter:
    def check(self, address: str, user_id: int | None, cost: Cost) -> None:
        """Count one operation. Raises ProblemError 429."""
