"""What forwarding costs: one publisher, N subscribers, one server process on a core of its own.

For each N and SRTP profile a fresh server; its process is watched from outside, in these steps:

1. Publisher and one spare subscriber join, and the spare leaves: what Python loads or allocates on
   first use is not charged to the subscribers.
2. N subscribers enter (guest account, `/ws`, join), then connect (offer, answer, ICE, DTLS).
3. The publisher publishes. When everybody gets both streams, windows of time are measured, in turn
   with windows of what the server is compared with.
"""

from __future__ import annotations

import contextlib
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.core import process_seconds, watch_core
from benchmarks.floor import Floor
from benchmarks.join import Join, cpu_during, join, publisher_rss, warm_up
from benchmarks.latency import Latency, latency
from benchmarks.machine import Machine, describe_machine, split_cpus
from benchmarks.options import Options
from benchmarks.receivers import Counts
from benchmarks.room import FLOOR, LOOPBACK, Load, Room
from benchmarks.server import Server, ServerError, run_server
from benchmarks.subscribers import SERVER
from benchmarks.transport import Profile
from benchmarks.trial import Highest, search
from benchmarks.window import Cores, Phase, Window
from benchmarks.worker import Worker

ONE_ENGINE: Final = "one engine"
"""Name of the windows in which only one of several rooms is loaded."""


@dataclass(frozen=True, slots=True)
class Result:
    subscribers: int
    """Of each room."""
    profile: Profile
    windows: dict[str, list[Window]]
    """By what forwarded: the server, and what it is compared with."""
    latency: dict[str, Latency | None]
    """By what forwarded."""
    join: Join
    rss_kib_per_participant: float
    """Growth by join and by media history, after the windows, publisher not counted."""
    rss_kib_per_publisher: float
    """Growth by one more who publishes, watched by nobody."""
    idle_core_percent: float
    """With everybody connected and nothing sent."""
    verified: int
    """Sampled packets that decrypted to what was published."""
    wrong: int
    keyframe_requests: int
    highest: dict[str, Highest] = field(default_factory=dict)
    """By what forwarded, where the highest rate was looked for."""

    def cpu_us_per_packet(self, who: str = SERVER) -> float:
        """Median of the windows."""
        return statistics.median(window.cpu_us_per_packet for window in self.windows[who])

    def ratio(self, other: str) -> float | None:
        """How many times as much as `other` a forwarded packet costs; None: not measured."""
        if other not in self.windows:
            return None
        return self.cpu_us_per_packet() / self.cpu_us_per_packet(other)

    def loss(self, who: str = SERVER) -> float:
        """Share of the packets, all windows together: 0..1."""
        lost = sum(window.lost for window in self.windows[who])
        return lost / max(1, lost + sum(window.packets for window in self.windows[who]))

    @property
    def saturated(self) -> bool:
        """The load generator could do no more in some window."""
        return any(window.saturated for windows in self.windows.values() for window in windows)


@dataclass(frozen=True, slots=True)
class Report:
    machine: Machine
    options: Options
    engine: str
    """That the server says it runs."""
    results: list[Result]


def run(options: Options, progress: Callable[[str], None]) -> Report:
    server_cpus, generator_cpus = split_cpus()
    machine = describe_machine(server_cpus, generator_cpus)
    results = []
    with tempfile.TemporaryDirectory(prefix="tertulia-benchmark-") as folder:
        Path(folder).chmod(0o755)  # PostgreSQL runs as another user where we are root
        for profile in options.profiles:
            for count in options.subscribers:
                progress(f"{count} subscribers, {profile} …")
                load = Load(count, profile, options.traffic, options.joined)
                with run_server(
                    options.engine,
                    Path(folder) / "data",
                    server_cpus,
                    generator_cpus,
                    engines=options.engines,
                    busy_loop=options.busy_loop,
                ) as server:
                    engine = str(server.health()["engine"])
                    with contextlib.ExitStack() as stack:
                        bench = _Bench(stack, server, options, load, machine)
                        results.append(bench.measure())
    return Report(machine, options, engine, results)


