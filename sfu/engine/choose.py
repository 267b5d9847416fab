"""Which engine runs, `TERTULIA_ENGINE=auto|native|reference`, and in which shell."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from sfu.engine.interface import Engine, EngineStats, EngineTotals, Event
from sfu.engine.load import EngineLoad
from sfu.engine.reference import ReferenceEngine
from sfu.engine.udp import UdpShell

logger = logging.getLogger(__name__)

NAMES = ("auto", "native", "reference")


@dataclass(frozen=True, slots=True)
class Choice:
    name: Literal["native", "reference"]
    reason: str | None
    """Why it is not the native engine, where that was wanted and cannot run."""
    make: Callable[[float], Engine]
    """From the Unix time (seconds) at which the engine's clock was 0; as often as wanted."""


def choose(name: str) -> Choice:
    """The engine to run under one of `NAMES`.

    Raises ValueError for an unknown name, RuntimeError with the reason for `native` where it cannot
    run.
    """
    if name not in NAMES:
        raise ValueError(f"no engine is called {name!r}; there are {', '.join(NAMES)}")
    if name == "reference":
        return Choice("reference", None, ReferenceEngine)
    # Here and below: whoever wants the reference engine needs nothing of the native one.
    from sfu.engine.native import NativeEngine, NativeUnavailable, load

    try:
        load()
    except NativeUnavailable as error:
        if name == "native":
            raise RuntimeError(f"the native engine cannot run: {error}") from error
        return _fall_back(str(error))
    return Choice("native", None, NativeEngine)


def _fall_back(reason: str) -> Choice:
    logger.warning(
        "The native engine cannot run: %s. The reference engine serves instead, which needs far "
        "more of the processor per packet. Install gcc and python3-dev, and Tertulia once more; or "
        "set TERTULIA_ENGINE=reference if that is what you want.",
        reason,
    )
    return Choice("reference", reason, ReferenceEngine)


class Shell(Protocol):
    """What an engine runs in: a UDP socket, and whatever calls the engine."""

    @property
    def engine(self) -> Engine: ...

    @property
    def port(self) -> int:
        """The UDP port bound."""
        ...

    def local_addresses(self) -> list[str]:
        """IP addresses at which peers reach the socket; a loopback address comes last."""
        ...

    def stats(self) -> EngineStats:
        """The engine's, and what was lost on the way out."""
        ...

    def totals(self) -> EngineTotals:
        """The same of the sums that never fall."""
        ...

    def load(self) -> EngineLoad: ...

    def close(self) -> None:
        """Send what is queued, then stop. Idempotent."""
        ...


def open_shell(
    engine: Engine, host: str, port: int, on_events: Callable[[Sequence[Event]], None]
) -> Shell:
    """The shell that suits `engine`. Port 0 is any free one. To be called on the loop; so will be
    `on_events`, which must not raise. Raises OSError if the address cannot be had."""
    if engine.name == "native":
        from sfu.engine.native import NativeEngine
        from sfu.engine.thread import ThreadShell

        assert isinstance(engine, NativeEngine)  # noqa: S101 - only it has that name
        return ThreadShell(engine, host, port, on_events)
    return UdpShell(engine, host, port, on_events)
