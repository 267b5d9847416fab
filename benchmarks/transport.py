"""The client's end of a transport: ICE checks, DTLS, SRTP keys, one UDP socket.

The socket is connected to the server's address, so the kernel hands us nothing from anybody else:
strays of another run cannot be counted. Media goes to `on_media` still encrypted, in a buffer that
the next packet overwrites: decrypting every packet would cost more than the server does.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections.abc import Callable, Mapping
from typing import Final, Literal, cast

from aioice import stun
from aiortc import RTCCertificate, RTCDtlsFingerprint, RTCDtlsParameters
from aiortc.rtcdtlstransport import (
    SRTP_AEAD_AES_128_GCM,
    SRTP_AES128_CM_SHA1_80,
    RTCDtlsTransport,
    SRTPProtectionProfile,
)
from aiortc.rtcicetransport import RTCIceTransport
from pylibsrtp import Session

from benchmarks.sdp import Credentials

Profile = Literal["gcm", "cm"]
"""AEAD_AES_128_GCM (RFC 7714) or AES128_CM_SHA1_80 (RFC 3711)."""
Role = Literal["client", "server"]

OnMedia = Callable[[bytearray, int], None]
"""Called with a buffer and how many bytes of it are one SRTP or SRTCP packet."""

RECEIVE_BUFFER: Final = 4 << 20
"""Bytes the kernel may hold for one client while its process is busy elsewhere."""
POLL_INTERVAL: Final = 0.002
"""Seconds between looks at the sockets of those who receive. They do not sleep in epoll: on one
machine it is the sender's send call that wakes them, and its CPU time would tell of them."""
CONNECT_TIMEOUT: Final = 15.0
_CHECK_INTERVAL: Final = 0.05
_CONSENT_INTERVAL: Final = 4.0
"""Seconds between consent checks (RFC 7675 says 5 at most; browsers are a little quicker)."""
_PRIORITY: Final = 0x7EFF_FFFF
_SRTP_PROFILES: Final[Mapping[Profile, SRTPProtectionProfile]] = {
    "gcm": SRTP_AEAD_AES_128_GCM,
    "cm": SRTP_AES128_CM_SHA1_80,
}


class _DtlsCarrier:
    """What aiortc's DTLS transport asks of the ICE transport below it."""

    role = "controlling"

    def __init__(self, udp: socket.socket) -> None:
        self._udp = udp
        self.received: asyncio.Queue[bytes] = asyncio.Queue()

    async def _recv(self) -> bytes:
        return await self.received.get()

    async def _send(self, data: bytes) -> None:
        self._udp.send(data)


