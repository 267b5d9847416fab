"""Which engine runs: `TERTULIA_ENGINE=auto|native|reference`."""

from __future__ import annotations

import logging

from sfu.engine.interface import Engine
from sfu.engine.reference import ReferenceEngine

logger = logging.getLogger(__name__)

NAMES = ("auto", "native", "reference")


def choose_engine(name: str, unix_at_zero: float) -> Engine:
    """`unix_at_zero`: Unix time (seconds) at which the engine's clock was 0.

    Raises ValueError for an unknown name, RuntimeError for an engine that is not there.
    """
    if name not in NAMES:
        raise ValueError(f"no engine is called {name!r}; there are {', '.join(NAMES)}")
    if name == "native":
        raise RuntimeError("the native engine is not built; use auto or reference")
    if name == "auto":
        logger.info("engine: reference (the native engine is not built)")
    return ReferenceEngine(unix_at_zero)
