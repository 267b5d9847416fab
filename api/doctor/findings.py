"""What a check finds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    OK = "ok"
    WARNING = "warning"
    """It runs, but not for everybody, or not well."""
    PROBLEM = "problem"
    """It does not run."""


@dataclass(frozen=True, slots=True)
class Finding:
    level: Level
    text: str
    advice: str = ""
    """What to do."""


def ok(text: str) -> Finding:
    return Finding(Level.OK, text)


def warning(text: str, advice: str) -> Finding:
    return Finding(Level.WARNING, text, advice)


def problem(text: str, advice: str) -> Finding:
    return Finding(Level.PROBLEM, text, advice)
