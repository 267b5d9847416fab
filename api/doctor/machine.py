"""The machine: the engine, its clock, what the kernel allows."""

from __future__ import annotations

import ctypes
import logging
import resource
from collections.abc import Iterator
from pathlib import Path

from api.connections import RESERVED
from api.doctor.findings import Finding, ok, problem, warning
from api.settings import Settings
from sfu.engine.addresses import BUFFER
from sfu.engine.choose import choose

_TIMEX = 256
"""Bytes, more than `struct timex` has."""
_TIME_ERROR = 5
"""What adjtimex(2) returns while nothing keeps the clock right."""
_LIMITS = Path("/proc/sys/net/core")


def engine(settings: Settings) -> Iterator[Finding]:
    logging.getLogger("sfu.engine.choose").disabled = True  # it is said here
    try:
        choice = choose(settings.engine)
    except RuntimeError as error:
        yield problem(
            f"TERTULIA_ENGINE={settings.engine}: {error}.",
            "Install gcc and python3-dev, and Tertulia once more.",
        )
        return
    finally:
        logging.getLogger("sfu.engine.choose").disabled = False
    if choice.reason:
        yield warning(
            f"The reference engine would forward media, since {choice.reason}.",
            "It takes far more of the processor. Install gcc and python3-dev, and Tertulia once "
            "more; or set TERTULIA_ENGINE=reference if that is what you want.",
        )
    else:
        yield ok(f"The {choice.name} engine forwards media.")


def clock() -> Iterator[Finding]:
    """Tokens and certificates have times in them."""
    state = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(_TIMEX))  # asks, sets nothing
    if state == _TIME_ERROR:
        yield warning(
            "Nothing keeps this machine's clock right.",
            "Run a time service, such as systemd-timesyncd or chrony.",
        )
    elif state >= 0:
        yield ok("The clock is kept right.")


def files(settings: Settings) -> Iterator[Finding]:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = settings.sockets_per_address + settings.database_pool + RESERVED
    if most != resource.RLIM_INFINITY and most < wanted:
        yield warning(
            f"The server may open {most} files, connections among them.",
            f"Allow at least {wanted}, better 65536: ulimit -Hn, LimitNOFILE= of systemd, "
            "ulimits: of Compose.",
        )
    else:
        shown = "any number of" if most == resource.RLIM_INFINITY else str(most)
        yield ok(f"The server may open {shown} files.")


def buffers() -> Iterator[Finding]:
    """A keyframe for a large meeting leaves in one burst."""
    for name, meaning in (("rmem_max", "receiving"), ("wmem_max", "sending")):
        try:
            most = int((_LIMITS / name).read_text())
        except FileNotFoundError:  # in a container's network
            continue
        if most < BUFFER:
            yield warning(
                f"The kernel buffers at most {most} bytes for {meaning} media (net.core.{name}).",
                f"sysctl -w net.core.{name}={BUFFER}, and in /etc/sysctl.d to keep it; or give the "
                "server CAP_NET_ADMIN.",
            )
        else:
            yield ok(f"The kernel buffers enough for {meaning} media.")
