"""The client's end of a transport: ICE checks, DTLS as the client, SRTP keys, one UDP socket.

The socket is connected to the server's address, so the kernel hands us nothing from anybody else:
strays of another run cannot be counted. Media goes to `on_media` still encrypted, in a buffer that
the next packet overwrites: decrypting every packet would cost more than the server does.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections.abc import Callable
from typing import Final, cast

from aioice import stun
from aiortc import RTCCertificate, RTCDtlsFingerprint, RTCDtlsParameters
from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtcicetransport import RTCIceTransport
from pylibsrtp import Session

from benchmarks.sdp import Credentials

OnMedia = Callable[[bytearray, int], None]
"""Called with a buffer and how many bytes of it are one SRTP or SRTCP packet."""

RECEIVE_BUFFER: Final = 1 << 20
"""Bytes the kernel may hold for one client while its process is busy elsewhere."""
POLL_INTERVAL: Final = 0.01
"""Seconds between looks at the sockets of those who receive. They do not sleep in epoll: on one
machine it is the sender's send call that wakes them, and its CPU time would tell of them."""
CONNECT_TIMEOUT: Final = 15.0
_CHECK_INTERVAL: Final = 0.05
_CONSENT_INTERVAL: Final = 4.0
"""Seconds between consent checks (RFC 7675 says 5 at most; browsers are a little quicker)."""
_PRIORITY: Final = 0x7EFF_FFFF


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

    def __init__(self, certificate: RTCCertificate, on_media: OnMedia) -> None:
        self._loop = asyncio.get_running_loop()
        self._on_media = on_media
        self._buffer = bytearray(2048)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        self._carrier = _DtlsCarrier(self._socket)
        self._dtls = RTCDtlsTransport(cast(RTCIceTransport, self._carrier), [certificate])
        self._dtls._set_role("client")
        self._remote: Credentials | None = None
        self._checked = asyncio.Event()
        self._consent: asyncio.TimerHandle | None = None
        self.local = Credentials(
            ufrag=secrets.token_hex(4),
            password=secrets.token_hex(12),
            fingerprint=_sha256_fingerprint(certificate),
        )

    async def connect(self, remote: Credentials, address: tuple[str, int]) -> None:
        """Returns when media can flow; raises ConnectionError or TimeoutError."""
        self._remote = remote
        self._socket.connect(address)
        self._loop.add_reader(self._socket, self.drain)
        async with asyncio.timeout(CONNECT_TIMEOUT):
            while not self._checked.is_set():
                self._send_check(remote)
                await _wait(self._checked, _CHECK_INTERVAL)
            self._keep_consent(remote)
            fingerprint = RTCDtlsFingerprint(algorithm="sha-256", value=remote.fingerprint)
            await self._dtls.start(RTCDtlsParameters(fingerprints=[fingerprint], role="server"))
        if self._dtls.state != "connected":
            raise ConnectionError(f"DTLS {self._dtls.state}")

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
        """From now on somebody calls `drain` now and then (see `POLL_INTERVAL`)."""
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
                    self._control(bytes(buffer[:size]))
        except BlockingIOError:
            return
        except ConnectionRefusedError:
            # the server has gone: ICMP told the connected socket
            self._loop.remove_reader(self._socket)

    def _control(self, data: bytes) -> None:
        """STUN or DTLS, by the first byte (RFC 7983)."""
        if 20 <= data[0] < 64:
            self._carrier.received.put_nowait(data)
        elif data[0] < 4 and self._remote is not None:
            message = stun.parse_message(data)
            if message.message_class is stun.Class.RESPONSE and message.check_message_integrity(
                self._remote.password.encode()
            ):
                self._checked.set()

    def _send_check(self, remote: Credentials) -> None:
        request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
        request.attributes |= {
            "USERNAME": f"{remote.ufrag}:{self.local.ufrag}",
            "PRIORITY": _PRIORITY,
            "ICE-CONTROLLING": secrets.randbits(64),
            "USE-CANDIDATE": None,
        }
        request.add_message_integrity(remote.password.encode())
        self._socket.send(bytes(request))

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
