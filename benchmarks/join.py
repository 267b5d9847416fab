"""What it costs a server that somebody comes in."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from benchmarks.peer import Peer
from benchmarks.publisher import Publisher
from benchmarks.room import Load, Room
from benchmarks.server import Server
from benchmarks.subscribers import Subscribers
from benchmarks.worker import Worker

_SETTLE: Final = 1.0
"""Seconds for what a step set going (garbage, events, first packets) to pass."""
_HISTORY: Final = 2.5
"""Seconds after which the server keeps as many packets of a publisher as it ever will."""


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


def warm_up(server: Server, meeting: str, cpus: Sequence[int]) -> None:
    """What Python loads or allocates on first use is not charged to those who come later."""
    with Worker(Subscribers, cpus) as spare:
        spare.call(Subscribers.enter, server.url, meeting, 1)
        spare.call(Subscribers.connect)
        spare.call(Subscribers.leave)
    time.sleep(_SETTLE)


def join(server: Server, rooms: Sequence[Room], meetings: Sequence[str]) -> Join:
    """All subscribers of all rooms."""
    count = sum(room.load.subscribers for room in rooms)
    memory = [server.rss()]
    began = server.cpu()
    for room, meeting in zip(rooms, meetings, strict=True):
        room.crowd.enter(server.url, meeting)
    entered = server.cpu()
    time.sleep(_SETTLE)
    memory.append(server.rss())
    connecting = server.cpu()
    for room in rooms:
        room.crowd.connect()
    connected = server.cpu()
    time.sleep(_SETTLE)
    memory.append(server.rss())
    return Join(
        enter_cpu_ms=1000 * (entered - began) / count,
        connect_cpu_ms=1000 * (connected - connecting) / count,
        enter_rss_kib=(memory[1] - memory[0]) / count,
        connect_rss_kib=(memory[2] - memory[1]) / count,
    )


def publisher_rss(server: Server, load: Load, cpus: Sequence[int]) -> int:
    """KiB by which the server grows when one more comes and sends, watched by nobody."""
    with Worker(partial(Publisher, partial(Peer, profile=load.profile)), cpus) as spare:
        meeting = server.create_meeting()
        before = server.rss()
        spare.call(Publisher.connect, server.url, meeting, load.traffic)
        spare.call(Publisher.publish)
        time.sleep(_HISTORY)
        grown = server.rss() - before
        spare.call(Publisher.leave)
    return grown


def cpu_during(server: Server, action: Callable[[], None]) -> float:
    """Seconds of server CPU."""
    before = server.cpu()
    action()
    return server.cpu() - before
