"""What forwarding costs: one publisher, N subscribers, one server process on a core of its own.

For each N a fresh server; its process is watched from outside, in these steps:

1. Publisher and one spare subscriber join, and the spare leaves: what Python loads or allocates on
   first use is not charged to the subscribers.
2. N subscribers enter (guest account, `/ws`, join), then connect (offer, answer, ICE, DTLS).
3. The publisher publishes; when everybody gets both streams, windows of time are measured.
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

from benchmarks import baseline
from benchmarks.core import Core, watch_core
from benchmarks.crowd import Crowd
from benchmarks.machine import Machine, describe_machine, split_cpus
from benchmarks.publisher import Publisher, Sent
from benchmarks.server import Server, run_server
from benchmarks.subscribers import Counts, Subscribers
from benchmarks.worker import Worker

STREAMS: Final = 2
"""Of the publisher: voice and picture."""
_SETTLE: Final = 1.0
"""Seconds for what a step set going (garbage, events, first packets) to pass."""


@dataclass(frozen=True, slots=True)
class Options:
    engine: str
    subscribers: tuple[int, ...]
    seconds: float
    """Of one window."""
    windows: int
    burst: int
    """Video packets of one frame, sent back to back."""
    awake: bool
    """Keep the server's core from idling: see `core.watch_core`."""


@dataclass(frozen=True, slots=True)
class Window:
    cpu_us_per_packet: float
    """Server CPU over packets that arrived."""
    packets_in: float
    """RTP packets a second from the publisher."""
    packets_out: float
    """RTP packets a second at the subscribers."""
    lost: int
    """Gaps in the sequence numbers subscribers saw."""
    core_percent: float
    """Of the server's core, used by the server."""
    others_percent: float
    """Of the server's core, used by anybody else: they empty its caches, which makes every packet
    dearer. Near 0 on a machine that does nothing else."""


@dataclass(frozen=True, slots=True)
class Join:
    """Per subscriber, mean over all."""

    enter_cpu_ms: float
    """Guest account, `/ws`, join, and telling everybody else."""
    connect_cpu_ms: float
    """Offer, answer, ICE, DTLS."""
    enter_rss_kib: float
    connect_rss_kib: float
    """Growth of the server by either step, before media flow."""


@dataclass(frozen=True, slots=True)
class BareSendto:
    """`baseline.Sender` with as many addresses, on the server's core, right after."""

    back_to_back_us: float
    paced_us: float


@dataclass(frozen=True, slots=True)
class Result:
    subscribers: int
    cpu_us_per_packet: float
    """Median of the windows."""
    bare_sendto: BareSendto
    loss: float
    """Share of packets lost, all windows together: 0..1."""
    join: Join
    rss_kib_per_participant: float
    """Growth by join and by media history, after the windows, publisher not counted."""
    idle_core_percent: float
    """With everybody connected and nothing sent."""
    generator_percent: float
    """Share of its core the busiest subscriber process used; near 100 the figures are void."""
    verified: int
    """Sampled packets that decrypted to what was published."""
    wrong: int
    keyframe_requests: int
    windows: list[Window] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        """How many bare sendtos, back to back, a forwarded packet costs."""
        return self.cpu_us_per_packet / self.bare_sendto.back_to_back_us


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
        for count in options.subscribers:
            progress(f"{count} subscribers …")
            data = Path(folder) / "data"
            with run_server(options.engine, data, server_cpus, generator_cpus) as server:
                engine = str(server.health()["engine"])
                results.append(_measure(server, options, count, machine))
    return Report(machine, options, engine, results)


