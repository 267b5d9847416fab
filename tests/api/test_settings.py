"""Settings: read from the environment, refused by name."""

# ruff: noqa: S104 - nothing is bound here

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest

from api.documentation import help_text, settings_table
from api.settings import ALL, SECRETS, Settings, SettingsError, load
from api.tables import with_tables
from db.pool import Address

README = Path(__file__).parents[2] / "README.md"
CERTIFICATE = {"TLS_CERT_FILE": __file__, "TLS_KEY_FILE": __file__}


def test_turn_servers() -> None:
    urls = "turn:a.example.org:3478?transport=tcp, turns:[2001:db8::1]"
    settings = load({"TURN_URLS": urls, "TURN_SECRET": "s" * 16})
    assert settings.turn_urls == ("turn:a.example.org:3478?transport=tcp", "turns:[2001:db8::1]")


def test_nothing_set_is_fine() -> None:
    settings = load({"UNKNOWN": "x", "TERTULIA_UNKNOWN": "x", "PORT": ""})
    assert settings == Settings()
    assert (settings.host, settings.port, settings.media_port) == ("127.0.0.1", 8080, 7882)
    assert (settings.media_host, settings.media_announced) == ("::", ())
    assert (settings.engine, settings.media_engines) == ("auto", 1)
    assert settings.jwt_expires_in == timedelta(days=1)
    assert (settings.database, settings.tls, settings.data_dir) == (None, False, Path(".data"))


