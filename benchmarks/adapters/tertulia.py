"""Our own server."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.adapters.adapter import Place
from benchmarks.peer import MakeParticipant, Peer
from benchmarks.server import Server, run_server
from benchmarks.transport import Profile


class RunningTertulia(Server):
    name = "tertulia"


@dataclass(frozen=True, slots=True)
class Tertulia:
    engine: str

    @contextlib.contextmanager
    def serve(self, place: Place) -> Iterator[RunningTertulia]:
        with run_server(
            self.engine,
            place.folder,
            place.server_cpus,
            place.other_cpus,
            media_host=place.host,
        ) as server:
            running = RunningTertulia(server.pid, server.url)
            running.name = f"tertulia ({server.health()['engine']})"
            yield running

    def participant(self, host: str, profile: Profile) -> MakeParticipant:
        del host  # ICE lite: the server does not ask for our address
        return functools.partial(Peer, profile=profile)
