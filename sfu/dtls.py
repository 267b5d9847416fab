"""DTLS-SRTP (RFC 5764), server side, over datagrams that the engine brings.

OpenSSL and the handshake are aiortc's; what is ours lies around it: one certificate and one OpenSSL
context for everybody, an inbound queue with a bound, a time-out over the whole handshake, datagrams
of at most `MTU` bytes cut at record borders, and keys that go to the engine instead of into
sessions of aiortc's. Only datagrams from a validated path get here, so the cookie exchange of
RFC 6347, section 4.2.1, would prove nothing new.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterator, Sequence
from typing import cast

from aiortc.rtcdtlstransport import (
    SRTP_AEAD_AES_128_GCM,
    SRTP_AEAD_AES_256_GCM,
    SRTP_AES128_CM_SHA1_80,
    RTCCertificate,
    RTCDtlsFingerprint,
    RTCDtlsParameters,
    RTCDtlsTransport,
    SRTPProtectionProfile,
    State,
)
from aiortc.rtcicetransport import RTCIceTransport
from OpenSSL import SSL

from sfu.engine.interface import SrtpKeys, SrtpProfile

logger = logging.getLogger(__name__)

HANDSHAKE_TIMEOUT = 10.0
"""Seconds from the first validated path until the keys are there."""
MTU = 1200
"""Bytes of UDP payload; passes everywhere (RFC 8261, section 5)."""
MAX_QUEUE = 32
"""Datagrams waiting for one transport; a flight of a browser is two to five."""
RECORD_HEADER = 13
"""Bytes; the length is in the last two (RFC 6347, section 4.3.1)."""

PROFILES = (SRTP_AEAD_AES_128_GCM, SRTP_AEAD_AES_256_GCM, SRTP_AES128_CM_SHA1_80)
"""As the server our order wins: AES_128_GCM costs a third of CM_SHA1_80."""


class DtlsError(Exception):
    """The handshake failed; the argument is the reason, as told to the client."""


class Certificate(RTCCertificate):
    """The server's certificate, with one OpenSSL context shared by all transports."""

    _context: SSL.Context | None = None

    @property
    def fingerprint(self) -> str:
        """As in `a=fingerprint`."""
        sha256 = next(f for f in self.getFingerprints() if f.algorithm == "sha-256")
        return f"{sha256.algorithm} {sha256.value}"

    def _create_ssl_context(self, srtp_profiles: list[SRTPProtectionProfile]) -> SSL.Context:
        if self._context is None:
            context = super()._create_ssl_context(srtp_profiles)
            context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
            context.set_mode(SSL.MODE_RELEASE_BUFFERS)
            # else OpenSSL asks the memory BIO for its MTU, gets none, and falls back to 256
            context.set_options(SSL.OP_NO_QUERY_MTU)
            self._context = context
        return self._context


class _DatagramPipe:
    """What `RTCDtlsTransport` takes for an ICE transport."""

    role = "controlled"

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self.send = send
        self._inbound: asyncio.Queue[bytes] = asyncio.Queue(MAX_QUEUE)

    def put(self, data: bytes) -> None:
        if not self._inbound.full():
            self._inbound.put_nowait(data)

    async def _recv(self) -> bytes:
        return await self._inbound.get()


class _Session(RTCDtlsTransport):
    """aiortc's DTLS, giving its keys away instead of using them."""

    keys: SrtpKeys | None = None
    failure = "dtls_failed"

    def __init__(self, pipe: _DatagramPipe, certificate: Certificate) -> None:
        super().__init__(cast(RTCIceTransport, pipe), [certificate])
        self._pipe = pipe
        self._srtp_profiles = list(PROFILES)
        self._set_role("server")

    def shut_down(self) -> None:
        """Tell the client by an alert, if there is an association, and stop reading."""
        if self._task is not None:
            self._task.cancel()
        if self._state is State.CONNECTED:
            with contextlib.suppress(SSL.Error):
                self._connection.shutdown()
            self._flush()

    @property
    def _connection(self) -> SSL.Connection:
        return cast(SSL.Connection, self._ssl)  # start() makes it first

    async def _do_handshake(self) -> None:
        self._connection.set_ciphertext_mtu(MTU)
        await super()._do_handshake()

    def _validate_peer_identity(self, remoteParameters: RTCDtlsParameters) -> None:  # noqa: N803
        super()._validate_peer_identity(remoteParameters)
        if self._state is State.FAILED:
            self.failure = "dtls_fingerprint_mismatch"

    def _setup_srtp(self) -> None:
        chosen = self._connection.get_selected_srtp_profile()
        profile = next((p for p in PROFILES if p.openssl_profile == chosen), None)
        if profile is None:
            self.failure = "dtls_no_srtp_profile"
            self._set_state(State.FAILED)
            return
        material = self._connection.export_keying_material(
            b"EXTRACTOR-dtls_srtp", 2 * (profile.key_length + profile.salt_length)
        )
        self.keys = SrtpKeys(
            SrtpProfile(profile.openssl_profile.decode()),
            receive=profile.get_key_and_salt(material, 0),
            send=profile.get_key_and_salt(material, 1),
        )

    async def _write_ssl(self) -> None:
        self._flush()

    def _flush(self) -> None:
        flight = bytearray()
        with contextlib.suppress(SSL.Error):
            while True:
                flight += self._connection.bio_read(65536)
        for datagram in datagrams(bytes(flight)):
            self._pipe.send(datagram)


def datagrams(flight: bytes) -> Iterator[bytes]:
    """Pack a flight's records into datagrams of at most `MTU` bytes, none cut in two."""
    start = end = 0
    while end < len(flight):
        length = RECORD_HEADER + int.from_bytes(flight[end + 11 : end + 13], "big")
        if end > start and end + length - start > MTU:
            yield flight[start:end]
            start = end
        end += length
    if flight:
        yield flight[start:]


class DtlsTransport:
    """One client's DTLS association. `send` is called with datagrams for the selected path."""

    def __init__(self, certificate: Certificate, send: Callable[[bytes], None]) -> None:
        self._pipe = _DatagramPipe(send)
        self._session = _Session(self._pipe, certificate)

    def receive(self, data: bytes) -> None:
        """Never blocks: what comes faster than the handshake can read is dropped."""
        self._pipe.put(data)

    async def handshake(
        self, fingerprints: Sequence[RTCDtlsFingerprint], limit: float = HANDSHAKE_TIMEOUT
    ) -> SrtpKeys:
        """Wait for the client's handshake and check its certificate; `limit` in seconds.

        Raises DtlsError.
        """
        try:
            async with asyncio.timeout(limit):
                await self._session.start(RTCDtlsParameters(fingerprints=list(fingerprints)))
        except TimeoutError:
            raise DtlsError("dtls_timeout") from None
        except Exception:
            logger.warning("DTLS handshake", exc_info=True)
            raise DtlsError("dtls_failed") from None
        if self._session.keys is None:
            raise DtlsError(self._session.failure)
        return self._session.keys

    async def ended(self) -> None:
        """Return when the client has ended the association (close_notify)."""
        changed = asyncio.Event()
        self._session.on("statechange", changed.set)
        while self._session.state == "connected":
            await changed.wait()
            changed.clear()

    def close(self) -> None:
        self._session.shut_down()