def _measure(server: Server, options: Options, count: int, machine: Machine) -> Result:
    with contextlib.ExitStack() as stack:
        core = stack.enter_context(watch_core(machine.server_cpus[0], awake=options.awake))
        publisher = stack.enter_context(Worker(Publisher, machine.generator_cpus))
        crowd = Crowd(stack, machine.generator_cpus, count)
        meeting = server.create_meeting()
        publisher.call(Publisher.connect, server.url, meeting, options.burst)
        _warm_up(server, meeting, machine.generator_cpus)
        before = server.rss()
        join = _join(server, crowd, meeting, count)
        idle = _cpu_during(server, lambda: time.sleep(options.seconds)) / options.seconds
        publisher.call(Publisher.publish)
        crowd.await_streams(STREAMS * count)
        time.sleep(_SETTLE)
        first = _moment(server, publisher, crowd, core)
        windows = [
            _window(server, publisher, crowd, core, options.seconds) for _ in range(options.windows)
        ]
        last = _moment(server, publisher, crowd, core)
        rss = server.rss() - before
        crowd.leave()
        publisher.call(Publisher.leave)
        bare = _bare_sendto(machine, count, options.seconds)
    total = last.counts - first.counts
    return Result(
        subscribers=count,
        cpu_us_per_packet=statistics.median(window.cpu_us_per_packet for window in windows),
        bare_sendto=bare,
        loss=1 - total.packets / total.expected,
        join=join,
        rss_kib_per_participant=rss / count,
        idle_core_percent=100 * idle,
        generator_percent=_busiest(first, last),
        verified=total.verified,
        wrong=total.wrong,
        keyframe_requests=last.sent.keyframe_requests,
        windows=windows,
    )


def _warm_up(server: Server, meeting: str, cpus: Sequence[int]) -> None:
    with Worker(Subscribers, cpus) as spare:
        spare.call(Subscribers.enter, server.url, meeting, 1)
        spare.call(Subscribers.connect)
        spare.call(Subscribers.leave)
    time.sleep(_SETTLE)


def _join(server: Server, crowd: Crowd, meeting: str, count: int) -> Join:
    memory = [server.rss()]
    enter = _cpu_during(server, lambda: crowd.enter(server.url, meeting))
    time.sleep(_SETTLE)
    memory.append(server.rss())
    connect = _cpu_during(server, crowd.connect)
    time.sleep(_SETTLE)
    memory.append(server.rss())
    return Join(
        enter_cpu_ms=1000 * enter / count,
        connect_cpu_ms=1000 * connect / count,
        enter_rss_kib=(memory[1] - memory[0]) / count,
        connect_rss_kib=(memory[2] - memory[1]) / count,
    )


def _cpu_during(server: Server, action: Callable[[], None]) -> float:
    """Seconds of server CPU."""
    before = server.cpu()
    action()
    return server.cpu() - before


def _window(
    server: Server, publisher: Worker[Publisher], crowd: Crowd, core: Core, seconds: float
) -> Window:
    before = _moment(server, publisher, crowd, core)
    time.sleep(seconds)
    after = _moment(server, publisher, crowd, core)
    elapsed = after.time - before.time
    cpu = after.cpu - before.cpu
    busy = after.core - before.core
    got = after.counts - before.counts
    return Window(
        cpu_us_per_packet=1e6 * cpu / got.packets,
        packets_in=(after.sent.packets - before.sent.packets) / elapsed,
        packets_out=got.packets / elapsed,
        lost=got.expected - got.packets,
        core_percent=100 * cpu / elapsed,
        others_percent=max(0.0, 100 * (busy - cpu) / elapsed),
    )


@dataclass(frozen=True, slots=True)
class _Moment:
    time: float
    cpu: float
    """Seconds the server has used."""
    core: float
    """Seconds the server's core was busy with anything."""
    generators: list[float]
    """Seconds each subscriber process has used."""
    sent: Sent
    counts: Counts


def _moment(server: Server, publisher: Worker[Publisher], crowd: Crowd, core: Core) -> _Moment:
    return _Moment(
        time=time.monotonic(),
        cpu=server.cpu(),
        core=core.busy_seconds(),
        generators=crowd.cpu(),
        sent=publisher.call(Publisher.sent),
        counts=crowd.counts(),
    )


def _busiest(first: _Moment, last: _Moment) -> float:
    """Percent of its core."""
    used = (now - then for now, then in zip(last.generators, first.generators, strict=True))
    return 100 * max(used) / (last.time - first.time)


def _bare_sendto(machine: Machine, count: int, seconds: float) -> BareSendto:
    with (
        Worker(baseline.Receivers, machine.generator_cpus) as receivers,
        Worker(baseline.Sender, machine.server_cpus) as sender,
    ):
        addresses = receivers.call(baseline.Receivers.open, count)
        return BareSendto(
            sender.call(baseline.Sender.back_to_back, addresses, seconds),
            sender.call(baseline.Sender.paced, addresses, seconds),
        )
