"""What the models of all resources are made of.

Models are the only source: they validate what comes in, and the OpenAPI document and the browser's
TypeScript types are generated from them.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

_EMAIL = re.compile(
    r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}"
    r"@[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*"
)
"""What browsers accept in `<input type="email">` (WHATWG HTML, section 4.10.5.1.5)."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
"""Unicode's categories Cc and Cs."""


def _email(text: str) -> str:
    """In lower case, as it is stored and compared."""
    email = text.strip().lower()
    if not _EMAIL.fullmatch(email):
        raise ValueError("is not an email address")
    return email


def _printable(text: str) -> str:
    """Control characters have no place in a name, and PostgreSQL cannot even store NUL."""
    if _CONTROL.search(text):
        raise ValueError("must not contain control characters")
    return text


def _writable(text: str) -> str:
    """Lines and tabs are fine in a text, other control characters are not."""
    _printable(text.replace("\n", "").replace("\r", "").replace("\t", ""))
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
Search = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100),
    AfterValidator(_printable),
]
Printable = AfterValidator(_printable)
Writable = AfterValidator(_writable)
Age = Annotated[int, Field(ge=0, le=150)]
Id = Annotated[int, Field(ge=1, le=2**63 - 1)]
Moment = AwareDatetime
"""With its offset from UTC (RFC 3339)."""


class Model(BaseModel):
    """Unknown fields are ignored, so that a newer client can speak to an older server."""

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        use_attribute_docstrings=True,
        json_schema_serialization_defaults_required=True,
    )


class Health(Model):
    status: Literal["ok"]
    engine: Literal["native", "reference"]
    """What forwards media."""
    engine_reason: str | None
    """Why it is not the native engine, where that was wanted and cannot run."""
    engines: int
    """How many of it run."""
    version: str


class Readiness(Model):
    status: Literal["ready"]
