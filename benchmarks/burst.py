"""Protects and sends several packets at once: see burst.c."""

from __future__ import annotations

import ctypes
import socket
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final

from pylibsrtp import Session

from benchmarks.library import SLOT, Signature, load, srtp_function, srtp_pointer

MAX_BURST: Final = 64
_POINTER = ctypes.c_void_p
_SIGNATURES: Final[Mapping[str, Signature]] = {
    "burst_send": (
        ctypes.c_int,
        [ctypes.c_int, _POINTER, _POINTER, _POINTER, _POINTER, ctypes.c_uint],
    ),
}


@cache
def _library() -> ctypes.CDLL:
    return load("burst", _SIGNATURES)


class Burst:
    """Sends on a connected socket. Each packet that has room for it is stamped with the time."""

    def __init__(self, udp: socket.socket, session: Session) -> None:
        self._send = _library().burst_send
        self._udp = udp
        self._session = session
        self._protect = srtp_function("srtp_protect")
        self._slots = bytearray(MAX_BURST * SLOT)
        self._slots_address = ctypes.addressof(ctypes.c_char.from_buffer(self._slots))
        self._sizes = (ctypes.c_int * MAX_BURST)()

    def send(self, packets: Sequence[bytes]) -> int:
        """How many the kernel took: fewer where nobody listens."""
        for index, packet in enumerate(packets):
            start = index * SLOT
            self._slots[start : start + len(packet)] = packet
            self._sizes[index] = len(packet)
        session = srtp_pointer(self._session)
        taken: int = self._send(
            self._udp.fileno(),
            self._protect,
            session,
            self._slots_address,
            self._sizes,
            len(packets),
        )
        if taken < 0:
            raise ValueError("libsrtp does not protect that")
        return taken
