"""Meetings, who is in them, and guests."""

from __future__ import annotations

from datetime import MAXYEAR, MINYEAR, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from api.models.common import Id, Model, Moment, Name, Printable, Title
from api.paging import PageQuery

MAX_PARTICIPANTS = 1000


def _start(moment: datetime) -> datetime:
    """The first and the last moment of all mean infinity to PostgreSQL, and another time zone may
    leave the calendar."""
    if not MINYEAR < moment.year < MAXYEAR:
        raise ValueError("is too far away")
    return moment


Lobby = Literal["off", "guests", "all"]
Role = Literal["host", "cohost", "participant", "guest"]
MeetingPassword = Annotated[str, StringConstraints(min_length=1, max_length=128), Printable]
Start = Annotated[Moment, AfterValidator(_start)]
Limit = Annotated[int, Field(ge=2, le=MAX_PARTICIPANTS)]


class NewMeeting(Model):
    title: Title = ""
    starts_at: Start | None = None
    """When it is planned for. It can be entered at any time."""
    guests_allowed: bool = True
    lobby: Lobby = "off"
    """Who waits until a host lets him in."""
    locked: bool = False
    """Nobody new comes in."""
    password: MeetingPassword | None = None
    max_participants: Limit | None = None
    """At a time; null: as many as the server allows."""


class MeetingChanges(Model):
    """What is left out stays as it is."""

    title: Title = ""
    starts_at: Start | None = None
    guests_allowed: bool = True
    lobby: Lobby = "off"
    locked: bool = False
    password: MeetingPassword | None = None
    """Null takes it away."""
    max_participants: Limit | None = None


class NewGuest(Model):
    name: Name
    password: Annotated[str, StringConstraints(max_length=128)] | None = None
    """The meeting's, where it has one."""


class Host(Model):
    id: int
    name: str


class Meeting(Model):
    """Whoever knows the unguessable `id` is invited."""

    id: str
    title: str
    starts_at: Moment | None
    ended_at: Moment | None
    running: bool
    """Somebody is in it now."""
    guests_allowed: bool
    lobby: Lobby
    locked: bool
    password_required: bool
    max_participants: int | None
    url: str
    """The invite link."""
    created_at: Moment
    host: Host
    role: Role | None
    """What you are in it; null: you have not been let in."""
    version: int


class MeetingsQuery(PageQuery):
    ended: bool | None = None
    """Only those that have ended, or have not."""


class MeetingMember(Model):
    user_id: int
    name: str
    role: Literal["host", "cohost", "participant"]
    joined_at: Moment
    removed_at: Moment | None
    """Put out since, and kept out."""


class NewMemberRole(Model):
    role: Literal["cohost", "participant"]


class NewHost(Model):
    user_id: Id


class Guest(Model):
    """`token` is good for this one meeting."""

    token: str
    name: str
    meeting_id: str
