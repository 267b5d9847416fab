"""The life of a connection: authentication, keeping it alive, its end."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from signaling.messages.base import Identifier, Message, Name, Request, Result, Secret


class ResumeTicket(Message):
    """To take up a session after its connection was lost."""

    session_id: Identifier
    secret: Secret
    last_event: Annotated[int, Field(ge=0)]


class AuthenticateResult(Result):
    session_id: Identifier
    secret: Secret
    """For the next resume or for replacing this participant after a reload; used once."""
    resumed: bool
    """False: start afresh; anything joined before is gone."""
    grace: float
    """Seconds a lost connection may take to come back."""
    heartbeat: float
    """Seconds after which a silent client should `ping`."""
    name: Name
    user_id: int | None
    guest_id: int | None
    """As authors of messages are known: one of the two is null."""
    guest: bool


class Authenticate(Request):
    """First message of every connection; anything else before it closes the connection."""

    result = AuthenticateResult
    type: Literal["authenticate"]
    token: Annotated[str, Field(min_length=1, max_length=4096)]
    resume: ResumeTicket | None = None


class Ping(Request):
    type: Literal["ping"]


ClosingReason = Literal[
    "not_authenticated",
    "bad_token",
    "message_too_large",
    "too_slow",
    "too_many_requests",
    "replaced",
    "session_ended",
    "server_stopping",
]


class Closing(Message):
    """Last message before the server closes the connection."""

    type: Literal["closing"] = "closing"
    reason: ClosingReason
    message: str


class ServerStopping(Message):
    """The server is about to stop, most likely to start again. No meeting begins any more; those
    that run may go on for a while. Then `closing` comes."""

    type: Literal["server_stopping"] = "server_stopping"
    seconds: Annotated[float, Field(ge=0)]
    """How long at most, from now."""


Requests = Authenticate | Ping
States = Closing | ServerStopping
