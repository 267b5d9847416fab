"""The settings, as `tertulia --help` and README.md show them."""

from __future__ import annotations

import textwrap

from api.settings import ALL, Setting


def help_text() -> str:
    return "\n\n".join(_paragraph(setting) for setting in ALL)


def _paragraph(setting: Setting) -> str:
    lines = textwrap.wrap(setting.meaning, 78)
    lines += textwrap.wrap(f"Allowed: {setting.kind.allowed}.", 78)
    lines += textwrap.wrap(f"Default: {setting.default}.", 78)
    return "\n".join([f"  {setting.name}", *(f"      {line}" for line in lines)])


def settings_table() -> str:
    rows = [
        f"| `{setting.name}` | {setting.default} | {setting.meaning} Allowed: "
        f"{setting.kind.allowed}. |"
        for setting in ALL
    ]
    return "\n".join(["| variable | default | meaning |", "|---|---|---|", *rows])
