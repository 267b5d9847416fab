"""People with an account."""

from __future__ import annotations

from api.models.common import Model, Moment


class Me(Model):
    """One's own account."""

    id: int
    email: str
    name: str
    age: int | None
    created_at: Moment
