"""What a write may fail for."""

from __future__ import annotations


class StaleError(Exception):
    """The row has been changed since its version was read."""


class NoAccountError(Exception):
    """Whose row it was to be has no account any more, or an inactive one."""
