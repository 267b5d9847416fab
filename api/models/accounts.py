"""Signing up, in and out."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from api.models.common import Age, Email, Model, Name, Password
from api.models.people import Me


class Signup(Model):
    email: Email
    password: Password
    name: Name | None = None
    """Left out: the part of the email before the @."""
    age: Age | None = None


class Login(Model):
    email: Email
    password: Annotated[str, StringConstraints(max_length=128)]


class Session(Model):
    """`token` goes into `Authorization: Bearer` and into the first message on `/ws`."""

    token: str
    user: Me
