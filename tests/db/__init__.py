"""Tests of db/: PostgreSQL for real."""
