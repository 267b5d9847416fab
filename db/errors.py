"""What a write may fail for."""

from __future__ import annotations


class StaleError(Exception):
    """The row has been changed since its version was read."""
