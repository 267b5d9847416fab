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
from benchmarks.transport import RECEIVE_BUFFER

_TAG: Final = 16
"""Bytes AES-GCM adds (RFC 7714)."""
_AUDIO_SIZE: Final = 120


class Receivers:
    """An actor of `worker.Worker`: N sockets that are read and forgotten."""

    def __init__(self) -> None:
        self._sockets: list[socket.socket] = []
        self._buffer = bytearray(2048)

    async def open(self, count: int) -> list[tuple[str, int]]:
        loop = asyncio.get_running_loop()
        for _ in range(count):
            receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            receiver.setblocking(False)
            receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
            receiver.bind(("127.0.0.1", 0))
            loop.add_reader(receiver, self._drain, receiver)
            self._sockets.append(receiver)
        return [receiver.getsockname() for receiver in self._sockets]

    def _drain(self, receiver: socket.socket) -> None:
        try:
            while True:
                receiver.recv_into(self._buffer)
        except BlockingIOError:
            return


class Sender:
    """An actor of `worker.Worker`."""

    async def measure(self, addresses: list[tuple[str, int]], seconds: float) -> float:
        """CPU µs per datagram, each packet going to all addresses at the publisher's pace."""
        rate = VIDEO_PACKETS_PER_SECOND + AUDIO_PACKETS_PER_SECOND
        video, audio = bytes(PACKET_SIZE + _TAG), bytes(_AUDIO_SIZE + _TAG)
        packets = itertools.cycle((video, video, video, audio))
        used = 0
        rounds = round(seconds * rate)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.bind(("127.0.0.1", 0))
            for packet in itertools.islice(packets, rounds):
                before = time.thread_time_ns()
                for address in addresses:
                    sender.sendto(packet, address)
                used += time.thread_time_ns() - before
                await asyncio.sleep(1 / rate)
        return used / 1000 / (rounds * len(addresses))
