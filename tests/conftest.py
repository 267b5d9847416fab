"""What all tests share."""

from __future__ import annotations

from hypothesis import settings

# Wall-clock deadlines fail on a busy machine, random seeds on another day, remembered examples on
# another's; none of them tells anything about the code.
settings.register_profile("tertulia", derandomize=True, deadline=None, database=None)
settings.load_profile("tertulia")
