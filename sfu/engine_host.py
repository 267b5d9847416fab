"""EngineHost: one engine with its socket, and the rooms that live on it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from sfu.connection import Site
from sfu.dtls import Certificate
from sfu.engine.choose import open_shell
from sfu.engine.interface import Engine, EngineStats, Event
from sfu.figures import EngineFigures, count
from sfu.observer import Observer
from sfu.policy import policy_for
from sfu.room import Room
from sfu.sdp.answer import Candidate
from sfu.settings import MediaSettings
from sfu.switchboard import Switchboard
from sfu.tcp import TcpGateway
from sfu.traffic import Traffic, traffic

logger = logging.getLogger(__name__)

TICK = 0.25
"""Seconds between two looks at what is due: ICE time-outs and repetitions."""


class EngineHost:
    """To be made, used and closed on the loop's thread."""

    def __init__(
        self,
        engine: Engine,
        settings: MediaSettings,
        certificate: Certificate,
        numbers: Iterator[int],
        observer: Observer,
    ) -> None:
        """`settings` are this engine's own. `numbers` become identifiers; engines that share them
        can be told of together. Raises OSError if the address cannot be had."""
        self._loop = asyncio.get_running_loop()
        self._shell = open_shell(engine, settings.host, settings.port, self._handle_events)
        self._switchboard = Switchboard(engine, self._loop.time, numbers)
        self._site = Site(
            self._switchboard,
            certificate,
            self._candidates(settings.announced),
            settings.publish_limit,
            policy_for(settings.camera_codec, settings.speakers),
            observer=observer,
        )
        self._host = settings.host
        self._tcp: TcpGateway | None = None
        self._speakers = settings.speakers
        self._rooms: dict[str, Room] = {}
        self._timer = self._loop.call_later(TICK, self._tick)

    async def listen_tcp(self) -> None:
        """Serve media over TCP, too; before there are rooms. UDP is enough for most: where the port
        is taken it stays at that."""
        try:
            self._tcp = gateway = await TcpGateway.start(self._host, self.port)
        except OSError as error:
            logger.warning("media is served over UDP alone: TCP port %d: %s", self.port, error)
            return
        over_udp = self._site.candidates
        over_tcp = [replace(candidate, tcp=True) for candidate in over_udp]
        candidates = (*over_udp, *over_tcp)
        self._site = replace(self._site, candidates=candidates, origin=gateway.origin)

    @property
    def port(self) -> int:
        """The UDP port bound."""
        return self._shell.port

    @property
    def rooms(self) -> Mapping[str, Room]:
        """By id."""
        return self._rooms

    @property
    def load(self) -> tuple[int, int]:
        """What is compared to find the engine with least to do: participants, then rooms."""
        return sum(len(room.participants) for room in self._rooms.values()), len(self._rooms)

    def room(self, room_id: str) -> Room:
        """Made on demand; gone when its last participant leaves."""
        room = self._rooms.get(room_id)
        if room is None:
            room = Room(room_id, self._site, lambda: self._rooms.pop(room_id, None), self._speakers)
            self._rooms[room_id] = room
        return room

    def stats(self) -> EngineStats:
        return self._shell.stats()

    def traffic(self) -> dict[str, Traffic]:
        """By room."""
        stats = self.stats()
        return {room.id: traffic(stats, room.connections) for room in self._rooms.values()}

    def figures(self) -> EngineFigures:
        """Raises TimeoutError if the engine does not answer."""
        people = [each for room in self._rooms.values() for each in room.participants.values()]
        return EngineFigures(
            totals=self._shell.totals(),
            load=self._shell.load(),
            connecting=self._site.connecting,
            rooms=len(self._rooms),
            participants=len(people),
            publications=count(
                track.publication.source for each in people for track in each.tracks.values()
            ),
            subscriptions=sum([each.subscriptions for each in people]),
            estimates=[found for each in people if (found := each.estimate) is not None],
        )

    def close(self) -> None:
        """Idempotent."""
        try:
            for room in list(self._rooms.values()):
                room.close("server_stopping")
        finally:
            self._timer.cancel()
            if self._tcp is not None:
                self._tcp.close()
            self._shell.close()

    def _candidates(self, announced: Sequence[tuple[str, int | None]]) -> tuple[Candidate, ...]:
        addresses = announced or [(host, None) for host in self._shell.local_addresses()]
        return tuple(Candidate(host, port or self.port) for host, port in addresses)

    def _handle_events(self, events: Sequence[Event]) -> None:
        self._switchboard.dispatch(self._loop.time(), events)

    def _tick(self) -> None:
        self._timer = self._loop.call_later(TICK, self._tick)
        now = self._loop.time()
        self._switchboard.tick(now)
        for room in list(self._rooms.values()):
            room.tick(now)
