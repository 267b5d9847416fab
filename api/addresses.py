"""Where requests come from, when they come through proxies.

A proxy tells whom it speaks for in `X-Forwarded-For`, each one of a chain adding to the right. Only
what trusted ones added is worth anything: whatever stands further left the client may have written
itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TypeAlias

from aiohttp import web

from api.values import Network

Address: TypeAlias = "IPv4Address | IPv6Address"
LONGEST = 80
"""Characters of an address, with zone, port and blanks."""
SUBSCRIBER_PREFIX = 64
"""Bits. What one customer of a provider has at least, in IPv6."""


class Addresses:
    """`trusted`: the proxies in front of this server."""

    def __init__(self, trusted: Sequence[Network] = ()) -> None:
        self._trusted = trusted

    def of(self, request: web.Request) -> str:
        """The client's address; empty if there is none, as on a unix socket."""
        peer = request.remote or ""
        if not self.trusts(peer):
            address = parse(peer)
            return str(address) if address else peer
        return self.origin(peer, request.headers.getall("X-Forwarded-For", []))

    def origin(self, peer: str, forwarded: Sequence[str]) -> str:
        """The right-most address that is no trusted proxy's, of a trusted `peer` and the values of
        `X-Forwarded-For`. What a proxy says that is no address hides who is behind it."""
        nearest = str(parse(peer))
        for entry in reversed(",".join(forwarded).split(",")):
            if not entry.strip():  # such are to be ignored (RFC 9110, section 5.6.1)
                continue
            address = parse(entry)
            if address is None:
                break
            nearest = str(address)
            if not self.trusts(nearest):
                break
        return nearest

    def trusts(self, peer: str) -> bool:
        if not self._trusted:
            return False
        address = parse(peer)
        return address is not None and any(address in network for network in self._trusted)

    def speaks_tls(self, request: web.Request) -> bool:
        """Whether a trusted proxy says that the client speaks TLS with it."""
        told = request.headers.get("X-Forwarded-Proto", "").rpartition(",")[2]
        return told.strip().lower() == "https" and self.trusts(request.remote or "")


def parse(text: str) -> Address | None:
    """An address as proxies write it: perhaps with a port, in IPv6 then in brackets."""
    return _parse(text.strip()) if len(text) <= LONGEST else None


@lru_cache(maxsize=4096)
def _parse(text: str) -> Address | None:
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return plain(ip_address(text.partition("%")[0]))
    except ValueError:
        return None


def plain(address: Address) -> Address:
    """IPv4 as such, also where a socket for both shows it as IPv6 (RFC 4291, section 2.5.5.2)."""
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


@lru_cache(maxsize=4096)
def subscriber(address: str) -> str:
    """Whom to count an address as: whoever has one of IPv6 has 2⁶⁴ of them."""
    parsed = parse(address)
    if isinstance(parsed, IPv6Address):
        return str(ip_network((parsed, SUBSCRIBER_PREFIX), strict=False))
    return address
