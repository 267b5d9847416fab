"""Meetings, and guests in them."""

from __future__ import annotations

from api.models.common import Model, Moment, Name, Title


class NewMeeting(Model):
    title: Title = ""
    guests_allowed: bool = True


class NewGuest(Model):
    name: Name


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
    created_at: Moment
    host: Host


class Guest(Model):
    """`token` is good for this one meeting."""

    token: str
    name: str
    meeting_id: str
