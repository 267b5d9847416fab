"""The shell around an engine: one UDP socket and one timer on the event loop."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from sfu.engine.addresses import WILDCARDS, bind, local_addresses
from sfu.engine.interface import (
    Datagram,
    Drop,
    Engine,
    EngineStats,
    EngineTotals,
    Event,
    Path,
)
from sfu.engine.load import EngineLoad

BATCH = 16
"""Datagrams per wake-up: other tasks of the loop get their turn between batches."""

_RECEIVE_SIZE = 2048
"""Bytes. Longer than any datagram the engine accepts, so that a long one is seen to be long."""

_MAX_KNOWN = 4096
"""Paths and ways remembered; each saves work per datagram and may be found again at any time."""

_IP_PKTINFO = 8
"""Linux; the socket module has no name for it before Python 3.14."""
_PKTINFO_4 = struct.Struct("@I4s4s")
_PKTINFO_6 = struct.Struct("@16sI")
_MAPPED = "::ffff:"

Ancillary = list[tuple[int, int, bytes]]


class _Way(NamedTuple):
    """How a datagram gets to a path."""

    address: tuple[str, int]
    ancillary: Ancillary | None
    """Sets the source address; None where the kernel's own choice is right."""


def unix_at_zero(loop: asyncio.AbstractEventLoop) -> float:
    """Unix time (seconds) at which the loop's clock, and so the engine's, was 0."""
    return time.time() - loop.time()