@pytest.mark.parametrize(
    ("variable", "text", "field", "value"),
    [
        ("HOST", "localhost", "host", "127.0.0.1"),
        ("HOST", "::", "host", "::"),
        ("PORT", "0", "port", 0),
        ("PORT", "65535", "port", 65535),
        ("PUBLIC_URL", "https://Meet.example.org/", "public_url", "https://meet.example.org"),
        ("PUBLIC_URL", "http://[::1]:81", "public_url", "http://[::1]:81"),
        ("MEDIA_PORT", "7000", "media_port", 7000),
        ("MEDIA_HOST", "192.0.2.1", "media_host", "192.0.2.1"),
        ("MEDIA_ANNOUNCED", "192.0.2.1", "media_announced", (("192.0.2.1", None),)),
        (
            "MEDIA_ANNOUNCED",
            "192.0.2.1:70, 2001:db8::1,[2001:db8::2]:71",
            "media_announced",
            (("192.0.2.1", 70), ("2001:db8::1", None), ("2001:db8::2", 71)),
        ),
        ("MEDIA_ENGINES", "64", "media_engines", 64),
        ("MEDIA_SPEAKERS", "10", "media_speakers", 10),
        ("MEETING_PARTICIPANTS", "1000", "meeting_participants", 1000),
        ("JWT_EXPIRES_IN", "3600s", "jwt_expires_in", timedelta(hours=1)),
        ("JWT_EXPIRES_IN", "30m", "jwt_expires_in", timedelta(minutes=30)),
        ("JWT_EXPIRES_IN", "12h", "jwt_expires_in", timedelta(hours=12)),
        ("JWT_EXPIRES_IN", "7d", "jwt_expires_in", timedelta(days=7)),
        ("JWT_SECRET", "s" * 32, "jwt_secret", "s" * 32),
        ("DRAIN", "0", "drain", timedelta()),
        ("DRAIN", "2m", "drain", timedelta(minutes=2)),
        ("LOG_LEVEL", "DEBUG", "log_level", "debug"),
        ("TERTULIA_ENGINE", "reference", "engine", "reference"),
        ("DATA_DIR", "/srv/data", "data_dir", Path("/srv/data")),
        ("SHARE", "0", "share", False),
        (
            "TRUSTED_PROXIES",
            "127.0.0.1, 10.0.0.0/8,2001:db8::/32",
            "trusted_proxies",
            (ip_network("127.0.0.1"), ip_network("10.0.0.0/8"), ip_network("2001:db8::/32")),
        ),
        (
            "CORS_ORIGINS",
            "https://App.example.org/, http://[::1]:81",
            "cors_origins",
            ("https://app.example.org", "http://[::1]:81"),
        ),
        ("RATE_LIMITS", "off", "rate_limits", None),
        ("RATE_LIMITS", "0.5", "rate_limits", 0.5),
        ("RATE_LIMITS", "9999", "rate_limits", 9999.0),
        ("SOCKETS_PER_ADDRESS", "2000", "sockets_per_address", 2000),
        ("SOCKETS_PER_ACCOUNT", "3", "sockets_per_account", 3),
    ],
)
def test_a_value_is_understood(variable: str, text: str, field: str, value: object) -> None:
    assert getattr(load({variable: text}), field) == value


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("HOST", "meet.example.org"),
        ("HOST", "1.2.3"),
        ("PORT", "65536"),
        ("PORT", "-1"),
        ("PORT", "8080x"),
        ("PORT", "٨٠"),
        ("PUBLIC_URL", "meet.example.org"),
        ("PUBLIC_URL", "https://meet.example.org/path"),
        ("PUBLIC_URL", "https://user@meet.example.org"),
        ("PUBLIC_URL", "https://meet.example.org:port"),
        ("PUBLIC_URL", "https://[::1"),
        ("PUBLIC_URL", "ftp://meet.example.org"),
        ("TLS_CERT_FILE", "/no/such/file"),
        ("MEDIA_PORT", "70000"),
        ("MEDIA_HOST", "all"),
        ("MEDIA_ANNOUNCED", "meet.example.org"),
        ("MEDIA_ANNOUNCED", "192.0.2.1:0"),
        ("MEDIA_ANNOUNCED", "192.0.2.1:70000"),
        ("MEDIA_ANNOUNCED", "192.0.2.1,"),
        ("MEDIA_ENGINES", "0"),
        ("MEETING_PARTICIPANTS", "1"),
        ("MEETING_PARTICIPANTS", "1001"),
        ("MEDIA_ENGINES", "65"),
        ("MEDIA_SPEAKERS", "0"),
        ("MEDIA_SPEAKERS", "11"),
        ("MEDIA_ENGINES", "auto"),
        ("DATABASE_URL", "mysql://localhost/x"),
        ("DATABASE_PORT", "0"),
        ("JWT_SECRET", "short"),
        ("TURN_URLS", "turn.example.org"),
        ("TURN_URLS", "turn://turn.example.org"),
        ("TURN_URLS", "turn:turn.example.org?transport=sctp"),
        ("TURN_URLS", "turn:a,"),
        ("TURN_SECRET", "short"),
        ("METRICS_TOKEN", "with a blank in it"),
        ("METRICS_PORT", "0"),
        ("DRAIN", "1"),
        ("DRAIN", "-1s"),
        ("JWT_EXPIRES_IN", "1"),
        ("JWT_EXPIRES_IN", "0d"),
        ("JWT_EXPIRES_IN", "1w"),
        ("JWT_EXPIRES_IN", "99999999d"),
        ("TERTULIA_ENGINE", "fast"),
        ("SHARE", "yes"),
        ("SHARE", "01"),
        ("LOG_LEVEL", "loud"),
        ("TRUSTED_PROXIES", "proxy.example.org"),
        ("TRUSTED_PROXIES", "10.0.0.1/8"),
        ("TRUSTED_PROXIES", "10.0.0.0/8,"),
        ("CORS_ORIGINS", "*"),
        ("CORS_ORIGINS", "null"),
        ("CORS_ORIGINS", "https://a.example.org https://b.example.org"),
        ("RATE_LIMITS", "0"),
        ("RATE_LIMITS", "0.00"),
        ("RATE_LIMITS", "-1"),
        ("RATE_LIMITS", "nan"),
        ("RATE_LIMITS", "1e9"),
        ("SOCKETS_PER_ADDRESS", "0"),
    ],
)
def test_a_wrong_value_is_refused_by_name_with_what_is_allowed(variable: str, text: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load({variable: text})
    message = str(refused.value)
    assert message.startswith(f"{variable}: ")
    assert "Allowed: " in message
    secret = variable in SECRETS
    assert (repr(text) in message) is not secret


@pytest.mark.parametrize(
    ("environment", "name"),
    [
        ({"DATABASE_URL": "postgresql://h/n", "DATABASE_HOST": "h"}, "DATABASE_URL"),
        ({"DATABASE_URL": "postgresql://h/n", "DATABASE_PASSWORD": "p"}, "DATABASE_URL"),
        ({"DATABASE_NAME": "n"}, "DATABASE_NAME"),
        ({"TLS_CERT_FILE": __file__}, "TLS_CERT_FILE"),
        ({"TLS_KEY_FILE": __file__}, "TLS_KEY_FILE"),
        ({"TURN_URLS": "turn:h"}, "TURN_URLS"),
        ({"TURN_SECRET": "s" * 16}, "TURN_SECRET"),
    ],
)
def test_what_does_not_go_together_is_refused(environment: dict[str, str], name: str) -> None:
    with pytest.raises(SettingsError, match=rf"^{name} .*Allowed: "):
        load(environment)


@pytest.mark.parametrize(
    ("variable", "fits", "too_high"),
    [
        ("MEDIA_PORT", "65533", "65534"),
        ("MEDIA_ANNOUNCED", "192.0.2.1, 192.0.2.2:65533", "192.0.2.1, 192.0.2.2:65534"),
    ],
)
def test_there_must_be_a_port_for_each_engine(variable: str, fits: str, too_high: str) -> None:
    assert load({"MEDIA_ENGINES": "3", variable: fits}).media_engines == 3
    assert load({variable: too_high}).media_engines == 1
    with pytest.raises(SettingsError) as refused:
        load({"MEDIA_ENGINES": "3", variable: too_high})
    assert str(refused.value) == (
        f"{variable}: 65534 is not allowed with MEDIA_ENGINES=3, each of which has a port. "
        "Allowed: at most 65533."
    )


def test_an_external_database_by_url() -> None:
    url = "postgres://user:password@db.example.org:5433/meet?sslmode=require"
    settings = load({"DATABASE_URL": url})
    assert settings.database == Address(dsn=url)
    assert "password" not in repr(settings.database)


def test_an_external_database_in_parts() -> None:
    assert load({"DATABASE_HOST": "db"}).database == Address(
        host="db", port=5432, database="tertulia", user="tertulia", password=None
    )
    group = {"HOST": "db", "PORT": "5433", "NAME": "n", "USER": "u", "PASSWORD": "p"}
    assert load({f"DATABASE_{part}": text for part, text in group.items()}).database == Address(
        host="db", port=5433, database="n", user="u", password="p"
    )


@pytest.mark.parametrize(
    ("environment", "host", "tls"),
    [
        ({"SHARE": "1"}, "0.0.0.0", True),
        ({"SHARE": "1", "HOST": "192.0.2.1"}, "192.0.2.1", True),
        ({"HOST": "0.0.0.0"}, "0.0.0.0", False),
        (CERTIFICATE, "127.0.0.1", True),
    ],
)
def test_some_settings_bring_others(environment: dict[str, str], host: str, tls: bool) -> None:
    settings = load(environment)
    assert (settings.host, settings.tls) == (host, tls)


def test_every_field_is_a_described_setting() -> None:
    assert len(ALL) == len(fields(Settings)) == len({setting.name for setting in ALL})
    for setting in ALL:
        assert setting.meaning.endswith(".")
        assert setting.default
        assert setting.kind.allowed


def test_help_tells_all_of_them() -> None:
    told = " ".join(help_text().split())
    for setting in ALL:
        assert f"{setting.name} {setting.meaning}" in told


def test_the_readme_has_the_present_table() -> None:
    document = README.read_text()
    assert settings_table() in document, "run: make generate"
    assert with_tables(document) == document