class Transport:
    """One client's connection to the server. `close` when done."""

    def __init__(
        self, certificate: RTCCertificate, on_media: OnMedia, profile: Profile = "gcm"
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._on_media = on_media
        self._buffer = bytearray(2048)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        self._carrier = _DtlsCarrier(self._socket)
        self._dtls = RTCDtlsTransport(cast(RTCIceTransport, self._carrier), [certificate])
        self._dtls._srtp_profiles = [_SRTP_PROFILES[profile]]  # the only one offered
        self._remote: Credentials | None = None
        self._controlling = True
        self._tie_breaker = secrets.randbits(64)
        self._checked = asyncio.Event()
        self._consent: asyncio.TimerHandle | None = None
        self.local = Credentials(
            ufrag=secrets.token_hex(4),
            password=secrets.token_hex(12),
            fingerprint=_sha256_fingerprint(certificate),
        )

    def bind(self, host: str) -> tuple[str, int]:
        """For servers that do ICE in full: they want to be told our candidate's address."""
        self._socket.bind((host, 0))
        address: tuple[str, int] = self._socket.getsockname()
        return address

    async def connect(
        self,
        remote: Credentials,
        address: tuple[str, int],
        *,
        controlling: bool = True,
        role: Role = "client",
    ) -> None:
        """Returns when media can flow; raises ConnectionError or TimeoutError.

        `controlling`: of ICE, by whoever offers, unless the other side is lite. `role`: of DTLS.
        """
        self._remote = remote
        self._controlling = controlling
        self._socket.connect(address)
        self._loop.add_reader(self._socket, self.drain)
        async with asyncio.timeout(CONNECT_TIMEOUT):
            while not self._checked.is_set():
                self._send_check(remote)
                await _wait(self._checked, _CHECK_INTERVAL)
            self._keep_consent(remote)
            await self._secure(remote, role)

    async def _secure(self, remote: Credentials, role: Role) -> None:
        self._dtls._set_role(role)
        fingerprint = RTCDtlsFingerprint(algorithm="sha-256", value=remote.fingerprint)
        theirs = "client" if role == "server" else "server"
        await self._dtls.start(RTCDtlsParameters(fingerprints=[fingerprint], role=theirs))
        if self._dtls.state != "connected":
            raise ConnectionError(f"DTLS {self._dtls.state}")

    @property
    def udp(self) -> socket.socket:
        """For who sends many packets at once, or reads those of many transports."""
        return self._socket

    @property
    def inbound(self) -> Session:
        """Unprotects what the server sends."""
        return self._dtls._rx_srtp

    @property
    def outbound(self) -> Session:
        return self._dtls._tx_srtp

    def send(self, protected: bytes) -> None:
        self._socket.send(protected)

    def stop_waking(self) -> None:
        """From now on somebody reads the socket now and then (see `POLL_INTERVAL`)."""
        self._loop.remove_reader(self._socket)

    async def close(self) -> None:
        if self._consent is not None:
            self._consent.cancel()
        self._loop.remove_reader(self._socket)
        await self._dtls.stop()
        self._socket.close()

    def drain(self) -> None:
        """Take in whatever has come."""
        receive, buffer, on_media = self._socket.recv_into, self._buffer, self._on_media
        try:
            while True:
                size = receive(buffer)
                if 128 <= buffer[0] < 192:
                    on_media(buffer, size)
                else:
                    self.control(bytes(buffer[:size]))
        except BlockingIOError:
            return
        except ConnectionRefusedError:
            # the server has gone: ICMP told the connected socket
            self._loop.remove_reader(self._socket)

    def control(self, data: bytes) -> None:
        """STUN or DTLS, by the first byte (RFC 7983)."""
        if 20 <= data[0] < 64:
            self._carrier.received.put_nowait(data)
        elif data[0] < 4 and self._remote is not None:
            message = stun.parse_message(data)
            if message.message_class is stun.Class.RESPONSE and message.check_message_integrity(
                self._remote.password.encode()
            ):
                self._checked.set()
            elif message.message_class is stun.Class.REQUEST and message.check_message_integrity(
                self.local.password.encode()
            ):
                self._answer_check(message)

    def _send_check(self, remote: Credentials) -> None:
        request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
        request.attributes |= {
            "USERNAME": f"{remote.ufrag}:{self.local.ufrag}",
            "PRIORITY": _PRIORITY,
        }
        if self._controlling:
            request.attributes |= {"ICE-CONTROLLING": self._tie_breaker, "USE-CANDIDATE": None}
        else:
            request.attributes["ICE-CONTROLLED"] = self._tie_breaker
        request.add_message_integrity(remote.password.encode())
        request.add_fingerprint()
        self._socket.send(bytes(request))

    def _answer_check(self, request: stun.Message) -> None:
        """Of a server that does ICE in full; there is but one pair, so nothing is chosen."""
        response = stun.Message(
            stun.Method.BINDING, stun.Class.RESPONSE, transaction_id=request.transaction_id
        )
        response.attributes["XOR-MAPPED-ADDRESS"] = self._socket.getpeername()
        response.add_message_integrity(self.local.password.encode())
        response.add_fingerprint()
        self._socket.send(bytes(response))

    def _keep_consent(self, remote: Credentials) -> None:
        self._send_check(remote)
        self._consent = self._loop.call_later(_CONSENT_INTERVAL, self._keep_consent, remote)


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return


def _sha256_fingerprint(certificate: RTCCertificate) -> str:
    return next(f.value for f in certificate.getFingerprints() if f.algorithm == "sha-256")
