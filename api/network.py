"""This machine's addresses, as others see them."""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address

import ifaddr

IPAddress = IPv4Address | IPv6Address
LOOPBACK: tuple[IPAddress, ...] = (ip_address("127.0.0.1"), ip_address("::1"))


def network_addresses() -> list[IPAddress]:
    """Those other computers may reach us at, likeliest first: the default route's, then IPv4."""
    found = {
        ip_address(ip.ip if isinstance(ip.ip, str) else ip.ip[0])
        for adapter in ifaddr.get_adapters()
        for ip in adapter.ips
    }
    usable = [address for address in found if not (address.is_loopback or address.is_link_local)]
    default = _default_route_address()
    return sorted(usable, key=lambda address: (address != default, address.version, int(address)))


def _default_route_address() -> IPAddress | None:
    """Asks the routing table only: connecting a UDP socket sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # RFC 5737, documentation
        except OSError:
            return None
        return ip_address(probe.getsockname()[0])


def reachable(host: str) -> list[IPAddress]:
    """Addresses under which others can open what listens on `host`."""
    address = ip_address(host)
    if address.is_loopback:
        return []
    return network_addresses() if address.is_unspecified else [address]


def url(scheme: str, host: IPAddress | str, port: int) -> str:
    """Without the port where it is the scheme's own."""
    name = f"[{host}]" if isinstance(host, IPv6Address) else str(host)
    usual = {"http": 80, "https": 443}[scheme]
    return f"{scheme}://{name}" if port == usual else f"{scheme}://{name}:{port}"
