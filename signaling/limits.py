"""How much and how long, in one place. Tests shrink them; docs/signaling.md lists them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """All times in seconds, all sizes in bytes."""

    authentication: float = 10.0
    """From the opened connection to a valid `authenticate`."""
    heartbeat: float = 15.0
    """Between pings of an idle connection; half as long for the answer."""
    grace: float = 30.0
    """A session outlives its connection by this."""
    request: float = 10.0
    """To answer one request."""
    send: float = 10.0
    """For one message to get into the client's TCP window."""
    close: float = 1.0
    """To say goodbye."""

    queue_messages: int = 1000
    queue_bytes: int = 1024 * 1024
    """What may wait for one slow reader."""
    replay_messages: int = 500
    replay_bytes: int = 256 * 1024
    """Events kept for a client that comes back; they must fit into its queue."""

    rate: float = 50.0
    """Messages per second a connection may send for long; 16 KiB count as one more message."""
    burst: float = 200.0

    strangers: int = 1000
    """Connections that have not authenticated; of more, those go that have waited for longest."""
    connections_per_person: int = 20
    connection_rate: float = 1.0
    """Connections per second a person may open for long."""
    connection_burst: float = 100.0

    sessions_per_person: int = 100
    participants: int = 100
    """In one meeting."""
    waiting: int = 200
    """In the lobby of one meeting."""
    guesses: int = 5
    """Of a meeting's password, each minute and person."""
    reactions: float = 3.0
    """Of a participant, each second."""
    chat_rate: float = 20.0
    """Requests of chat per second one person may send for long, over all connections."""
    chat_burst: float = 100.0
