"""People with an account."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from api.models.common import Age, Model, Moment, Name, Search
from api.paging import PageQuery


class Me(Model):
    """One's own account."""

    id: int
    email: str
    name: str
    age: int | None
    avatar: str | None
    """Path of the picture, another for each picture; null: there is none."""
    is_admin: bool
    created_at: Moment
    version: int
    """The `ETag`."""


class ProfileChanges(Model):
    """What is left out stays as it is."""

    name: Name | None = None
    age: Age | None = None
    """Null: it is nobody's business any more."""


class Farewell(Model):
    password: Annotated[str, StringConstraints(max_length=128)]
    """Once more, so that nobody else does it at a screen that was left alone."""


class PeopleQuery(PageQuery):
    search: Search | None = None
    """Beginnings of words of the name, all of them."""


class Person(Model):
    """Somebody else."""

    id: int
    name: str
    avatar: str | None
    """Path of the picture, another for each picture; null: there is none."""
