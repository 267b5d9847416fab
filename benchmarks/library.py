"""The parts of the load generator that are in C: compiled by whoever begins to use them.

Python reads a packet in 2 µs; the generator must keep up with a server that forwards one in less.
"""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from pylibsrtp import Policy, Session
from pylibsrtp._binding import ffi, lib

from benchmarks.transport import Profile

SLOT: Final = 2048
MARK: Final = b"tertulia"
TRAILER: Final = 8 + len(MARK)
MARKED_FROM: Final = 64
"""Bytes of packets and of their ends: see library.h."""

Signature = tuple[Any, Sequence[Any]]
"""Type of the result and types of the arguments, by ctypes."""

_HERE: Final = Path(__file__).parent
_FLAGS: Final = ("-std=gnu11", "-O2", "-shared", "-fPIC")
_PROFILES: Final[Mapping[Profile, tuple[int, int]]] = {
    "gcm": (Policy.SRTP_PROFILE_AEAD_AES_128_GCM, 16 + 12),
    "cm": (Policy.SRTP_PROFILE_AES128_CM_SHA1_80, 16 + 14),
}
"""With bytes of master key and salt (RFC 7714, RFC 3711)."""


class CompilerError(Exception):
    """There is no C compiler, or it does not like our C."""


def load(name: str, signatures: Mapping[str, Signature]) -> ctypes.CDLL:
    """Compile `name`.c and make its functions callable."""
    compiler = shutil.which("cc")
    if compiler is None:
        raise CompilerError("the load generator needs a C compiler called cc")
    with tempfile.TemporaryDirectory() as folder:
        target = f"{folder}/{name}.so"
        finished = subprocess.run(  # noqa: S603 - no shell
            [compiler, *_FLAGS, "-o", target, _HERE / f"{name}.c"],
            capture_output=True,
            text=True,
            check=False,
        )
        if finished.returncode:
            raise CompilerError(finished.stderr)
        library = ctypes.CDLL(target)
    for function_name, (result, arguments) in signatures.items():
        function = getattr(library, function_name)
        function.restype, function.argtypes = result, arguments
    return library


def srtp_function(name: str) -> int:
    """Address of a function of the libsrtp in pylibsrtp."""
    return int(ffi.cast("uintptr_t", ffi.addressof(lib, name)))


def srtp_pointer(session: Session) -> int:
    """Of libsrtp's own session; good for as long as `session` is kept."""
    return int(ffi.cast("uintptr_t", session._srtp[0]))


def key_size(profile: Profile) -> int:
    return _PROFILES[profile][1]


def inbound(profile: Profile, key: bytes) -> Session:
    return _session(profile, key, Policy.SSRC_ANY_INBOUND)


def outbound(profile: Profile, key: bytes) -> Session:
    return _session(profile, key, Policy.SSRC_ANY_OUTBOUND)


def _session(profile: Profile, key: bytes, direction: int) -> Session:
    """With libsrtp's own replay window (128 packets): a longer one is paid for at every packet."""
    return Session(Policy(key, direction, 0, _PROFILES[profile][0]))
