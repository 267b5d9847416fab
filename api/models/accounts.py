"""Signing up, in and out, and invitations to do so."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from api.models.administration import Named
from api.models.common import Age, Email, Model, Moment, Name, Password
from api.models.people import Me


class Signup(Model):
    email: Email
    password: Password
    name: Name | None = None
    """Left out: the part of the email before the @."""
    age: Age | None = None
    invitation: Annotated[str, StringConstraints(max_length=64)] | None = None
    """Needed where not everybody may sign up (setting `SIGNUP`)."""


class Login(Model):
    email: Email
    password: Annotated[str, StringConstraints(max_length=128)]


class PasswordChange(Model):
    current: Annotated[str, StringConstraints(max_length=128)]
    new: Password


class Session(Model):
    """`token` goes into `Authorization: Bearer` and into the first message on `/ws`."""

    token: str
    expires_at: Moment
    """Of the token; `POST /auth/renew` gives another one in time."""
    user: Me


class Renewal(Model):
    """The same session with another token. The one before is good until it expires."""

    token: str
    expires_at: Moment


class SignedIn(Model):
    """A session of one's own, such as another device."""

    id: str
    created_at: Moment
    expires_at: Moment
    current: bool
    """Whether it is the one that asks."""


class NewInvitation(Model):
    email: Email | None = None
    """The only one it shall be good for."""


class Invitation(Model):
    """Good once, for seven days."""

    id: int
    email: str | None
    """The only one it is good for; null: any."""
    created_by: Named | None
    """Null: from the server's command line."""
    created_at: Moment
    expires_at: Moment
    used_at: Moment | None
    used_by: Named | None


class IssuedInvitation(Invitation):
    code: str
    """`invitation` of `POST /auth/signup`. It is told only now; the server keeps a digest."""
