"""Tables of what the code knows, in the pages that show them.

`python -m api.tables README.md docs/http-api.md` renews them there: a table stands between markers
with its name.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from api.documentation import settings_table
from api.limits import PER_ACCOUNT, PER_ADDRESS
from api.operations import Cost, Operation
from api.resources import OPERATIONS
from signaling.bucket import Rate


def operations_table() -> str:
    rows = [
        f"| {operation.method} | `{operation.path}` | {operation.summary} | "
        f"{operation.access} | {_heeds(operation)} |"
        for operation in OPERATIONS
    ]
    return "\n".join(["| | path | does | for | needs, heeds |", "|---|---|---|---|---|", *rows])


def _heeds(operation: Operation) -> str:
    headers = {"If-Match": operation.edits, "Idempotency-Key": operation.idempotent}
    return ", ".join(f"`{name}`" for name, heeded in headers.items() if heeded)


def limits_table() -> str:
    rows = [
        f"| {_operations_of(cost)} | {_told(PER_ADDRESS[cost])} | {_told(PER_ACCOUNT[cost])} |"
        for cost in Cost
    ]
    return "\n".join(["| what | per address | per account |", "|---|---|---|", *rows])


def _operations_of(cost: Cost) -> str:
    meaning = {
        Cost.READ: "reading",
        Cost.WRITE: "writing",
        Cost.EXPENSIVE: "what is expensive: {}",
        Cost.SIGN_IN: "signing in and up, and where a password is tried: {}",
    }
    operations = [f"`{each.method} {each.path}`" for each in OPERATIONS if each.cost is cost]
    return meaning[cost].format(", ".join(operations))


def _told(rate: Rate) -> str:
    return f"{rate.burst:g} at once, then {rate.per_second:g} per second"


TABLES: Mapping[str, Callable[[], str]] = {
    "settings": settings_table,
    "operations": operations_table,
    "limits": limits_table,
}


def with_tables(document: str) -> str:
    """The document with the present tables where it has their markers."""
    for name, table in TABLES.items():
        begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
        if begin in document:
            head, rest = document.split(begin, 1)
            _, tail = rest.split(end, 1)
            document = f"{head}{begin}\n{table()}\n{end}{tail}"
    return document


if __name__ == "__main__":
    for file in map(Path, sys.argv[1:]):
        file.write_text(with_tables(file.read_text()))
