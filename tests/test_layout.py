"""The rooms of the house may only import what docs/architecture.md allows."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = {"sfu", "signaling", "api", "db", "benchmarks", "tests"}
ALLOWED: dict[str, set[str]] = {
    "sfu": set(),
    "signaling": {"sfu", "db"},
    "api": {"signaling", "sfu", "db"},
    "db": set(),
    "benchmarks": set(),
}
INSIDERS: dict[str, set[str]] = {
    "benchmarks/engine_memory.py": {"sfu"},
    "benchmarks/observed_server.py": {"sfu"},
    "benchmarks/links.py": {"tests"},
    "benchmarks/scenarios.py": {"tests"},
    "benchmarks/browsers.py": {"tests"},
    "benchmarks/page_viewer.py": {"tests"},
}
"""Files that may know more than their room: what the engine alone keeps or believes only itself can
tell, and the tests have a bad network and real browsers already."""
FOREIGN: dict[str, set[str]] = {
    "sfu": {"aiohttp", "asyncpg", "jwt", "pydantic"},
    "signaling": {"asyncpg", "jwt"},
    "db": {"aiohttp", "jwt", "pydantic", "aiortc"},
}
"""Libraries a room must not know."""


def imported_modules(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module


@pytest.mark.parametrize("room", ["sfu", "signaling", "api", "db", "benchmarks"])
def test_room_imports_only_what_it_may(room: str) -> None:
    files = sorted((ROOT / room).rglob("*.py"))
    assert files
    allowed = ALLOWED[room] | {room}
    wrong = [
        f"{file.relative_to(ROOT)}: {module}"
        for file in files
        for module in imported_modules(file)
        if (
            module.split(".")[0]
            in ROOMS - allowed - INSIDERS.get(str(file.relative_to(ROOT)), set())
        )
        or module.split(".")[0] in FOREIGN.get(room, set())
    ]
    assert wrong == []


@pytest.mark.parametrize("folder", ["sfu/rtp"])
def test_rtp_primitives_know_nothing_above_them(folder: str) -> None:
    wrong = [
        f"{file.name}: {module}"
        for file in (ROOT / folder).glob("*.py")
        for module in imported_modules(file)
        if module.startswith("sfu.") and not module.startswith("sfu.rtp")
    ]
    assert wrong == []
