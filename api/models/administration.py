"""What administrators see and do."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import StringConstraints

from api.models.common import Id, Model, Moment, Name, Search
from api.paging import PageQuery


class Account(Model):
    id: int
    email: str
    name: str
    avatar: str | None
    """Path of the picture; null: there is none."""
    is_active: bool
    is_admin: bool
    created_at: Moment
    updated_at: Moment
    version: int
    """The `ETag`."""


class AccountsQuery(PageQuery):
    search: Search | None = None
    """Beginnings of words of the name, all of them, or the beginning of the email."""
    active: bool | None = None
    admin: bool | None = None


class AccountChanges(Model):
    """What is left out stays as it is."""

    name: Name | None = None
    is_active: bool | None = None
    """False: signs out everywhere, at once, and cannot sign in."""
    is_admin: bool | None = None


class AuditQuery(PageQuery):
    actor: Id | None = None
    """Only what this person did."""
    subject: Id | None = None
    """Only what was done to this account."""
    action: Annotated[str, StringConstraints(pattern=r"^[a-z_]+(\.[a-z_]+)*$", max_length=40)] | (
        None
    ) = None
    """Only this, such as `user.deactivate`."""


class Named(Model):
    id: int
    name: str


class AuditEntry(Model):
    """One thing an administrator did."""

    id: int
    at: Moment
    actor: Named | None
    """Who did it; null: somebody at the server's command line."""
    action: str
    """Such as `user.deactivate`."""
    subject: Named | None
    """The account it was done to, if it was done to one."""
    details: dict[str, Any]
    """Such as what was `before` and `after`; empty when the subject has been deleted since."""