class UdpShell:
    """Runs `engine` until closed. To be made, used and closed on the loop's thread."""

    def __init__(
        self,
        engine: Engine,
        host: str,
        port: int,
        on_events: Callable[[Sequence[Event]], None],
    ) -> None:
        """`on_events` is called on the loop and must not raise. Port 0 is any free one.

        Raises OSError if the address cannot be had.
        """
        self.engine = engine
        self._on_events = on_events
        self._loop = asyncio.get_running_loop()
        self._socket = bind(host, port)
        bound: tuple[str, int] = self._socket.getsockname()[:2]
        self._host, self.port = bound
        self._drops: Counter[Drop] = Counter()
        self._load = EngineLoad()
        self._paths: dict[tuple[object, ...], Path] = {}
        self._ways: dict[Path, _Way] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._wakes_at = 0.0
        """When the timer runs; uvloop's handles of timers that are due do not know it."""
        self._wakes_at = 0.0
        self._soon: asyncio.Handle | None = None
        self._receive_one = self._receive_plain
        if self._host in WILDCARDS:
            self._ask_for_local_addresses()
        engine.on_command = self._command_queued
        self._loop.add_reader(self._socket, self._readable)

    def local_addresses(self) -> list[str]:
        """IP addresses at which peers reach the socket; a loopback address comes last."""
        return local_addresses(self._socket)

    def stats(self) -> EngineStats:
        """The engine's, and what was lost on the way out."""
        stats = self.engine.stats()
        for drop, count in self._drops.items():
            stats.drops[drop] = stats.drops.get(drop, 0) + count
        return stats

    def totals(self) -> EngineTotals:
        totals = self.engine.totals()
        for drop, count in self._drops.items():
            totals.drops[drop] = totals.drops.get(drop, 0) + count
        return totals

    def load(self) -> EngineLoad:
        return replace(self._load, delays=list(self._load.delays))

    def close(self) -> None:
        """Send what is queued, then stop. Idempotent."""
        if self._socket.fileno() < 0:
            return
        self._run(())
        self.engine.on_command = None
        self._loop.remove_reader(self._socket)
        for handle in (self._timer, self._soon):
            if handle is not None:
                handle.cancel()
        self._timer = self._soon = None
        self._socket.close()

    # Waking up

    def _readable(self) -> None:
        batch: list[Datagram] = []
        try:
            while len(batch) < BATCH:
                batch.append(self._receive_one())
        except OSError:  # nothing more to read; the reader calls again if there is
            pass
        self._run(batch)

    def _command_queued(self) -> None:
        if self._soon is None:
            self._soon = self._loop.call_soon(self._run_commands)

    def _run_commands(self) -> None:
        self._soon = None
        self._run(())

    def _timed(self) -> None:
        self._timer = None
        self._run(())

    def _run(self, batch: Sequence[Datagram]) -> None:
        began = time.monotonic()
        output = self.engine.handle(self._loop.time(), batch)
        self._send(output.datagrams)
        if batch:
            self._load.count(len(batch), time.monotonic() - began)
        self._wake_at(output.wake_at)
        if output.events:
            self._on_events(output.events)

    def _wake_at(self, when: float | None) -> None:
        """An earlier timer than needed stays: it asks again when it runs."""
        if when is None or (self._timer is not None and self._wakes_at <= when):
            return
        if self._timer is not None:
            self._timer.cancel()
        self._wakes_at = when
        self._timer = self._loop.call_at(when, self._timed)

    # Receiving

    def _receive_plain(self) -> Datagram:
        data, sender = self._socket.recvfrom(_RECEIVE_SIZE)
        path = self._paths.get(sender)
        if path is None:
            path = self._learn(sender, Path(sender[0], sender[1], self._host))
        return Datagram(path, data)

    def _receive_with_local(self) -> Datagram:
        data, ancillary, _, sender = self._socket.recvmsg(_RECEIVE_SIZE, 64)
        local = ancillary[0][2] if ancillary else b""
        path = self._paths.get((sender, local))
        if path is None:
            found = Path(_unmapped(sender[0]), sender[1], _local_address(local))
            path = self._learn((sender, local), found)
        return Datagram(path, data)

    def _learn(self, key: tuple[object, ...], path: Path) -> Path:
        if len(self._paths) >= _MAX_KNOWN:
            self._paths.clear()
        self._paths[key] = path
        return path

    def _ask_for_local_addresses(self) -> None:
        if self._socket.family == socket.AF_INET6:
            self._socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
        else:
            self._socket.setsockopt(socket.IPPROTO_IP, _IP_PKTINFO, 1)
        self._receive_one = self._receive_with_local

    # Sending

    def _send(self, datagrams: Sequence[Datagram]) -> None:
        ways = self._ways
        sendto = self._socket.sendto
        for path, data in datagrams:
            address, ancillary = ways.get(path) or self._find_way(path)
            try:
                if ancillary is None:
                    sendto(data, address)
                else:
                    self._socket.sendmsg((data,), ancillary, 0, address)
            except BlockingIOError:
                self._drops[Drop.SEND_BUFFER_FULL] += 1
            except OSError:
                self._drops[Drop.SEND_FAILED] += 1

    def _find_way(self, path: Path) -> _Way:
        if len(self._ways) >= _MAX_KNOWN:
            self._ways.clear()
        host = path.host
        if self._socket.family == socket.AF_INET6 and ":" not in host:
            host = _MAPPED + host
        ancillary = self._source_address(path) if self._host in WILDCARDS else None
        way = self._ways[path] = _Way((host, path.port), ancillary)
        return way

    def _source_address(self, path: Path) -> Ancillary | None:
        """What makes a reply leave from the address the request came to."""
        if not path.local or _default_source(path) == path.local:
            return None
        if self._socket.family == socket.AF_INET:
            local = socket.inet_aton(path.local)
            return [(socket.IPPROTO_IP, _IP_PKTINFO, _PKTINFO_4.pack(0, local, local))]
        text = path.local if ":" in path.local else _MAPPED + path.local
        packed = _PKTINFO_6.pack(socket.inet_pton(socket.AF_INET6, text), 0)
        return [(socket.IPPROTO_IPV6, socket.IPV6_PKTINFO, packed)]


def _default_source(path: Path) -> str | None:
    """The address the kernel would send from; None if it does not know the way."""
    family = socket.AF_INET6 if ":" in path.host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((path.host, path.port))
            source: str = probe.getsockname()[0]
            return source
    except OSError:
        return None


def _local_address(info: bytes) -> str:
    """The address a datagram was sent to, from its ancillary data."""
    if len(info) == _PKTINFO_6.size:
        return _unmapped(socket.inet_ntop(socket.AF_INET6, _PKTINFO_6.unpack(info)[0]))
    if len(info) == _PKTINFO_4.size:
        return socket.inet_ntoa(_PKTINFO_4.unpack(info)[1])
    return ""


def _unmapped(host: str) -> str:
    """IPv4 peers of a dual-stack socket are told by their IPv4 address."""
    return host[len(_MAPPED) :] if host.startswith(_MAPPED) else host
