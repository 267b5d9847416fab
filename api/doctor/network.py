"""Ports, addresses and the certificate: does what people send get here?"""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit

import aiohttp
from cryptography import x509

from api.certificate import server_context
from api.doctor.findings import Finding, ok, problem, warning
from api.network import LOOPBACK, url
from api.settings import Settings
from sfu.engine import addresses

TIMEOUT = aiohttp.ClientTimeout(total=3)
RENEW_BEFORE = timedelta(days=14)


async def is_running(settings: Settings) -> bool:
    """Whether a Tertulia answers at the web port."""
    own = ip_address(settings.host)
    host = LOOPBACK[0] if own.is_unspecified else own
    address = url("https" if settings.tls else "http", host, settings.port)
    try:
        async with (
            aiohttp.ClientSession(timeout=TIMEOUT) as client,
            client.get(f"{address}/health", ssl=_any_certificate()) as answer,
        ):
            return "engine" in await answer.json()
    except (aiohttp.ClientError, TimeoutError, ValueError):
        return False


def _any_certificate() -> ssl.SSLContext:
    """It is asked whether a server is there, and nothing is told to it."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def web_port(settings: Settings, *, running: bool) -> Iterator[Finding]:
    name = f"TCP port {settings.port} of {settings.host}"
    if running:
        yield ok(f"A Tertulia serves {name}.")
        return
    family = socket.AF_INET6 if ip_address(settings.host).version == 6 else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((settings.host, settings.port))
        except OSError as error:
            yield problem(
                f"{name} cannot be had: {error.strerror}.", _advice(error, "HOST", "PORT")
            )
        else:
            yield ok(f"{name} is free.")


def media_ports(settings: Settings, *, running: bool) -> Iterator[Finding]:
    for port in range(settings.media_port, settings.media_port + settings.media_engines):
        name = f"UDP port {port} of {settings.media_host}"
        try:
            addresses.bind(settings.media_host, port).close()
        except OSError as error:
            if running and error.errno == errno.EADDRINUSE:
                yield ok(f"{name} is in use, as it should be while a Tertulia runs.")
            else:
                advice = _advice(error, "MEDIA_HOST", "MEDIA_PORT")
                yield problem(f"{name} cannot be had: {error.strerror}.", advice)
        else:
            yield ok(f"{name} is free. Let it through your firewall.")


def _advice(error: OSError, host: str, port: str) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return f"Stop the program that has it (ss -lnptu), or set another {port}."
        case errno.EACCES:
            return f"Set a {port} above 1023, or give the server CAP_NET_BIND_SERVICE."
    return f"Set {host} to an address of this machine."


def reach(settings: Settings) -> Iterator[Finding]:
    """Will browsers that open PUBLIC_URL have a camera, and find the media port?"""
    announced = [ip_address(host) for host, _ in settings.media_announced]
    if not announced:
        with addresses.bind(settings.media_host, 0) as bound:
            announced = [ip_address(host) for host in addresses.local_addresses(bound)]
    shown = ", ".join(map(str, announced))
    if settings.public_url is None:
        yield ok(f"Browsers are told to send media to {shown}.")
        return
    place = urlsplit(settings.public_url)
    if place.scheme == "http" and not _is_local(place.hostname or ""):
        yield problem(
            f"PUBLIC_URL is {settings.public_url}: browsers give a page no camera without HTTPS.",
            "Set TLS_CERT_FILE and TLS_KEY_FILE, put a proxy with TLS in front, or set SHARE=1.",
        )
    if not _is_local(place.hostname or "") and not any(each.is_global for each in announced):
        yield warning(
            f"Browsers are told to send media to {shown}, which the internet does not reach.",
            "Set MEDIA_ANNOUNCED to this site's public address, unless all who meet are in "
            "your network.",
        )
    else:
        yield ok(f"Browsers are told to send media to {shown}.")


def _is_local(host: str) -> bool:
    """Whether browsers trust it without TLS (W3C Secure Contexts, section 3.1)."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def certificate(settings: Settings) -> Iterator[Finding]:
    if settings.tls_cert_file is None or settings.tls_key_file is None:
        return
    try:
        server_context(settings.tls_cert_file, settings.tls_key_file)
        chain = x509.load_pem_x509_certificates(settings.tls_cert_file.read_bytes())
    except (OSError, ValueError) as error:
        yield problem(
            f"TLS_CERT_FILE and TLS_KEY_FILE are not a certificate and its key: {error}.",
            "Both are PEM; the file of the certificate begins with the server's own.",
        )
        return
    end = min(each.not_valid_after_utc for each in chain)
    left = end - datetime.now(UTC)
    advice = "Renew it, and restart the server."
    if left <= timedelta():
        yield problem(f"The certificate ended on {end:%Y-%m-%d}.", advice)
    elif left < RENEW_BEFORE:
        yield warning(f"The certificate ends on {end:%Y-%m-%d}.", advice)
    else:
        yield ok(f"The certificate is good until {end:%Y-%m-%d}.")
