"""Tests of api/: HTTP for real."""
