"""What all tests share."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# Deadlines and the check for slow input fail on a busy machine, random seeds on another day,
# remembered examples on another's machine; none of them tells anything about the code.
settings.register_profile(
    "tertulia",
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("tertulia")
