"""What forwarding costs others: several servers, one load, in one run.

All servers run at once on the same core, each with a publisher and N subscribers of its own; but
only one at a time is sent anything. Windows go around in turn, there and back, so that what changes
on the machine meanwhile changes for all. The load generator is the same for all but for the
signaling, and has the other cores.
"""

from __future__ import annotations

import contextlib
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.adapters.adapter import Adapter, Place, Running
from benchmarks.core import watch_core
from benchmarks.crowd import NothingFlowsError
from benchmarks.machine import Machine, describe_machine, split_cpus
from benchmarks.process import STOP_TIMEOUT
from benchmarks.receivers import Counts
from benchmarks.room import Load, Room
from benchmarks.subscribers import SERVER
from benchmarks.traffic import Traffic
from benchmarks.transport import Profile
from benchmarks.window import Cores, Phase, Window

_LOOK: Final = 0.3
"""Seconds over which is counted whether everything flows."""
_FLOW_TIMEOUT: Final = 15.0
_FLOWING: Final = 0.9
"""Share of what is sent that arrives when everybody gets everything; publisher and subscribers are
asked one after another, so so short a look tells no more."""
_RESTING: Final = 0.25
"""Seconds between looks at the sockets of those who are sent nothing."""


@dataclass(frozen=True, slots=True)
class Options:
    profiles: tuple[Profile, ...]
    subscribers: int
    traffic: Traffic
    seconds: float
    """Of one window."""
    windows: int
    """For each server."""


@dataclass(frozen=True, slots=True)
class Result:
    name: str
    cpu_us_per_packet: float
    """Median of the windows."""
    loss: float
    """Gaps in sequence numbers over what should have come: 0..1, all windows together."""
    delivered: float
    """Packets that arrived over those sent times subscribers, which tells also of what left no gap;
    in whole turns, with what nobody gets before a keyframe."""
    rss_mib: float
    """Of the process, with everybody there and media flowing."""
    rss_kib_per_subscriber: float
    """Its growth since the publisher was there alone."""
    verified: int
    """Sampled packets that decrypted to what was published."""
    wrong: int
    windows: list[Window]


@dataclass(frozen=True, slots=True)
class Comparison:
    profile: Profile
    results: list[Result]
    """The others are compared with the first."""

    def ratio(self, result: Result) -> float:
        return result.cpu_us_per_packet / self.results[0].cpu_us_per_packet


@dataclass(frozen=True, slots=True)
class Report:
    machine: Machine
    options: Options
    comparisons: list[Comparison]


def run(
    adapters: Mapping[str, Adapter], options: Options, host: str, progress: Callable[[str], None]
) -> Report:
    """`host`: address of this machine that all of them use for media."""
    server_cpus, generator_cpus = split_cpus()
    machine = describe_machine(server_cpus, generator_cpus)
    comparisons = []
    for profile in options.profiles:
        progress(f"{options.subscribers} subscribers, {profile}: {', '.join(adapters)} …")
        load = Load(options.subscribers, profile, options.traffic, joined=False)
        with _folder() as folder, contextlib.ExitStack() as stack:
            contenders = []
            for name, adapter in adapters.items():
                (folder / name).mkdir(mode=0o755)
                place = Place(folder / name, host, server_cpus, generator_cpus)
                contenders.append(Contender(stack, adapter, place, load))
            cores = Cores(
                stack.enter_context(watch_core(server_cpus[0], awake=False)),
                [stack.enter_context(watch_core(cpu, awake=False)) for cpu in generator_cpus],
            )
            for turn in range(options.windows):
                for contender in contenders if turn % 2 == 0 else reversed(contenders):
                    contender.take_turn(options.seconds, cores)
            comparisons.append(Comparison(profile, [each.result() for each in contenders]))
    return Report(machine, options, comparisons)


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    """Gone afterwards, but for the servers' logs if anything fails."""
    folder = Path(tempfile.mkdtemp(prefix="tertulia-peers-"))
    folder.chmod(0o755)  # PostgreSQL runs as another user where we are root
    logs: list[Path] = []
    try:
        yield folder
    except Exception as error:
        logs += folder.glob("*.log")
        if logs:
            error.add_note(f"All they said: {', '.join(map(str, logs))}")
        raise
    finally:
        for entry in folder.iterdir():
            if entry.is_dir():
                _remove(entry)
            elif entry not in logs:
                entry.unlink()
        if not logs:
            folder.rmdir()


def _remove(folder: Path) -> None:
    """A database whose server was interrupted may be there for a moment longer, and write."""
    deadline = time.monotonic() + STOP_TIMEOUT
    while folder.exists() and time.monotonic() < deadline:
        shutil.rmtree(folder, ignore_errors=True)
        time.sleep(0.05)


class Contender:
    """One server with publisher and crowd. Rests but for its turns."""

    def __init__(
        self, stack: contextlib.ExitStack, adapter: Adapter, place: Place, load: Load
    ) -> None:
        self._subscribers = load.subscribers
        self._windows: list[Window] = []
        self._sent = 0
        self._server: Running = stack.enter_context(adapter.serve(place))
        make = adapter.participant(place.host, load.profile)
        self._room = Room(stack, place.other_cpus, load, make)
        self._rss_alone = self._join()
        self._room.await_silence(SERVER)
        self._rest()
        self._counted = self._room.counts(SERVER)

    def _join(self) -> int:
        """KiB of the server's memory before the crowd came."""
        server, room = self._server, self._room
        meeting = server.create_meeting()
        room.open(server.url, meeting)
        alone = server.rss()
        room.crowd.enter(server.url, meeting)
        room.crowd.connect()
        room.publish()
        room.pause()
        return alone

    def take_turn(self, seconds: float, cores: Cores) -> None:
        self._room.crowd.poll()
        before = self._room.sent(SERVER).packets
        self._room.resume(SERVER)
        self._await_flow()
        phase = Phase(SERVER, [self._room], self._server.cpu)
        self._windows.append(phase.run(seconds, cores))
        self._sent += self._room.sent(SERVER).packets - before
        self._rss = self._server.rss()
        self._rest()

    def result(self) -> Result:
        packets = sum(window.packets for window in self._windows)
        lost = sum(window.lost for window in self._windows)
        counts: Counts = self._room.counts(SERVER) - self._counted
        return Result(
            name=self._server.name,
            cpu_us_per_packet=statistics.median(each.cpu_us_per_packet for each in self._windows),
            loss=lost / max(1, lost + packets),
            delivered=counts.packets / (self._sent * self._subscribers),
            rss_mib=self._rss / 1024,
            rss_kib_per_subscriber=(self._rss - self._rss_alone) / self._subscribers,
            verified=counts.verified,
            wrong=counts.wrong,
            windows=self._windows,
        )

    def _rest(self) -> None:
        self._room.crowd.poll(_RESTING)

    def _await_flow(self) -> None:
        """Servers may need a keyframe, or to notice somebody speaks, before they go on."""
        deadline = time.monotonic() + _FLOW_TIMEOUT
        arrived = 0.0
        while arrived < _FLOWING:
            if time.monotonic() > deadline:
                raise NothingFlowsError(
                    f"{100 * arrived:.0f} % of what should reach the subscribers of "
                    f"{self._server.name} does"
                )
            sent, got = self._room.sent(SERVER).packets, self._room.counts(SERVER).packets
            time.sleep(_LOOK)
            expected = (self._room.sent(SERVER).packets - sent) * self._subscribers
            arrived = (self._room.counts(SERVER).packets - got) / max(1, expected)
