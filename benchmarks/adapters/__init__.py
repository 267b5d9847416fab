"""The servers `python -m benchmarks peers` knows. Another one needs a class here, and a line."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.adapters.adapter import Adapter
from benchmarks.adapters.janus import Janus
from benchmarks.adapters.tertulia import Tertulia


def known_adapters(engine: str) -> Mapping[str, Adapter]:
    """By the name on the command line. `engine`: of ours."""
    return {"tertulia": Tertulia(engine), "janus": Janus(), "janus-loop": Janus(event_loops=1)}
