"""Addresses of this machine, and sockets bound to them."""

from __future__ import annotations

import ipaddress
import logging
import socket
from collections.abc import Iterator

import ifaddr

logger = logging.getLogger(__name__)

WILDCARDS = ("0.0.0.0", "::")  # noqa: S104 - recognised, not bound

BUFFER = 4 << 20
"""Bytes. A keyframe to many receivers leaves in one burst."""

_SO_SNDBUFFORCE = 32
_SO_RCVBUFFORCE = 33


def bind(host: str, port: int) -> socket.socket:
    """A non-blocking UDP socket. A wildcard means IPv4 and IPv6, where the machine has both.

    Raises OSError if the address cannot be had.
    """
    if host in WILDCARDS:
        return _bind_all(port)
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
    return _bind(family, (str(address[0]), port))


def _bind_all(port: int) -> socket.socket:
    try:
        return _bind(socket.AF_INET6, ("::", port))
    except OSError as error:
        # A port that is taken is taken for IPv4, too: then the next line says so.
        logger.warning("media is served by IPv4 only: %s", error)
        return _bind(socket.AF_INET, (WILDCARDS[0], port))


def _bind(family: socket.AddressFamily, address: tuple[str, int]) -> socket.socket:
    bound = socket.socket(family, socket.SOCK_DGRAM)
    try:
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, int(address[0] != "::"))
        _enlarge(bound, _SO_RCVBUFFORCE, socket.SO_RCVBUF)
        _enlarge(bound, _SO_SNDBUFFORCE, socket.SO_SNDBUF)
        bound.setblocking(False)
        bound.bind(address)
    except BaseException:
        bound.close()
        raise
    return bound


def _enlarge(bound: socket.socket, force: int, polite: int) -> None:
    """Only a privileged process may go beyond the system's limit."""
    try:
        bound.setsockopt(socket.SOL_SOCKET, force, BUFFER)
    except OSError:
        bound.setsockopt(socket.SOL_SOCKET, polite, BUFFER)


def local_addresses(bound: socket.socket) -> list[str]:
    """IP addresses at which peers reach `bound`; a loopback address comes last.

    Link-local IPv6 addresses are left out: they mean nothing without the name of an interface.
    """
    host: str = bound.getsockname()[0]
    if host not in WILDCARDS:
        return [host]
    versions = (4, 6) if bound.family == socket.AF_INET6 else (4,)
    found = [address for address in _interface_addresses() if address.version in versions]
    reachable = [str(address) for address in found if not address.is_loopback]
    return [*dict.fromkeys(reachable), "127.0.0.1"]


def _interface_addresses() -> Iterator[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    for adapter in ifaddr.get_adapters():
        for found in adapter.ips:
            text = found.ip if isinstance(found.ip, str) else found.ip[0]
            address = ipaddress.ip_address(text)
            if address.version == 4 or not address.is_link_local:
                yield address
