"""MediaServer: the engine, its socket, and the rooms, for as long as the process serves.

`start` opens the socket; `close` closes every room, which sends each client a DTLS close_notify,
and then the socket.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sfu.connection import Site
from sfu.dtls import Certificate
from sfu.engine.choose import choose_engine
from sfu.engine.interface import Engine, EngineStats, Event
from sfu.engine.udp import UdpShell, unix_at_zero
from sfu.room import Room
from sfu.sdp.answer import Candidate
from sfu.switchboard import Switchboard

TICK = 0.25
"""Seconds between two looks at what is due: ICE time-outs and repetitions."""


@dataclass(frozen=True, slots=True)
class MediaSettings:
    port: int = 7882
    """UDP; 0 is any free one."""
    host: str = "127.0.0.1"
    """Address to bind; 0.0.0.0 or :: is all."""
    announced: tuple[tuple[str, int | None], ...] = ()
    """IP addresses and ports for clients, None being the port bound; empty: all local ones."""
    engine: str = "auto"
    """auto, native or reference."""
    publish_limit: int = 6_000_000
    """Bits/s, told to each publisher by REMB."""


class MediaServer:
    """Make it by `start`."""

    def __init__(self, engine: Engine, settings: MediaSettings) -> None:
        self._loop = asyncio.get_running_loop()
        self._shell = UdpShell(engine, settings.host, settings.port, self._handle_events)
        self._switchboard = Switchboard(engine, self._loop.time)
        self._site = Site(
            self._switchboard,
            Certificate.generateCertificate(),
            self._candidates(settings.announced),
            settings.publish_limit,
        )
        self._rooms: dict[str, Room] = {}
        self._timer = self._loop.call_later(TICK, self._tick)

    @classmethod
    async def start(cls, settings: MediaSettings) -> MediaServer:
        """Raises OSError if the address cannot be had, ValueError or RuntimeError for an engine
        that is unknown or not there."""
        return cls(
            choose_engine(settings.engine, unix_at_zero(asyncio.get_running_loop())), settings
        )

    @property
    def engine_name(self) -> str:
        return self._shell.engine.name

    @property
    def port(self) -> int:
        """The UDP port bound."""
        return self._shell.port

    @property
    def rooms(self) -> Mapping[str, Room]:
        """By id."""
        return self._rooms

    def room(self, room_id: str) -> Room:
        """Made on demand; gone when its last participant leaves."""
        room = self._rooms.get(room_id)
        if room is None:
            room = Room(room_id, self._site, lambda: self._rooms.pop(room_id, None))
            self._rooms[room_id] = room
        return room

    def stats(self) -> EngineStats:
        return self._shell.stats()

    async def close(self) -> None:
        """Idempotent."""
        for room in list(self._rooms.values()):
            room.close("server_stopping")
        self._timer.cancel()
        self._shell.close()

    def _candidates(self, announced: Sequence[tuple[str, int | None]]) -> tuple[Candidate, ...]:
        addresses = announced or [(host, None) for host in self._shell.local_addresses()]
        return tuple(Candidate(host, port or self.port) for host, port in addresses)

    def _handle_events(self, events: Sequence[Event]) -> None:
        self._switchboard.dispatch(self._loop.time(), events)

    def _tick(self) -> None:
        self._timer = self._loop.call_later(TICK, self._tick)
        self._switchboard.tick(self._loop.time())
