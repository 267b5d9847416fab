"""SRTP and SRTCP of one transport, in place.

pylibsrtp's `Session` copies each packet and makes an object per call (2.2 µs for 1,200 bytes, of
them 0.4 the cipher); the packet path calls libsrtp itself on one buffer that all transports share
(1.3 µs). That is safe because an engine runs in one thread and every result is copied out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from pylibsrtp import Policy, Session
from pylibsrtp._binding import ffi, lib

from sfu.engine.interface import Drop, SrtpKeys, SrtpProfile

_memory = ffi.new("unsigned char[]", 2048)
"""MAX_DATAGRAM, what rebuilt extensions may add, and libsrtp's longest trailer (144)."""

_length = ffi.new("int *")
_result = ffi.buffer(_memory)
_protect: Callable[..., int] = lib.srtp_protect

SCRATCH: Final = memoryview(_result)
"""A packet to protect is written here from its first byte on."""

_PROFILES = {
    SrtpProfile.AEAD_AES_128_GCM: Policy.SRTP_PROFILE_AEAD_AES_128_GCM,
    SrtpProfile.AEAD_AES_256_GCM: Policy.SRTP_PROFILE_AEAD_AES_256_GCM,
    SrtpProfile.AES128_CM_SHA1_80: Policy.SRTP_PROFILE_AES128_CM_SHA1_80,
}

_REPLAY_WINDOWS = {Policy.SSRC_ANY_INBOUND: 2048, Policy.SSRC_ANY_OUTBOUND: 512}
"""Packets: a retransmission may come that late, and may be forwarded that late: as long as a
source's history is. libsrtp shifts the whole window with each packet: 2,048 would make sending 15 %
dearer than 512."""

_REPLAY_ERRORS = (9, 10, 26)
"""srtp_err_status_replay_fail, replay_old, pkt_idx_old."""


class SrtpError(Exception):
    """A packet that libsrtp refused, with the name to count it under."""

    def __init__(self, drop: Drop) -> None:
        super().__init__(drop.value)
        self.drop = drop


def make_policy(profile: SrtpProfile, key: bytes, direction: int) -> Policy:
    """`direction`: one of Policy.SSRC_ANY_INBOUND and SSRC_ANY_OUTBOUND."""
    policy = Policy(key, direction, 0, _PROFILES[profile])
    policy.window_size = _REPLAY_WINDOWS[direction]
    return policy


def _refusal(status: int) -> SrtpError:
    if status in _REPLAY_ERRORS:
        return SrtpError(Drop.SRTP_REPLAY)
    return SrtpError(Drop.SRTP_AUTHENTICATION)


class SrtpReceiver:
    """Checks and decrypts what the peer sends. Forgeries leave no trace in libsrtp: it makes a
    stream for an SSRC only after the first packet of it has passed."""

    def __init__(self, keys: SrtpKeys) -> None:
        self._session = Session(make_policy(keys.profile, keys.receive, Policy.SSRC_ANY_INBOUND))
        self._context = self._session._srtp[0]

    def rtp(self, data: bytes) -> bytes:
        """The plain packet. Raises SrtpError."""
        return self._run(lib.srtp_unprotect, data)

    def rtcp(self, data: bytes) -> bytes:
        """The plain compound packet. Raises SrtpError."""
        return self._run(lib.srtp_unprotect_rtcp, data)

    def _run(self, function: Callable[..., int], data: bytes) -> bytes:
        size = len(data)
        SCRATCH[:size] = data
        _length[0] = size
        status = function(self._context, _memory, _length)
        if status:
            raise _refusal(status)
        plain: bytes = _result[0 : _length[0]]
        return plain


class SrtpSender:
    """Encrypts what we send.

    The stream of a closed sink stays until the transport closes: with it libsrtp would forget which
    sequence numbers were used, and one used twice with the same key breaks GCM.
    """

    def __init__(self, keys: SrtpKeys) -> None:
        self._session = Session(make_policy(keys.profile, keys.send, Policy.SSRC_ANY_OUTBOUND))
        self._context = self._session._srtp[0]

    def rtp(self, size: int) -> bytes:
        """Protect the first `size` bytes of SCRATCH. Raises SrtpError."""
        _length[0] = size
        status = _protect(self._context, _memory, _length)
        if status:
            raise _refusal(status)
        protected: bytes = _result[0 : _length[0]]
        return protected

    def rtcp(self, compound: bytes) -> bytes:
        """Raises SrtpError."""
        size = len(compound)
        SCRATCH[:size] = compound
        _length[0] = size
        status = lib.srtp_protect_rtcp(self._context, _memory, _length)
        if status:
            raise _refusal(status)
        protected: bytes = _result[0 : _length[0]]
        return protected
