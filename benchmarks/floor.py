"""The bare loop that every engine is compared with: see floor.c."""

from __future__ import annotations

import asyncio
import ctypes
import os
import socket
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from benchmarks.library import Signature, inbound, load, outbound, srtp_function, srtp_pointer
from benchmarks.transport import Profile

_BUFFER: Final = 4 << 20
"""Bytes of socket buffer either way, like the server's."""
_WAKE: Final = 0.1
"""Seconds until the loop sees that it shall stop, if nothing comes."""
_SO_SNDBUFFORCE: Final = 32
_SO_RCVBUFFORCE: Final = 33
_POINTER = ctypes.c_void_p
_SIGNATURES: Final[Mapping[str, Signature]] = {
    "floor_new": (_POINTER, [ctypes.c_int, _POINTER, _POINTER, _POINTER]),
    "floor_add": (ctypes.c_int, [_POINTER, ctypes.c_uint32, ctypes.c_uint16, _POINTER]),
    "floor_run": (None, [_POINTER]),
    "floor_stop": (None, [_POINTER]),
    "floor_free": (None, [_POINTER]),
}
Address = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Keys:
    """Master keys with their salts."""

    profile: Profile
    publisher: bytes
    receivers: tuple[bytes, ...]


class Floor:
    """An actor of `worker.Worker`."""

    async def start(self, keys: Keys, receivers: Sequence[Address]) -> Address:
        """Forward from now on; where to send to."""
        self._library = load("floor", _SIGNATURES)
        self._socket = _open_socket()
        self._sessions = [inbound(keys.profile, keys.publisher)]
        self._sessions += [outbound(keys.profile, key) for key in keys.receivers]
        incoming, *outgoing = map(srtp_pointer, self._sessions)
        protect, unprotect = srtp_function("srtp_protect"), srtp_function("srtp_unprotect")
        self._floor = self._library.floor_new(self._socket.fileno(), unprotect, protect, incoming)
        for (host, port), session in zip(receivers, outgoing, strict=True):
            (number,) = struct.unpack("!I", socket.inet_aton(host))
            self._library.floor_add(self._floor, number, port, session)
        loop = asyncio.get_running_loop()
        self._running = loop.run_in_executor(None, self._library.floor_run, self._floor)
        address: Address = self._socket.getsockname()
        return address

    async def pid(self) -> int:
        return os.getpid()

    async def stop(self) -> None:
        self._library.floor_stop(self._floor)
        await self._running
        self._library.floor_free(self._floor)
        self._socket.close()


def _open_socket() -> socket.socket:
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for force, polite in (
        (_SO_RCVBUFFORCE, socket.SO_RCVBUF),
        (_SO_SNDBUFFORCE, socket.SO_SNDBUF),
    ):
        try:
            udp.setsockopt(socket.SOL_SOCKET, force, _BUFFER)
        except OSError:  # only a privileged process may go beyond the system's limit
            udp.setsockopt(socket.SOL_SOCKET, polite, _BUFFER)
    seconds, rest = divmod(_WAKE, 1)
    udp.setsockopt(
        socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("@ll", int(seconds), int(rest * 1e6))
    )
    udp.bind(("127.0.0.1", 0))
    return udp
