"""The settings as `tertulia --help` and as README.md show them.

`python -m api.documentation README.md` renews the table between the markers of that file.
"""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path

from api.settings import ALL, Setting

BEGIN, END = "<!-- settings -->", "<!-- /settings -->"


def help_text() -> str:
    return "\n\n".join(_paragraph(setting) for setting in ALL)


def _paragraph(setting: Setting) -> str:
    lines = textwrap.wrap(setting.meaning, 78)
    lines += textwrap.wrap(f"Allowed: {setting.kind.allowed}.", 78)
    lines += textwrap.wrap(f"Default: {setting.default}.", 78)
    return "\n".join([f"  {setting.name}", *(f"      {line}" for line in lines)])


def table() -> str:
    """In Markdown."""
    rows = [
        f"| `{setting.name}` | {setting.default} | {setting.meaning} Allowed: "
        f"{setting.kind.allowed}. |"
        for setting in ALL
    ]
    return "\n".join(["| variable | default | meaning |", "|---|---|---|", *rows])


def with_table(document: str) -> str:
    """The document with the present table. Raises ValueError where it has no markers."""
    head, rest = document.split(BEGIN, 1)
    _, tail = rest.split(END, 1)
    return f"{head}{BEGIN}\n{table()}\n{END}{tail}"


if __name__ == "__main__":
    file = Path(sys.argv[1])
    file.write_text(with_table(file.read_text()))
