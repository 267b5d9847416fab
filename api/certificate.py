"""The certificate HTTPS is served with: the one given, or a self-signed one for SHARE=1.

Browsers warn once about a self-signed certificate, but then give the page camera and microphone,
which they never do over plain HTTP.
"""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from api.network import LOOPBACK, IPAddress, network_addresses

LIFETIME = timedelta(days=365)
RENEWED_BEFORE = timedelta(days=30)
"""Before its end; and whenever this machine's addresses have changed."""


def server_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """Raises OSError (ssl.SSLError included) where they do not fit each other."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    return context


def self_signed(data_dir: Path, now: datetime | None = None) -> tuple[Path, Path]:
    """The files of certificate and key in the data directory, made or renewed if need be."""
    now = now or datetime.now(UTC)
    certificate, key = data_dir / "tls.crt", data_dir / "tls.key"
    names = _names({*LOOPBACK, *network_addresses()})
    if not (key.exists() and _is_good(certificate, names, now)):
        _write(certificate, key, names, now)
    return certificate, key


def _names(addresses: Iterable[IPAddress]) -> x509.SubjectAlternativeName:
    hosts = sorted({"localhost", socket.gethostname()})
    return x509.SubjectAlternativeName(
        [
            *(x509.DNSName(host) for host in hosts if host.isascii()),
            *(x509.IPAddress(address) for address in sorted(addresses, key=str)),
        ]
    )


def _is_good(file: Path, names: x509.SubjectAlternativeName, now: datetime) -> bool:
    try:
        certificate = x509.load_pem_x509_certificate(file.read_bytes())
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except (FileNotFoundError, ValueError, x509.ExtensionNotFound):
        return False
    return found.value == names and now < certificate.not_valid_after_utc - RENEWED_BEFORE


def _write(certificate: Path, key: Path, names: x509.SubjectAlternativeName, now: datetime) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    key_pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    certificate.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    certificate.unlink(missing_ok=True)  # a new key beside the old certificate would not start
    with open(key, "wb", opener=lambda path, flags: os.open(path, flags, 0o600)) as output:
        output.write(key_pem)
    signed = _sign(private, names, now)
    certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))


def _sign(
    key: ec.EllipticCurvePrivateKey, names: x509.SubjectAlternativeName, now: datetime
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tertulia, self-signed")])
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))  # clocks differ
        .not_valid_after(now + LIFETIME)
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
