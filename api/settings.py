"""All settings, each described once, in the class that holds them.

They come from environment variables. The same descriptions make the check of a value, `tertulia
--help` and the table in README.md. A wrong value ends the start with a message that names the
variable, the value and what is allowed.
"""

# ruff: noqa: RUF009 - `_setting` makes a dataclass field, as `field` does

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from pathlib import Path
from typing import Any

from api import values
from api.values import Announced, Kind, Network
from db.pool import CONNECTIONS, Address
from sfu.policy import CAMERA_CODECS, MAX_SPEAKERS

LOG_FORMATS = ("console", "json")
LOG_ADDRESSES = ("full", "masked", "none")
SIGNUPS = ("open", "invite", "closed")
SECRETS = ("DATABASE_URL", "DATABASE_PASSWORD", "JWT_SECRET", "METRICS_TOKEN", "TURN_SECRET")
"""Variables whose values are never printed."""


class SettingsError(Exception):
    """A setting is wrong; the message names it."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What there is to know about one variable. Set but empty means not set."""

    name: str
    kind: Kind[Any]
    meaning: str
    default: str
    """In words, where there is no plain value."""

    def parse(self, text: str) -> object:
        try:
            return self.kind.parse(text)
        except (ValueError, OSError):
            shown = "its value" if self.name in SECRETS else repr(text)
            raise SettingsError(
                f"{self.name}: {shown} is not allowed. Allowed: {self.kind.allowed}."
            ) from None


