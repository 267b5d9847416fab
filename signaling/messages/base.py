"""What all messages of the `/ws` protocol are made of."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

MAX_MESSAGE = 1024 * 1024
"""Bytes of one WebSocket message."""

Name = Annotated[str, Field(min_length=1, max_length=80)]

Identifier = Annotated[str, Field(min_length=1, max_length=64)]

Secret = Annotated[str, Field(min_length=16, max_length=128)]


class Message(BaseModel):
    """Unknown fields are ignored, so that a newer client can speak to an older server."""

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        use_attribute_docstrings=True,
        json_schema_serialization_defaults_required=True,
    )


class Result(Message):
    pass


class Empty(Result):
    pass


class Request(Message):
    result: ClassVar[type[Result]] = Empty
    id: Annotated[int, Field(ge=0, le=2**53 - 1)]


class Reply(Message):
    type: Literal["reply"] = "reply"
    id: int
    result: dict[str, object]


ErrorCode = Literal[
    "bad_message",
    "message_too_large",
    "unknown_type",
    "not_authenticated",
    "already_authenticated",
    "bad_token",
    "not_found",
    "forbidden",
    "not_joined",
    "already_joined",
    "meeting_full",
    "locked",
    "password_required",
    "wrong_password",
    "removed",
    "ended",
    "bad_offer",
    "bad_track",
    "too_many_requests",
    "unavailable",
    "internal",
]


class Problem(Message):
    code: ErrorCode
    message: str
    """For people."""
    field: str | None = None
    """The offending field, dotted."""


class Failure(Message):
    type: Literal["error"] = "error"
    id: int | None
    """None where the message was too broken to have one."""
    error: Problem


class NumberedEvent(Message):
    event: Annotated[int, Field(ge=1)] = 0
    """Each session counts its own; 0 until one has taken the event."""
