"""Kinds of values a setting may have: what is allowed, in words and as a parser."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Generic, TypeAlias, TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")

Network: TypeAlias = "IPv4Network | IPv6Network"

Announced = tuple[tuple[str, int | None], ...]
"""IP addresses for media, each with its port where that is another than we listen on."""


@dataclass(frozen=True, slots=True)
class Kind(Generic[T]):
    """`parse` raises ValueError or OSError for what is not `allowed`."""

    allowed: str
    parse: Callable[[str], T]


def integer(low: int, high: int) -> Kind[int]:
    def parse(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", text) or not low <= int(text) <= high:
            raise ValueError(text)
        return int(text)

    return Kind(f"a whole number from {low} to {high}", parse)


def choice(*values: str) -> Kind[str]:
    def parse(text: str) -> str:
        return values[[value.lower() for value in values].index(text.lower())]

    return Kind(", ".join(values[:-1]) + f" or {values[-1]}", parse)


def text(allowed: str, pattern: str) -> Kind[str]:
    def parse(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(text)
        return text

    return Kind(allowed, parse)


def _switch(text: str) -> bool:
    return ("0", "1").index(text) == 1


def _address(text: str) -> str:
    return "127.0.0.1" if text == "localhost" else str(ip_address(text))


def _duration(text: str) -> timedelta:
    match = re.fullmatch(r"([1-9][0-9]{0,7})([smhd])", text)
    if match is None:
        raise ValueError(text)
    unit = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}[match[2]]
    duration = timedelta(**{unit: int(match[1])})
    if duration > timedelta(days=3650):
        raise ValueError(text)
    return duration


def _turn_urls(text: str) -> tuple[str, ...]:
    """RFC 7065, section 3.1."""
    urls = tuple(url.strip() for url in text.split(","))
    host = r"(\[[0-9A-Fa-f:.]+\]|[\w.-]+)"
    form = re.compile(rf"turns?:{host}(:[0-9]{{1,5}})?(\?transport=(udp|tcp))?")
    if not all(map(form.fullmatch, urls)):
        raise ValueError(text)
    return urls


def _duration_or_zero(text: str) -> timedelta:
    return timedelta() if re.fullmatch("0[smhd]?", text) else _duration(text)


def _origin(text: str) -> str:
    url = urlsplit(text.rstrip("/"))
    if url.scheme not in ("http", "https") or not url.hostname or url.username is not None:
        raise ValueError(text)
    if url.path or url.query or url.fragment or url.port == 0:  # `port` raises if it is none
        raise ValueError(text)
    return url._replace(netloc=url.netloc.lower()).geturl()


def _origins(text: str) -> tuple[str, ...]:
    return tuple(_origin(part.strip()) for part in text.split(","))


def _networks(text: str) -> tuple[Network, ...]:
    return tuple(ip_network(part.strip()) for part in text.split(","))


def _factor(text: str) -> float | None:
    """Written out: `nan`, `inf` and `1e999` are floats too."""
    if text.lower() == "off":
        return None
    if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,4})?", text) or not float(text):
        raise ValueError(text)
    return float(text)


def _existing_file(text: str) -> Path:
    path = Path(text)
    with path.open("rb"):
        return path


def _announced(text: str) -> Announced:
    return tuple(_announced_one(part.strip()) for part in text.split(","))


def _announced_one(text: str) -> tuple[str, int | None]:
    match = re.fullmatch(r"(?:\[([0-9A-Fa-f:]+)\]|([0-9.]+)):([0-9]{1,5})", text)
    if match is None:
        return str(ip_address(text)), None
    return str(ip_address(match[1] or match[2])), PORT.parse(match[3])


MAX_PORT = 65535
PORT = integer(1, MAX_PORT)
PORT_OR_ANY = Kind(
    f"a whole number from 0 to {MAX_PORT}, 0 for any free port", integer(0, MAX_PORT).parse
)
SWITCH = Kind("0 or 1", _switch)
ADDRESS = Kind("an IP address of this machine, 0.0.0.0 or :: for all, or localhost", _address)
DURATION = Kind(
    "a number with s, m, h or d, such as 3600s, 30m, 12h, 1d; at most 10 years", _duration
)
DURATION_OR_ZERO = Kind(f"0, or {DURATION.allowed}", _duration_or_zero)
ORIGIN = Kind("an http:// or https:// address without a path", _origin)
ORIGINS = Kind("http:// or https:// addresses without a path, with commas between", _origins)
NETWORKS = Kind("IP addresses and networks (10.0.0.0/8), with commas between", _networks)
TURN_URLS = Kind(
    "addresses such as turn:turn.example.org:3478?transport=tcp, with commas between", _turn_urls
)
FACTOR = Kind("off, or a number above 0 such as 0.5 or 20, at most 9999", _factor)
PATH = Kind("a path", Path)
FILE = Kind("the path of a readable file", _existing_file)
ANNOUNCED = Kind(
    "IP addresses with commas between, each with :port where it differs ([IPv6]:port)",
    _announced,
)
NAME = text("a name", r".{1,255}")
