"""Whom a request comes from, whatever it says itself."""

from __future__ import annotations

from ipaddress import ip_network

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from api.addresses import Addresses, parse, subscriber

PROXIES = Addresses([ip_network("10.0.0.0/8"), ip_network("2001:db8::/48")])
NOBODY = Addresses()
PROXY = "10.0.0.1"
TRUSTED = st.sampled_from(["10.0.0.2", "10.255.0.1:80", "[2001:db8::7]:1", " 2001:db8::8 "])
STRANGERS = st.ip_addresses().map(str).filter(lambda text: not PROXIES.trusts(text))
ANYTHING = st.text(alphabet="0123456789abcdef:.,[]% unknown_", max_size=60)


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        ([], PROXY),
        ([""], PROXY),
        (["192.0.2.7"], "192.0.2.7"),
        (["192.0.2.7:5000"], "192.0.2.7"),
        (["[2001:db8:1::1]:443"], "2001:db8:1::1"),
        (["fe80::1%eth0"], "fe80::1"),
        (["::ffff:192.0.2.7"], "192.0.2.7"),
        (["198.51.100.1, 192.0.2.7"], "192.0.2.7"),
        (["198.51.100.1", "192.0.2.7, 10.0.0.9"], "192.0.2.7"),
        (["10.0.0.5, 10.0.0.6"], "10.0.0.5"),
        (["192.0.2.7, unknown, 10.0.0.6"], "10.0.0.6"),
        (["192.0.2.7, _hidden"], PROXY),
        (["192.0.2.7," + "1" * 5000], PROXY),
    ],
)
def test_the_right_most_that_is_no_proxy(forwarded: list[str], address: str) -> None:
    assert PROXIES.origin(PROXY, forwarded) == address


@given(
    forged=st.lists(ANYTHING, max_size=5),
    client=STRANGERS,
    chain=st.lists(TRUSTED, max_size=4),
    split=st.integers(0, 10),
)
def test_what_the_client_wrote_itself_is_worth_nothing(
    forged: list[str], client: str, chain: list[str], split: int
) -> None:
    entries = [*forged, client, *chain]
    values = [",".join(entries[:split]), ",".join(entries[split:])]
    assert PROXIES.origin(PROXY, values) == str(parse(client))


@given(values=st.lists(ANYTHING, max_size=5))
def test_whatever_is_sent_there_is_an_address(values: list[str]) -> None:
    assert parse(PROXIES.origin(PROXY, values)) is not None


def request(peer: str, **headers: str) -> web.Request:
    fields = CIMultiDict({name.replace("_", "-"): value for name, value in headers.items()})
    return make_mocked_request("GET", "/", fields).clone(remote=peer)


@pytest.mark.parametrize(
    ("addresses", "peer", "address"),
    [
        (PROXIES, "10.1.1.1", "192.0.2.7"),
        (PROXIES, "::ffff:10.1.1.1", "192.0.2.7"),
        (PROXIES, "11.1.1.1", "11.1.1.1"),
        (PROXIES, "", ""),
        (NOBODY, "10.1.1.1", "10.1.1.1"),
        (NOBODY, "::ffff:10.1.1.1", "10.1.1.1"),
        (NOBODY, "fe80::1%eth0", "fe80::1"),
    ],
)
def test_only_proxies_are_believed(addresses: Addresses, peer: str, address: str) -> None:
    sent = request(peer, X_Forwarded_For="192.0.2.7", X_Forwarded_Proto="http, HTTPS")
    assert addresses.of(sent) == address
    assert addresses.speaks_tls(sent) is (address == "192.0.2.7")
    assert not addresses.speaks_tls(request(peer, X_Forwarded_Proto="https, http"))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::1", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "192.0.2.1", True),
        ("", "", True),
    ],
)
def test_an_ipv6_network_of_64_bits_is_one_customer(one: str, other: str, same: bool) -> None:
    assert (subscriber(one) == subscriber(other)) is same
