"""Many sockets, read and counted in C: see receivers.c."""

from __future__ import annotations

import ctypes
import socket
import struct
from array import array
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from pylibsrtp import Session

from benchmarks.library import MARK, Signature, load, srtp_function, srtp_pointer
from benchmarks.transport import RECEIVE_BUFFER

_AGES: Final = 1_000_000
_SO_MEMINFO: Final = 55
_MEMINFO: Final = struct.Struct("9I")
_DROPS: Final = 8
"""Place of the drops among the figures of SO_MEMINFO."""

_POINTER, _UINT, _SIZE = ctypes.c_void_p, ctypes.c_uint, ctypes.c_size_t
_CONTROL: Final = ctypes.CFUNCTYPE(None, _SIZE, _POINTER, _SIZE)

OnControl = Callable[[int, bytes], None]
"""Called with the receiver's number and a STUN or DTLS message."""
Ages = Counter[int]
"""How many packets were so many µs old when they arrived."""


@dataclass(slots=True)
class Counts:
    """Of RTP packets of the streams that count; RTCP and retransmissions are not in it."""

    packets: int = 0
    expected: int = 0
    """By sequence numbers, from the first packet to the newest of each stream."""
    bytes: int = 0
    verified: int = 0
    """Samples that decrypted to what the publisher sent."""
    wrong: int = 0
    streams: int = 0
    """On which anything came."""
    overflown: int = 0
    """Datagrams the kernel dropped since a receiver's buffer was full: the generator's fault."""

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, n) + getattr(other, n) for n in self.__slots__))

    def __sub__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, n) - getattr(other, n) for n in self.__slots__))


class Totals(ctypes.Structure):
    """`struct totals` of receivers.c."""

    _fields_ = tuple((n, ctypes.c_uint64) for n in ("packets", "bytes", "verified", "wrong"))


class Stream(ctypes.Structure):
    """`struct stream` of receivers.c."""

    _fields_ = tuple((n, ctypes.c_uint32) for n in ("ssrc", "first", "highest", "packets"))


_SIGNATURES: Final[Mapping[str, Signature]] = {
    "receivers_new": (_POINTER, [_POINTER, _CONTROL, ctypes.c_char_p, ctypes.c_bool]),
    "receivers_add": (ctypes.c_long, [_POINTER, ctypes.c_int, _POINTER]),
    "receivers_allow": (ctypes.c_bool, [_POINTER, _SIZE, ctypes.c_uint32]),
    "receivers_sample": (None, [_POINTER, _UINT]),
    "receivers_drain": (None, [_POINTER]),
    "receivers_totals": (Totals, [_POINTER]),
    "receivers_ages": (_POINTER, [_POINTER]),
    "receivers_streams": (ctypes.POINTER(Stream), [_POINTER, _SIZE, ctypes.POINTER(_UINT)]),
    "receivers_free": (None, [_POINTER]),
}


@cache
def _library() -> ctypes.CDLL:
    return load("receivers", _SIGNATURES)


class Receivers:
    """Use and close in one thread."""

    def __init__(
        self,
        on_control: OnControl = lambda *_: None,
        *,
        joined: bool = False,
        marked: bool = True,
    ) -> None:
        """`joined`: the kernel may hand over several datagrams as one (UDP_GRO). `marked`: packets
        end in `MARK`; else a sample is right if it decrypts, and has no age."""
        self._library = _library()
        self._control = _CONTROL(
            lambda number, data, size: on_control(number, ctypes.string_at(data, size))
        )
        self._all = self._library.receivers_new(
            srtp_function("srtp_unprotect"), self._control, MARK if marked else None, joined
        )
        if not self._all:
            raise MemoryError
        self._kept: list[tuple[socket.socket, Session]] = []

    def __len__(self) -> int:
        return len(self._kept)

    def add(self, udp: socket.socket, session: Session) -> int:
        """`udp` is read by `drain` from now on, and by nobody else. The receiver's number."""
        number: int = self._library.receivers_add(self._all, udp.fileno(), srtp_pointer(session))
        if number < 0:
            raise OSError("the kernel takes no time of a datagram's arrival")
        self._kept.append((udp, session))
        return number

    def allow(self, receiver: int, ssrc: int) -> None:
        """Packets of this stream count."""
        if not self._library.receivers_allow(self._all, receiver, ssrc):
            raise ValueError("too many streams")

    def sample(self, every: int) -> None:
        """One packet of so many is decrypted and its age taken; 0: none, as at first."""
        self._library.receivers_sample(self._all, every)

    def drain(self) -> None:
        """Take in whatever has come."""
        self._library.receivers_drain(self._all)

    def counts(self) -> Counts:
        totals: Totals = self._library.receivers_totals(self._all)
        streams = [s for number in range(len(self)) for s in self.streams(number)]
        return Counts(
            packets=totals.packets,
            expected=sum(s.highest - s.first + 1 for s in streams),
            bytes=totals.bytes,
            verified=totals.verified,
            wrong=totals.wrong,
            streams=len(streams),
            overflown=sum(_drops(udp) for udp, _ in self._kept),
        )

    def streams(self, receiver: int) -> list[Stream]:
        """Those on which anything came."""
        count = ctypes.c_uint()
        first = self._library.receivers_streams(self._all, receiver, ctypes.byref(count))
        return [first[index] for index in range(count.value) if first[index].packets]

    def ages(self) -> Ages:
        """Of all samples so far; a second or more counts as just under one."""
        first = self._library.receivers_ages(self._all)
        ages = array("I", ctypes.string_at(first, _AGES * ctypes.sizeof(ctypes.c_uint32)))
        return Counter({age: count for age, count in enumerate(ages) if count})

    def close(self) -> None:
        self._library.receivers_free(self._all)
        self._kept.clear()


def receiving_socket() -> socket.socket:
    receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    receiver.setblocking(False)
    receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
    return receiver


def _drops(udp: socket.socket) -> int:
    figures = udp.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, _MEMINFO.size)
    return int(_MEMINFO.unpack(figures)[_DROPS])
