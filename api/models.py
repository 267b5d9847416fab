"""Every request and response body of the HTTP API, as types.

These models are the only source: they validate what comes in, and the browser's TypeScript types
are generated from them (`python -m api.schema`).
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from api.problems import FieldError, Problem

_EMAIL = re.compile(
    r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}"
    r"@[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*"
)
"""What browsers accept in `<input type="email">` (WHATWG HTML, section 4.10.5.1.5)."""


def _email(text: str) -> str:
    """In lower case, as it is stored and compared."""
    email = text.strip().lower()
    if not _EMAIL.fullmatch(email):
        raise ValueError("is not an email address")
    return email


def _printable(text: str) -> str:
    """Control characters have no place in a name, and PostgreSQL cannot even store NUL."""
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in text):
        raise ValueError("must not contain control characters")
    return text


Email = Annotated[
    str,
    StringConstraints(max_length=254),
    AfterValidator(_email),
    Field(json_schema_extra={"format": "email"}),
]
Password = Annotated[str, StringConstraints(min_length=8, max_length=128)]
Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=80),
    AfterValidator(_printable),
]
Title = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=200), AfterValidator(_printable)
]


class Model(BaseModel):
    """Unknown fields are ignored, so that a newer client can speak to an older server."""

    model_config = ConfigDict(frozen=True, extra="ignore")


# Requests


class Signup(Model):
    email: Email
    password: Password
    name: Name | None = None
    """Left out: the part of the email before the @."""
    age: Annotated[int, Field(ge=0, le=150)] | None = None


class Login(Model):
    email: Email
    password: Annotated[str, StringConstraints(max_length=128)]


class NewMeeting(Model):
    title: Title = ""
    guests_allowed: bool = True


class NewGuest(Model):
    name: Name


# Responses


class User(Model):
    id: int
    email: str
    name: str
    age: int | None
    created_at: datetime


class Session(Model):
    """`token` goes into `Authorization: Bearer` and into the first message on `/ws`."""

    token: str
    user: User


class Host(Model):
    id: int
    name: str


class Meeting(Model):
    """Whoever knows the unguessable `id` is invited."""

    id: str
    title: str
    guests_allowed: bool
    url: str
    """The invite link."""
    created_at: datetime
    host: Host


class Guest(Model):
    """`token` is good for this one meeting."""

    token: str
    name: str
    meeting_id: str


class Health(Model):
    status: Literal["ok"]
    engine: Literal["native", "reference"]
    """What forwards media."""
    engine_reason: str | None
    """Why it is not the native engine, where that was wanted and cannot run."""
    engines: int
    """How many of it run."""
    version: str


REQUESTS: tuple[type[BaseModel], ...] = (Signup, Login, NewMeeting, NewGuest)
RESPONSES: tuple[type[BaseModel], ...] = (
    User,
    Session,
    Host,
    Meeting,
    Guest,
    Health,
    Problem,
    FieldError,
)
