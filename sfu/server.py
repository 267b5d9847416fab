"""MediaServer: the engines and the rooms on them, for as long as the process serves.

`start` opens the sockets; `close` closes every room, which sends each client a DTLS close_notify,
and then the sockets.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack

from sfu.dtls import Certificate
from sfu.engine.choose import Choice, choose
from sfu.engine.interface import Drop, EngineStats
from sfu.engine.udp import unix_at_zero
from sfu.engine_host import EngineHost
from sfu.figures import EngineFigures
from sfu.observer import Observer, Unobserved
from sfu.policy import MediaPolicy, policy_for
from sfu.room import Room
from sfu.settings import MediaSettings
from sfu.traffic import Traffic

__all__ = ["MediaPortError", "MediaServer", "MediaSettings"]

logger = logging.getLogger(__name__)


class MediaPortError(OSError):
    """A media port cannot be had: which, and by `errno` why."""

    def __init__(self, port: int, error: OSError) -> None:
        super().__init__(error.errno, error.strerror)
        self.port = port


class MediaServer:
    """Make it by `start`."""

    def __init__(self, choice: Choice, engines: Sequence[EngineHost], policy: MediaPolicy) -> None:
        self.policy = policy
        self.engine_name = choice.name
        self.engine_reason = choice.reason
        """Why it is not the native engine, where that was wanted and cannot run."""
        self.engines = engines
        """At least one."""

    @classmethod
    async def start(cls, settings: MediaSettings, observer: Observer | None = None) -> MediaServer:
        """Raises MediaPortError if a port cannot be had, ValueError or RuntimeError for an engine
        that is unknown or cannot run; then nothing stays open."""
        choice = choose(settings.engine)
        policy = policy_for(settings.camera_codec, settings.speakers)
        hosts = _open(choice, settings, observer or Unobserved())
        server = cls(choice, hosts, policy)
        if settings.tcp:
            for host in server.engines:
                await host.listen_tcp()
        ports = ", ".join(str(host.port) for host in server.engines)
        logger.info("media by the %s engine, one on each UDP port of %s", choice.name, ports)
        return server

    @property
    def port(self) -> int:
        """The first engine's."""
        return self.engines[0].port

    @property
    def rooms(self) -> Mapping[str, Room]:
        """By id."""
        return {room.id: room for host in self.engines for room in host.rooms.values()}

    def room(self, room_id: str) -> Room:
        """Made on demand, on the engine with least to do, where it lives until its last participant
        leaves."""
        home = next((host for host in self.engines if room_id in host.rooms), None)
        return (home or min(self.engines, key=lambda host: host.load)).room(room_id)

    def figures(self) -> list[EngineFigures]:
        """By engine. Raises TimeoutError if one does not answer."""
        return [host.figures() for host in self.engines]

    def answers(self) -> bool:
        """Whether every engine does; one that does not costs a second."""
        try:
            self.figures()
        except TimeoutError:
            return False
        return True

    def stats(self) -> EngineStats:
        """Of all engines together."""
        return _sum([host.stats() for host in self.engines])

    def traffic(self) -> dict[str, Traffic]:
        """By room."""
        return {room_id: each for host in self.engines for room_id, each in host.traffic().items()}

    async def close(self) -> None:
        """Idempotent. Every engine is closed, even if one raises."""
        with ExitStack() as closing:
            for host in reversed(self.engines):
                closing.callback(host.close)


def _open(choice: Choice, settings: MediaSettings, observer: Observer) -> list[EngineHost]:
    """All of them, or none."""
    zero = unix_at_zero(asyncio.get_running_loop())
    certificate = Certificate.generateCertificate()
    numbers = itertools.count(1)
    hosts: list[EngineHost] = []
    with ExitStack() as failing:
        for number in range(settings.engines):
            own = settings.of_engine(number)
            try:
                host = EngineHost(choice.make(zero), own, certificate, numbers, observer)
            except OSError as error:
                raise MediaPortError(own.port, error) from error
            failing.callback(host.close)
            hosts.append(host)
        failing.pop_all()
    return hosts


def _sum(parts: Sequence[EngineStats]) -> EngineStats:
    """Their identifiers differ: one counter gives them all."""
    drops: Counter[Drop] = Counter()
    for part in parts:
        drops.update(part.drops)
    return EngineStats(
        drops=dict(drops),
        transports={key: value for part in parts for key, value in part.transports.items()},
        sources={key: value for part in parts for key, value in part.sources.items()},
        sinks={key: value for part in parts for key, value in part.sinks.items()},
    )
