"""The self-signed certificate: for all our addresses, kept while it is good."""

# ruff: noqa: S104 - nothing is bound here

from __future__ import annotations

import ssl
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509

from api.certificate import LIFETIME, RENEWED_BEFORE, self_signed, server_context
from api.network import IPAddress, reachable, url

NOW = datetime(2026, 11, 22, tzinfo=UTC)
LAN = ip_address("192.0.2.1")

Addresses = Callable[[IPAddress], None]


@pytest.fixture
def set_address(monkeypatch: pytest.MonkeyPatch) -> Addresses:
    def set_address(address: IPAddress) -> None:
        monkeypatch.setattr("api.certificate.network_addresses", lambda: [address])

    set_address(LAN)
    return set_address


def names(certificate: Path) -> set[str]:
    parsed = x509.load_pem_x509_certificate(certificate.read_bytes())
    found = parsed.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return {str(name.value) for name in found}


@pytest.mark.usefixtures("set_address")
def test_it_names_all_addresses_and_fits_its_key(tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path / "new", NOW)
    assert {"localhost", "127.0.0.1", "::1", str(LAN)} <= names(certificate)
    assert server_context(certificate, key).minimum_version >= ssl.TLSVersion.TLSv1_2
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


@pytest.mark.usefixtures("set_address")
def test_a_good_one_is_kept_and_renewed_in_time(tmp_path: Path) -> None:
    first = self_signed(tmp_path, NOW)[0].read_bytes()
    last_day = NOW + LIFETIME - RENEWED_BEFORE
    assert self_signed(tmp_path, last_day - timedelta(seconds=1))[0].read_bytes() == first
    assert self_signed(tmp_path, last_day)[0].read_bytes() != first


def test_other_addresses_bring_another_certificate(tmp_path: Path, set_address: Addresses) -> None:
    self_signed(tmp_path, NOW)
    set_address(ip_address("192.0.2.2"))
    certificate, key = self_signed(tmp_path, NOW)
    assert "192.0.2.2" in names(certificate)
    assert str(LAN) not in names(certificate)
    server_context(certificate, key)


@pytest.mark.usefixtures("set_address")
@pytest.mark.parametrize("broken", ["tls.crt", "tls.key"])
def test_a_broken_pair_is_made_again(tmp_path: Path, broken: str) -> None:
    self_signed(tmp_path, NOW)
    (tmp_path / broken).unlink()
    server_context(*self_signed(tmp_path, NOW))


def test_who_can_be_reached_where(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.network.network_addresses", lambda: [LAN])
    assert reachable("127.0.0.1") == []
    assert reachable("0.0.0.0") == [LAN]
    assert reachable("192.0.2.7") == [ip_address("192.0.2.7")]


@pytest.mark.parametrize(
    ("scheme", "host", "port", "expected"),
    [
        ("http", "localhost", 8080, "http://localhost:8080"),
        ("http", "localhost", 80, "http://localhost"),
        ("https", LAN, 443, "https://192.0.2.1"),
        ("https", ip_address("2001:db8::1"), 80, "https://[2001:db8::1]:80"),
    ],
)
def test_addresses_are_written_as_urls(
    scheme: str, host: IPAddress | str, port: int, expected: str
) -> None:
    assert url(scheme, host, port) == expected