class _Bench:
    """A server with everybody who puts load on it."""

    def __init__(
        self,
        stack: contextlib.ExitStack,
        server: Server,
        options: Options,
        load: Load,
        machine: Machine,
    ) -> None:
        self._server = server
        self._options = options
        self._load = load
        self._cpus = machine.generator_cpus
        watched = watch_core(machine.server_cpus[0], awake=options.awake)
        self._cores = Cores(
            stack.enter_context(watched),
            [stack.enter_context(watch_core(cpu, awake=False)) for cpu in self._cpus],
        )
        self._rooms = [Room(stack, self._cpus, load) for _ in range(options.engines)]
        self._floor = (
            stack.enter_context(Worker(Floor, machine.server_cpus)) if options.floor else None
        )

    def measure(self) -> Result:
        server, rooms, first = self._server, self._rooms, self._rooms[0]
        meetings = [server.create_meeting() for _ in rooms]
        self._open(meetings)
        warm_up(server, meetings[0], self._cpus)
        before = server.rss()
        joined = join(server, rooms, meetings)
        idle = cpu_during(server, lambda: time.sleep(self._options.seconds))
        for room in rooms:
            room.publish()
            room.pause()
            room.await_silence(SERVER)
        phases = self._phases()
        highest = self._search(first) if self._options.rate == "max" else {}
        counted = self._counts()
        windows = self._measure_in_turn(phases)
        verified = self._counts() - counted
        rss = server.rss() - before
        result = Result(
            subscribers=self._load.subscribers,
            profile=self._load.profile,
            windows=windows,
            latency={name: latency(first.crowd.ages(name)) for name in (SERVER, *self._others())},
            join=joined,
            rss_kib_per_participant=rss / (len(rooms) * self._load.subscribers),
            rss_kib_per_publisher=publisher_rss(server, self._load, self._cpus),
            idle_core_percent=100 * idle / self._options.seconds,
            verified=verified.verified,
            wrong=verified.wrong,
            keyframe_requests=first.sent(SERVER).keyframe_requests,
            highest=highest,
        )
        self._close()
        return result

    def _open(self, meetings: Sequence[str]) -> None:
        rooms = zip(self._rooms, meetings, strict=True)
        addresses = [room.open(self._server.url, meeting) for room, meeting in rooms]
        if len(set(addresses)) < len(addresses):
            raise ServerError("two rooms are on one engine")

    def _others(self) -> list[str]:
        """Groups of receivers the publisher of the first room sends to beside the server."""
        return [FLOOR, LOOPBACK] if self._floor else [LOOPBACK]

    def _phases(self) -> dict[str, Phase]:
        first = self._rooms[:1]
        phases = {SERVER: Phase(SERVER, self._rooms, self._server.cpu)}
        if len(self._rooms) > 1:
            phases[ONE_ENGINE] = Phase(SERVER, first, self._server.cpu)
        if self._floor:
            first[0].open_floor(self._floor)
            pid = self._floor.call(Floor.pid)
            phases[FLOOR] = Phase(FLOOR, first, lambda: process_seconds(pid))
        first[0].open_loopback()
        return phases

    def _measure_in_turn(self, phases: dict[str, Phase]) -> dict[str, list[Window]]:
        """A B A B …, so that what disturbs the machine for a while disturbs all of them."""
        windows: dict[str, list[Window]] = {name: [] for name in phases}
        for _ in range(self._options.windows):
            for name, phase in phases.items():
                windows[name].append(phase.run(self._options.seconds, self._cores))
        Phase(LOOPBACK, self._rooms[:1], time.process_time).run(self._options.seconds, self._cores)
        return windows

    def _search(self, room: Room) -> dict[str, Highest]:
        """Leaves the room at the server's."""
        names = [FLOOR, SERVER] if self._floor else [SERVER]
        return {name: search(room, name) for name in names}

    def _counts(self) -> Counts:
        return sum((room.counts(SERVER) for room in self._rooms), Counts())

    def _close(self) -> None:
        if self._floor:
            self._floor.call(Floor.stop)
        for room in self._rooms:
            room.leave()
