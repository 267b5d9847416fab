"""Fixtures every test may use."""

from __future__ import annotations

from tests.support.postgres import blank, database, postgres

__all__ = ["blank", "database", "postgres"]
