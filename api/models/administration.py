"""What administrators see and do."""

from __future__ import annotations

from typing import Annotated, Any, Literal

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


class RunningMeeting(Model):
    """A meeting somebody is in now. The figures are of the connections that are open now, since
    each was opened."""

    id: str
    title: str
    host: Named
    began_at: Moment
    """When the first of those came in who have been there since."""
    participants: int
    """Devices: who is there with two counts twice."""
    waiting: int
    """In the lobby."""
    tracks: int
    """Cameras, microphones and screens that are published."""
    packets_received: int
    bytes_received: int
    packets_lost: int
    """On their way to the server."""
    packets_recovered: int
    """Of these, as they were sent again."""
    packets_forwarded: int
    bytes_forwarded: int
    packets_retransmitted: int
    """Sent again to those who had lost them."""


class DatabaseHealth(Model):
    reachable: bool
    connections: int
    """In use now."""
    max_connections: int


class ServerHealth(Model):
    version: str
    started_at: Moment
    engine: Literal["native", "reference"]
    """What forwards media."""
    engine_reason: str | None
    """Why it is not the native engine, where that was wanted and cannot run."""
    engines: int
    """How many of it run."""
    signup: str
    """Who may make an account: `open`, `invite` or `closed`."""
    cpu_seconds: float
    """Of processors' time since the start, of all threads together."""
    memory: int
    """Bytes of it that are resident."""
    sockets: int
    """Open connections to `/ws`."""
    sessions: int
    """Of signaling; one outlives its connection for a moment."""
    meetings: int
    """Running now."""
    participants: int
    """Of all of them."""
    database: DatabaseHealth
    disk_free: int
    """Bytes, where the data directory is."""
    disk_size: int
