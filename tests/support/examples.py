"""How many examples a property test tries."""

from __future__ import annotations

from hypothesis import settings


def examples(count: int) -> settings:
    """`count`, or what the profile says if that is more (HYPOTHESIS_PROFILE=fuzz)."""
    return settings(max_examples=max(count, settings().max_examples))
