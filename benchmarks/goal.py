"""What a figure shall be."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Goal:
    most: float | None = None
    least: float | None = None

    def met(self, value: float) -> bool:
        over = self.most is not None and value > self.most
        under = self.least is not None and value < self.least
        return not (over or under)

    def __str__(self) -> str:
        most = None if self.most is None else f"≤ {self.most:,g}"
        least = None if self.least is None else f"≥ {self.least:,g}"
        return " and ".join(filter(None, (least, most)))


@dataclass(frozen=True, slots=True)
class Verdict:
    what: str
    value: float | None
    """None: it could not be measured."""
    goal: Goal
    met: bool

    @classmethod
    def of(cls, what: str, value: float | None, goal: Goal) -> Verdict:
        return cls(what, value, goal, value is not None and goal.met(value))

    def __str__(self) -> str:
        value = "unknown" if self.value is None else f"{self.value:.4g}"
        return f"{'met    ' if self.met else 'not met'}  {self.what}: {value} (goal {self.goal})"
