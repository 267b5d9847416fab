"""The control plane's figures as families of samples, read where they are when somebody asks."""

from __future__ import annotations

import platform
from collections.abc import Iterator

from aiohttp import web

from api.context import DATABASE, GATEWAY, LIMITER, MEDIA, SOCKETS, THROTTLE
from api.health import VERSION
from api.metrics.families import Labels, counter, gauge


class ControlCollector:
    def __init__(self, app: web.Application) -> None:
        self._app = app

    def collect(self) -> Iterator[str]:
        app, hub = self._app, self._app[GATEWAY].hub
        yield gauge(
            "build_info",
            "1; what runs is in the labels.",
            {(VERSION, app[MEDIA].engine_name, platform.python_version()): 1},
            ("version", "engine", "python"),
        )
        yield gauge("ws_connections", "WebSockets that are open.", app[SOCKETS].open)
        yield gauge("sessions", "Clients known, connected or coming back.", len(hub.sessions))
        yield gauge("meetings", "Meetings that somebody is in.", len(hub.meetings))
        members = sum(len(meeting.members) for meeting in hub.meetings.values())
        yield gauge("meeting_participants", "People in meetings.", members)
        yield gauge("lobby_people", "People who wait to be let in.", hub.lobbies.size)
        yield from self._queues()
        yield from self._database()
        yield from self._refusals()

    def _queues(self) -> Iterator[str]:
        hub = self._app[GATEWAY].hub
        waiting = [
            session.outbox.waiting
            for session in hub.sessions.values()
            if session.outbox is not None
        ]
        yield gauge("ws_queued_messages", "Messages that wait for their client.", sum(waiting))
        longest = max(waiting, default=0)
        yield gauge("ws_longest_queue_messages", "Of the client with the most.", longest)
        if hub.chat is not None:
            chat = hub.chat
            yield counter("chat_messages", "Messages said in conversations.", chat.said)

    def _database(self) -> Iterator[str]:
        usage = self._app[DATABASE].usage
        states: dict[Labels, float] = {
            ("in_use",): usage.in_use,
            ("idle",): usage.idle,
            ("free",): usage.most - usage.in_use - usage.idle,
        }
        text = "Connections to PostgreSQL; free ones would be opened when needed."
        yield gauge("database_connections", text, states, ("state",))
        yield gauge("database_waiting", "Statements that wait for a connection.", usage.waiting)

    def _refusals(self) -> Iterator[str]:
        failures = self._app[THROTTLE].failures
        yield counter("login_failures", "Passwords that were wrong.", failures)
        refused = self._app[LIMITER].refused
        samples: dict[Labels, float] = {
            (scope, cost): count for (scope, cost), count in refused.items()
        }
        samples["address", "ws"] = self._app[SOCKETS].refused
        text = "Requests refused because there were too many."
        yield counter("rate_limited", text, samples, ("scope", "cost"))
