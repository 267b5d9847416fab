"""A DTLS client as OpenSSL makes it, without a network: datagrams in, datagrams out."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from aiortc.rtcdtlstransport import (
    SRTP_AEAD_AES_128_GCM,
    RTCCertificate,
    RTCDtlsFingerprint,
    SRTPProtectionProfile,
)
from OpenSSL import SSL

HEADER = 13


def records(data: bytes) -> list[bytes]:
    """The DTLS records of one or more datagrams."""
    found = []
    while data:
        length = HEADER + int.from_bytes(data[11:13], "big")
        found.append(data[:length])
        data = data[length:]
    return found


class DtlsClient:
    """`padding` bytes make the ClientHello longer than a datagram, like a post-quantum key."""

    def __init__(
        self, profiles: Sequence[SRTPProtectionProfile] = (SRTP_AEAD_AES_128_GCM,), padding: int = 0
    ) -> None:
        certificate = RTCCertificate.generateCertificate()
        self.fingerprints: list[RTCDtlsFingerprint] = certificate.getFingerprints()
        context = SSL.Context(SSL.DTLS_METHOD)
        context.use_certificate(certificate._cert)
        context.use_privatekey(certificate._key)
        context.set_verify(SSL.VERIFY_PEER, lambda *_: True)
        context.set_options(SSL.OP_NO_QUERY_MTU)
        if profiles:
            names = (profile.openssl_profile for profile in profiles)
            context.set_tlsext_use_srtp(b":".join(names))
        if padding:
            context.set_alpn_protos([b"x" * 200] * (padding // 200))
        self.ssl = SSL.Connection(context)
        self.ssl.set_ciphertext_mtu(1200)
        self.ssl.set_connect_state()
        self.finished = False
        self.closed = False

    def start(self) -> list[bytes]:
        """The ClientHello, one datagram per record."""
        return self._step()

    def receive(self, datagram: bytes) -> list[bytes]:
        """What the client says to this; one datagram per record."""
        self.ssl.bio_write(datagram)
        if not self.finished:
            return self._step()
        try:
            self.ssl.recv(1500)
        except SSL.ZeroReturnError:
            self.closed = True
        except SSL.Error:
            pass
        return self._outgoing()

    def close(self) -> list[bytes]:
        self.ssl.shutdown()
        return self._outgoing()

    def keys(self, profile: SRTPProtectionProfile) -> tuple[bytes, bytes]:
        """What the client sends with, and what it receives with."""
        size = 2 * (profile.key_length + profile.salt_length)
        material = self.ssl.export_keying_material(b"EXTRACTOR-dtls_srtp", size)
        return profile.get_key_and_salt(material, 0), profile.get_key_and_salt(material, 1)

    def _step(self) -> list[bytes]:
        with contextlib.suppress(SSL.WantReadError):
            self.ssl.do_handshake()
            self.finished = True
        return self._outgoing()

    def _outgoing(self) -> list[bytes]:
        data = b""
        with contextlib.suppress(SSL.Error):
            while True:
                data += self.ssl.bio_read(65536)
        return records(data)
