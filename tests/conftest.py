"""What all tests share: fixtures, and how property tests run."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

from tests.support.postgres import blank, database, postgres

__all__ = ["blank", "database", "postgres"]

# Deadlines and the check for slow input fail on a busy machine, random seeds on another day,
# remembered examples on another's machine; none of them tells anything about the code.
settings.register_profile(
    "tertulia",
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
# For hours, not for minutes: other examples each time, and far more of them (docs/fuzzing.md).
settings.register_profile(
    "fuzz", settings.get_profile("tertulia"), derandomize=False, max_examples=5_000
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "tertulia"))