def _setting(
    name: str,
    kind: Kind[Any],
    meaning: str,
    default: str = "",
    otherwise: str = "",
    absent: object = None,
) -> Any:  # noqa: ANN401 - as `dataclasses.field` itself
    """A field read from variable `name`; without `default` it is `absent`, told as `otherwise`."""
    return field(
        default=kind.parse(default) if default else absent,
        metadata={"setting": Setting(name, kind, meaning, otherwise or default)},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One field per variable; `Settings()` is what holds when none is set."""

    host: str = _setting(
        "HOST",
        values.ADDRESS,
        "Address the web server listens on.",
        "127.0.0.1",
        otherwise="127.0.0.1; with SHARE=1 0.0.0.0",
    )
    port: int = _setting("PORT", values.PORT_OR_ANY, "TCP port of the web server.", "8080")
    share: bool = _setting(
        "SHARE",
        values.SWITCH,
        "1: let other computers join. Listens on all addresses and serves HTTPS, with a "
        "certificate made in DATA_DIR unless TLS_CERT_FILE is set.",
        "0",
    )
    public_url: str | None = _setting(
        "PUBLIC_URL",
        values.ORIGIN,
        "Address under which people open the page; invite links start with it.",
        otherwise="this machine's first address that HOST serves: http://localhost:8080, or with "
        "SHARE=1 the like of https://192.168.1.20:8080",
    )
    trusted_proxies: tuple[Network, ...] = _setting(
        "TRUSTED_PROXIES",
        values.NETWORKS,
        "Reverse proxies in front of this server: only from them X-Forwarded-For and "
        "X-Forwarded-Proto are believed. Without it, all who come through a proxy share the "
        "limits of one address.",
        otherwise="none",
        absent=(),
    )
    cors_origins: tuple[str, ...] = _setting(
        "CORS_ORIGINS",
        values.ORIGINS,
        "Origins of other sites whose pages may use the HTTP API and /ws.",
        otherwise="none",
        absent=(),
    )
    metrics_token: str | None = _setting(
        "METRICS_TOKEN",
        values.text("at least 16 characters", r"\S{16,}"),
        "Who sends this as a Bearer token may read /metrics from anywhere. Without it, only "
        "programs on this machine may, and only if they ask directly.",
        otherwise="none",
    )
    metrics_port: int | None = _setting(
        "METRICS_PORT",
        values.PORT,
        "TCP port of HOST on which /metrics is served, instead of on PORT.",
        otherwise="PORT",
    )
    rate_limits: float | None = _setting(
        "RATE_LIMITS",
        values.FACTOR,
        "What the limits of requests per address and account (docs/http-api.md) are multiplied "
        "by; off is for load tests.",
        "1",
    )
    sockets_per_address: int = _setting(
        "SOCKETS_PER_ADDRESS",
        values.integer(1, 1_000_000),
        "How many connections to /ws one address may have open. A whole school may share one.",
        "500",
    )
    sockets_per_account: int = _setting(
        "SOCKETS_PER_ACCOUNT",
        values.integer(1, 1_000_000),
        "How many of them one account may have: its devices and browser tabs.",
        "20",
    )
    tls_cert_file: Path | None = _setting(
        "TLS_CERT_FILE",
        values.FILE,
        "Certificate chain (PEM) to serve HTTPS with. Needs TLS_KEY_FILE.",
        otherwise="none",
    )
    tls_key_file: Path | None = _setting(
        "TLS_KEY_FILE",
        values.FILE,
        "Private key (PEM) of TLS_CERT_FILE.",
        otherwise="none",
    )
    media_port: int = _setting(
        "MEDIA_PORT",
        values.PORT_OR_ANY,
        "UDP port of all audio and video; with MEDIA_ENGINES the first of so many.",
        "7882",
    )
    media_tcp: bool = _setting(
        "MEDIA_TCP",
        values.SWITCH,
        "1: media over TCP, too, on the same port, for browsers in networks that let no UDP out.",
        "1",
    )
    media_host: str = _setting(
        "MEDIA_HOST",
        values.ADDRESS,
        "Address the media port listens on. It answers nobody who was not let into a meeting; on a "
        "loopback address alone, Firefox does not reach it even from the same machine.",
        "::",
        otherwise="all addresses",
    )
    media_announced: Announced = _setting(
        "MEDIA_ANNOUNCED",
        values.ANNOUNCED,
        "Addresses told to browsers for media, where they differ from this machine's own (NAT, "
        "Docker). A port with one is the first of MEDIA_ENGINES, as MEDIA_PORT is.",
        otherwise="all addresses of MEDIA_HOST",
        absent=(),
    )
    turn_urls: tuple[str, ...] = _setting(
        "TURN_URLS",
        values.TURN_URLS,
        "TURN servers, told to browsers whose network lets no UDP out, with names and passwords "
        "that end. Needs TURN_SECRET.",
        otherwise="none",
        absent=(),
    )
    turn_secret: str | None = _setting(
        "TURN_SECRET",
        values.text("at least 16 characters", r"\S{16,}"),
        "What TURN_URLS and this server share (coturn: static-auth-secret).",
        otherwise="none",
    )
    media_engines: int = _setting(
        "MEDIA_ENGINES",
        values.integer(1, 64),
        "How many engines forward media beside each other, each with a UDP port of its own, from "
        "MEDIA_PORT on. A meeting is on one of them, so several serve more meetings, not larger "
        "ones; useful up to the number of processors.",
        "1",
    )
    media_camera_codec: str = _setting(
        "MEDIA_CAMERA_CODEC",
        values.choice(*CAMERA_CODECS),
        "What cameras are sent in: VP8 or H264 in three sizes at a time, VP9 or AV1 in layers of "
        "one stream, which takes less of a publisher's line and more of his processor. A browser "
        "that cannot takes VP8.",
        "VP8",
    )
    media_speakers: int = _setting(
        "MEDIA_SPEAKERS",
        values.integer(1, MAX_SPEAKERS),
        "How many voices everybody hears at a time: the latest and loudest of a meeting. The sound "
        "of a shared screen is heard beside them.",
        "3",
    )
    meeting_participants: int = _setting(
        "MEETING_PARTICIPANTS",
        values.integer(2, 1000),
        "How many may be in one meeting at a time.",
        "100",
    )
    drain: timedelta = _setting(
        "DRAIN",
        values.DURATION_OR_ZERO,
        "How long running meetings may go on after SIGTERM, which lets none begin; a second signal "
        "stops at once. Whatever stops the server (Docker, systemd) must wait for longer.",
        "1m",
    )
    data_dir: Path = _setting(
        "DATA_DIR",
        values.PATH,
        "Directory of everything that must survive: database, keys, certificate.",
        ".data",
    )
    database_url: str | None = _setting(
        "DATABASE_URL",
        values.text("postgresql://user:password@host:port/name", r"postgres(ql)?://.+"),
        "A PostgreSQL server to use instead of the embedded one.",
        otherwise="the embedded PostgreSQL",
    )
    database_host: str | None = _setting(
        "DATABASE_HOST",
        values.text("a host name, an IP address or the directory of a unix socket", r"\S{1,255}"),
        "The same in parts, instead of DATABASE_URL.",
        otherwise="the embedded PostgreSQL",
    )
    database_port: int = _setting("DATABASE_PORT", values.PORT, "Port of DATABASE_HOST.", "5432")
    database_name: str = _setting(
        "DATABASE_NAME", values.NAME, "Database on DATABASE_HOST.", "tertulia"
    )
    database_user: str = _setting(
        "DATABASE_USER", values.NAME, "User on DATABASE_HOST.", "tertulia"
    )
    database_password: str | None = _setting(
        "DATABASE_PASSWORD",
        values.text("a password", r".+"),
        "Password on DATABASE_HOST.",
        otherwise="none",
    )
    database_pool: int = _setting(
        "DATABASE_POOL",
        values.integer(1, 1000),
        "How many connections to PostgreSQL, the embedded one too, are open at most.",
        str(CONNECTIONS),
    )
    jwt_secret: str | None = _setting(
        "JWT_SECRET",
        values.text("at least 32 characters (RFC 7518, section 3.2)", r"(?s).{32,}"),
        "Key that signs access tokens.",
        otherwise="made at the first start and kept in DATA_DIR",
    )
    jwt_expires_in: timedelta = _setting(
        "JWT_EXPIRES_IN", values.DURATION, "How long a login lasts.", "1d"
    )
    signup: str = _setting(
        "SIGNUP",
        values.choice(*SIGNUPS),
        "Who may make an account: open lets everybody; invite whom an administrator invites, or "
        "`tertulia admin invite`; closed only whom that command invites.",
        "open",
    )
    engine: str = _setting(
        "TERTULIA_ENGINE",
        values.choice("auto", "native", "reference"),
        "Implementation of the packet path: native is C, reference is Python. auto takes native; "
        "where that cannot run, reference, with a warning.",
        "auto",
    )
    log_level: str = _setting(
        "LOG_LEVEL",
        values.choice("debug", "info", "warning", "error"),
        "Least important messages to log.",
        "info",
    )
    log_format: str = _setting(
        "LOG_FORMAT",
        values.choice(*LOG_FORMATS),
        "Log lines for people, or each as a JSON object for programs.",
        "console",
    )
    log_addresses: str = _setting(
        "LOG_ADDRESSES",
        values.choice(*LOG_ADDRESSES),
        "IP addresses of people in logs and traces: full; masked, cut to the first 24 bits (IPv6: "
        "48); or none.",
        "full",
    )
    otlp_endpoint: str | None = _setting(
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        values.text("an address that begins with http:// or https://", r"https?://\S+"),
        "Collector that traces are sent to, by OTLP over HTTP (http://localhost:4318). "
        "OpenTelemetry's other OTEL_* variables hold as well.",
        otherwise="no traces are made",
    )

    @property
    def database(self) -> Address | None:
        """The external PostgreSQL; None: the embedded one."""
        if self.database_url:
            return Address(dsn=self.database_url)
        if self.database_host:
            return Address(
                host=self.database_host,
                port=self.database_port,
                database=self.database_name,
                user=self.database_user,
                password=self.database_password,
            )
        return None

    @property
    def tls(self) -> bool:
        return self.share or self.tls_cert_file is not None


_DESCRIBED: dict[str, Setting] = {
    field.name: field.metadata["setting"] for field in fields(Settings)
}
ALL = tuple(_DESCRIBED.values())


def load(environment: Mapping[str, str]) -> Settings:
    """The settings of an environment. Raises SettingsError."""
    given: dict[str, Any] = {
        name: setting.parse(environment[setting.name])
        for name, setting in _DESCRIBED.items()
        if environment.get(setting.name)
    }
    _check_together({_DESCRIBED[name].name for name in given})
    if given.get("share"):
        given.setdefault("host", "0.0.0.0")  # noqa: S104 - what SHARE=1 asks for
    settings = Settings(**given)
    _check_ports("MEDIA_PORT", settings.media_port, settings.media_engines)
    for _, port in settings.media_announced:
        _check_ports("MEDIA_ANNOUNCED", port, settings.media_engines)
    return settings


def _check_together(given: set[str]) -> None:
    apart = ("DATABASE_URL", "DATABASE_POOL")
    parts = sorted(n for n in given if n.startswith("DATABASE_") and n not in apart)
    if "DATABASE_URL" in given and parts:
        raise SettingsError(
            f"DATABASE_URL and {parts[0]} are both set. Allowed: DATABASE_URL alone, or "
            "DATABASE_HOST with DATABASE_PORT, _NAME, _USER, _PASSWORD."
        )
    if parts and "DATABASE_HOST" not in given:
        raise SettingsError(f"{parts[0]} is set without DATABASE_HOST. Allowed: with it.")
    for one, other in (
        ("TLS_CERT_FILE", "TLS_KEY_FILE"),
        ("TLS_KEY_FILE", "TLS_CERT_FILE"),
        ("TURN_URLS", "TURN_SECRET"),
        ("TURN_SECRET", "TURN_URLS"),
    ):
        if one in given and other not in given:
            raise SettingsError(f"{one} is set without {other}. Allowed: both or none.")


def _check_ports(name: str, first: int | None, engines: int) -> None:
    """Is there a port for each engine?"""
    highest = values.MAX_PORT + 1 - engines
    if first and first > highest:
        raise SettingsError(
            f"{name}: {first} is not allowed with MEDIA_ENGINES={engines}, each of which has a "
            f"port. Allowed: at most {highest}."
        )
