"""The least any forwarder on this machine can do: `sendto` of the same datagrams, nothing else.

Measured in every run, because it differs several-fold between machines and kernels: a figure says
more as a multiple of this than in µs.
"""

from __future__ import annotations

import asyncio
import itertools
import socket
import time
from typing import Final

from benchmarks.media import AUDIO_PACKETS_PER_SECOND, PACKET_SIZE, VIDEO_PACKETS_PER_SECOND
from benchmarks.transport import POLL_INTERVAL, RECEIVE_BUFFER

_TAG: Final = 16
"""Bytes AES-GCM adds (RFC 7714)."""
_AUDIO_SIZE: Final = 120


class Receivers:
    """An actor of `worker.Worker`: N sockets that are read and forgotten."""

    async def open(self, count: int) -> list[tuple[str, int]]:
        self._sockets = [_receiver() for _ in range(count)]
        self._polling = asyncio.create_task(self._poll())
        return [receiver.getsockname() for receiver in self._sockets]

    async def _poll(self) -> None:
        buffer = bytearray(2048)
        while True:
            for receiver in self._sockets:
                _drain(receiver, buffer)
            await asyncio.sleep(POLL_INTERVAL)


def _receiver() -> socket.socket:
    receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    receiver.setblocking(False)
    receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
    receiver.bind(("127.0.0.1", 0))
    return receiver


def _drain(receiver: socket.socket, buffer: bytearray) -> None:
    try:
        while True:
            receiver.recv_into(buffer)
    except BlockingIOError:
        return


class Sender:
    """An actor of `worker.Worker`."""

    async def paced(self, addresses: list[tuple[str, int]], seconds: float) -> float:
        """CPU µs per datagram, one packet at a time going to all addresses, as often as the
        publisher sends one. Caches have gone cold and the core has slept in between."""
        rate = VIDEO_PACKETS_PER_SECOND + AUDIO_PACKETS_PER_SECOND
        return await _measure(addresses, together=1, pause=1 / rate, seconds=seconds)

    async def back_to_back(self, addresses: list[tuple[str, int]], seconds: float) -> float:
        """CPU µs per datagram where nothing goes cold: many at once, as far as buffers reach."""
        return await _measure(addresses, together=200, pause=2 * POLL_INTERVAL, seconds=seconds)


async def _measure(
    addresses: list[tuple[str, int]], together: int, pause: float, seconds: float
) -> float:
    video, audio = bytes(PACKET_SIZE + _TAG), bytes(_AUDIO_SIZE + _TAG)
    packets = itertools.cycle((video, video, video, audio))
    used = sent = 0
    end = time.monotonic() + seconds
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.bind(("127.0.0.1", 0))
        while time.monotonic() < end:
            before = time.thread_time_ns()
            for packet in itertools.islice(packets, together):
                for address in addresses:
                    sender.sendto(packet, address)
            used += time.thread_time_ns() - before
            sent += together * len(addresses)
            await asyncio.sleep(pause)
    return used / 1000 / sent
