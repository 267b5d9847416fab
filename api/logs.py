"""Log lines: for people or for programs, each saying whose it is, with or without addresses."""

from __future__ import annotations

import logging
import re
import sys
import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, TextIO

from pythonjsonlogger.json import JsonFormatter

from signaling import correlation
from signaling.bucket import Buckets, Rate

KIND = Rate(20.0, 2000.0)
"""Lines that differ only by what is filled in: a whole conference may join at once."""
SHORT = 100
"""Characters by which kinds of lines are told apart."""
LEFT_OUT = "left_out"
HIDDEN = "(address)"
MASKED_TO = {4: 24, 6: 48}
"""Bits that are left of an address: less than a household."""

_CANDIDATE = re.compile(
    r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}(?!\w)"
    r"|[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,8}(?:\.\d{1,3}){0,3}(?![\w:]))"
)
"""What may be an address, of IPv4 or IPv6."""
_CONTROL = {number: f"\\x{number:02x}" for number in (*range(32), *range(0x7F, 0xA0))}

Mask = Callable[[str], str]


def set_up(level: str, form: str, addresses: str, stream: TextIO | None = None) -> None:
    """For the whole process, instead of what was set up before."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(formatter(form, addresses))
    handler.addFilter(Thrift())
    handler.addFilter(correlate)
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)


def formatter(form: str, addresses: str) -> logging.Formatter:
    return _Json(mask(addresses)) if form == "json" else _Console(mask(addresses))


def mask(addresses: str) -> Mask:
    """From a text to the same with addresses as they shall be told."""
    if addresses == "full":
        return lambda text: text
    told = _without if addresses == "none" else _masked
    return lambda text: _CANDIDATE.sub(lambda found: told(found[0]), text)


def correlate(record: logging.LogRecord) -> bool:
    """Now: the formatter may be asked elsewhere."""
    left_out = getattr(record, LEFT_OUT, 0)
    known = correlation.fields()
    record.correlation = {**known, LEFT_OUT: left_out} if left_out else known
    return True


class Thrift:
    """A filter: whoever makes us say the same again and again must not fill the disk.

    Lines of one kind beyond `KIND` are left out, and the next one that is not says how many. Debug
    lines are what somebody asked for.
    """

    def __init__(self) -> None:
        self._buckets: Buckets[tuple[str, str]] = Buckets(KIND)
        self._left_out: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()

    def __call__(self, record: logging.LogRecord) -> bool:
        if record.levelno <= logging.DEBUG:
            return True
        kind = record.name, str(record.msg)[:SHORT]
        with self._lock:
            if self._buckets.take(kind, record.created):
                self._left_out[kind] += 1
                return False
            setattr(record, LEFT_OUT, self._left_out.pop(kind, 0))
        return True


class _Console(logging.Formatter):
    """One line each, whatever is in the message; only tracebacks have more."""

    def __init__(self, mask: Mask) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._mask = mask

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - as it is there
        line = self._mask(super().formatMessage(record)).translate(_CONTROL)
        known = getattr(record, "correlation", {})
        return line + (f" [{' '.join(f'{k}={v}' for k, v in known.items())}]" if known else "")

    def formatException(self, ei: Any) -> str:  # noqa: N802, ANN401 - as it is there
        return self._mask(super().formatException(ei))

    def formatStack(self, stack_info: str) -> str:  # noqa: N802 - as it is there
        return self._mask(super().formatStack(stack_info))


class _Json(JsonFormatter):
    """One object in one line each."""

    def __init__(self, mask: Mask) -> None:
        super().__init__()
        self._mask = mask

    def add_fields(
        self,
        log_data: dict[str, Any],
        record: logging.LogRecord,
        message_dict: dict[str, Any],
    ) -> None:
        log_data["time"] = datetime.fromtimestamp(record.created, UTC).isoformat()
        log_data["level"] = record.levelname.lower()
        log_data["logger"] = record.name
        log_data["message"] = self._mask(record.getMessage())
        log_data.update(getattr(record, "correlation", {}))
        for name in ("exc_info", "stack_info"):
            if message_dict.get(name):
                log_data[name] = self._mask(message_dict[name])


def _masked(text: str) -> str:
    network = _network(text)
    return text if network is None else str(network.network_address)


def _without(text: str) -> str:
    return text if _network(text) is None else HIDDEN


@lru_cache(maxsize=4096)
def _network(text: str) -> IPv4Network | IPv6Network | None:
    """Where somebody's address is; None if it is none, or nobody's."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped or address
    if address.is_loopback or address.is_unspecified:
        return None
    return ip_network((address, MASKED_TO[address.version]), strict=False)
