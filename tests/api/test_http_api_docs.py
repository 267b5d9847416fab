"""The examples of docs/http-api.md, in their order, with curl, against a real server."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from asyncio.subprocess import PIPE
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from api.context import LIMITER
from api.limits import Limiter
from api.tables import operations_table, with_tables
from db.pool import Address, Database
from tests.api.conftest import Api

PAGE = Path(__file__).parents[2] / "docs" / "http-api.md"
ADDRESS = "http://localhost:8080"
"""Where the server of the examples is."""
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


@dataclass(frozen=True)
class Example:
    """What is typed, and what comes of it; variables and files stay for the examples after it."""

    line: int
    script: str
    kind: str
    """Of what is shown: json, text or nothing."""
    shown: str

    async def run(self, address: str, folder: Path, environment: dict[str, str]) -> str:
        shell = await asyncio.create_subprocess_exec(
            "sh", "-eu", stdin=PIPE, stdout=PIPE, stderr=PIPE, cwd=folder, env=environment
        )
        script = self.script.replace(ADDRESS, address)
        output, errors = await shell.communicate(
            f"set -a\n. ./variables\n{script}\nexport -p > variables\n".encode()
        )
        assert not errors, errors.decode()
        assert shell.returncode == 0
        return output.decode()

    def check(self, output: str) -> None:
        if self.kind == "json":
            assert_alike(json.loads(self.shown), json.loads(output))
        else:
            expected, found = self.shown.splitlines(), output.splitlines()
            assert len(expected) == len(found), output
            for line, found_line in zip(expected, found, strict=True):
                assert_alike(line, found_line)


def examples(document: str) -> Iterator[Example]:
    blocks = [(found[1], found[2], found.start()) for found in BLOCK.finditer(document)]
    following = [*blocks[1:], ("", "", 0)]
    for (kind, script, at), (next_kind, shown, _) in zip(blocks, following, strict=True):
        if kind == "sh":
            line = document.count("\n", 0, at) + 1
            shows = next_kind in ("json", "text")
            yield Example(line, script, next_kind if shows else "text", shown if shows else "")


def assert_alike(expected: Any, found: Any, path: str = "$") -> None:  # noqa: ANN401 - any JSON
    """The same, but for moments, and for what `…` stands for."""
    if isinstance(expected, dict):
        assert isinstance(found, dict), path
        assert expected.keys() == found.keys(), path
        for name, value in expected.items():
            assert_alike(value, found[name], f"{path}.{name}")
    elif isinstance(expected, list):
        assert isinstance(found, list), path
        assert len(expected) == len(found), path
        for number, value in enumerate(expected):
            assert_alike(value, found[number], f"{path}[{number}]")
    elif isinstance(expected, str) and "…" in expected:
        pattern = ".+".join(re.escape(part) for part in expected.split("…"))
        assert isinstance(found, str), path
        assert re.fullmatch(pattern, found, re.DOTALL), f"{path}: {found!r}"
    elif isinstance(expected, str) and MOMENT.fullmatch(expected):
        assert MOMENT.fullmatch(found), f"{path}: {found!r}"
    else:
        assert (path, type(expected), expected) == (path, type(found), found)


@pytest.fixture
async def environment(postgres: Address, database: Database) -> dict[str, str]:
    """In which `tertulia` finds the server's database."""
    name = await database.one("SELECT current_database() AS name")
    commands = Path(sys.executable).parent
    return {
        "PATH": f"{commands}:{os.environ['PATH']}",
        "DATABASE_HOST": os.readlink(str(postgres.host)),
        "DATABASE_NAME": name["name"],
        "DATABASE_USER": str(postgres.user),
        "DATABASE_PASSWORD": str(postgres.password),
        "LC_ALL": "C.UTF-8",
    }


@pytest.fixture
def limited(app: web.Application) -> None:
    """As usual, but for a clock that stands still."""
    app[LIMITER] = Limiter(1.0, lambda: 0.0)


async def test_the_examples_do_what_is_shown(
    limited: None, api: Api, environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "variables").touch()
    address = str(api.make_url("/")).rstrip("/")
    for example in examples(PAGE.read_text(encoding="utf-8")):
        try:
            example.check(await example.run(address, tmp_path, environment))
        except (AssertionError, ValueError) as error:
            raise AssertionError(f"{PAGE.name}, line {example.line}: {error}") from error


def test_the_page_has_the_present_tables() -> None:
    document = PAGE.read_text(encoding="utf-8")
    assert operations_table() in document, "run: make generate"
    assert with_tables(document) == document


@pytest.mark.parametrize(
    ("expected", "found"),
    [
        ({"a": 1}, {"a": 2}),
        ({"a": 1}, {"a": 1, "b": 2}),
        ({"a": 1, "b": 2}, {"a": 1}),
        ([1], [1, 2]),
        ([{"a": "b"}], [{"a": "c"}]),
        ("2026-01-01T00:00:00Z", "soon"),
        ("2026-01-01T00:00:00Z", None),
        ("eyJ…", "eyJ"),
        ("eyJ…", "fyJa"),
        ("eyJ…", None),
        (True, 1),
        (None, 0),
    ],
)
def test_what_differs_is_noticed(expected: object, found: object) -> None:
    with pytest.raises((AssertionError, TypeError)):
        assert_alike(expected, found)
