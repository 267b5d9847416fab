"""The command `tertulia`: reads the settings and serves until it is told to stop.

Or it does what a command of its own (`admin`, `backup`, `restore`, `health`, `doctor`) was asked
for, and ends.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from api.documentation import help_text
from api.settings import Settings, SettingsError, load

ADMIN_ACTIONS = {
    "promote": "Make somebody an administrator",
    "demote": "Take that back",
    "reset-password": "Print a new password for somebody, who is signed out everywhere",
    "invite": "Print an invitation to sign up, only for EMAIL if it is given",
}
FAILED = 1
WRONG_SETTING = 2
INTERRUPTED = 130
"""Exit codes."""


def main(arguments: Sequence[str] | None = None) -> int:
    wanted = _parser().parse_args(arguments)
    try:
        settings = load(os.environ)
    except SettingsError as error:
        return _fail(error, WRONG_SETTING)
    _set_up_logging(settings)
    try:
        if wanted.command == "admin":
            return _administrate(settings, wanted.action, wanted.email)
        if wanted.command == "health":
            return _probe(settings)
        if wanted.command == "doctor":
            return _examine(settings)
        if wanted.command in ("backup", "restore"):
            return _keep_safe(settings, wanted)
        return _serve(settings)
    except KeyboardInterrupt:  # before the server minds the signal itself
        return INTERRUPTED


def _serve(settings: Settings) -> int:
    # Imported as late as this because it takes most of a second: `--help` need not wait for it,
    # and Ctrl-C meanwhile is no error.
    import uvloop

    from api.server import StartError, serve
    from db.cluster import EmbeddedError
    from db.migrate import MigrationError

    try:
        uvloop.run(serve(settings))
    except (StartError, EmbeddedError, MigrationError) as error:
        return _fail(error, FAILED)
    return 0


def _administrate(settings: Settings, action: str, email: str | None) -> int:
    import asyncio

    from api.administrate import AdministrationError, administrate
    from db.cluster import EmbeddedError
    from db.migrate import MigrationError

    try:
        sys.stdout.write(f"{asyncio.run(administrate(settings, action, email))}\n")
    except (AdministrationError, EmbeddedError, MigrationError) as error:
        return _fail(error, FAILED)
    return 0


def _probe(settings: Settings) -> int:
    from api.probe import probe

    ready, told = probe(settings)
    sys.stdout.write(f"{told}\n")
    return 0 if ready else FAILED


def _examine(settings: Settings) -> int:
    import asyncio

    from api.doctor import Level, examine, report

    findings = asyncio.run(examine(settings))
    sys.stdout.write(f"{report(findings)}\n")
    return FAILED if any(finding.level is Level.PROBLEM for finding in findings) else 0


def _keep_safe(settings: Settings, wanted: argparse.Namespace) -> int:
    import asyncio

    from api.backup import BackupError, back_up, put_back
    from db.cluster import EmbeddedError

    try:
        if wanted.command == "backup":
            told = asyncio.run(back_up(settings, wanted.file))
        else:
            told = asyncio.run(put_back(settings, wanted.file, replace=wanted.replace))
    except (BackupError, EmbeddedError) as error:
        return _fail(error, FAILED)
    sys.stdout.write(f"{told}\n")
    return 0


def _fail(error: Exception, code: int) -> int:
    sys.stderr.write(f"tertulia: {error}\n")
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tertulia",
        description="Serves a meeting place: accounts, meetings, media and the page, until Ctrl-C.",
        epilog=f"Settings are environment variables, all optional:\n\n{help_text()}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"tertulia {version('tertulia')}")
    commands = parser.add_subparsers(dest="command", title="instead of serving")
    admin = commands.add_parser("admin", help="see to accounts, while the server runs or not")
    actions = admin.add_subparsers(dest="action", required=True)
    for name, meaning in ADMIN_ACTIONS.items():
        action = actions.add_parser(name, help=meaning, description=f"{meaning}.")
        action.add_argument("email", metavar="EMAIL", nargs="?" if name == "invite" else None)
    commands.add_parser(
        "health",
        help="tell whether the server that runs here is ready",
        description="Exits with 0 if the server on this machine is ready to hold meetings, with 1 "
        "and a reason if not.",
    )
    commands.add_parser(
        "doctor",
        help="tell whether everything is in place, and what to do if not",
        description="Looks at ports, addresses, certificate, clock, limits, disk and database, "
        "and says what to do. Exits with 1 if a server could not run.",
    )
    backup = commands.add_parser(
        "backup",
        help="write everything into one file, while the server runs or not",
        description="Database, pictures and keys. Who has FILE has all of it.",
    )
    restore = commands.add_parser(
        "restore",
        help="put back what `backup` has written",
        description="Into an empty database, with the server stopped.",
    )
    for command in (backup, restore):
        command.add_argument("file", metavar="FILE", type=Path)
    restore.add_argument("--replace", action="store_true", help="delete the database that is there")
    return parser


def _set_up_logging(settings: Settings) -> None:
    from api.logs import set_up

    set_up(settings.log_level, settings.log_format, settings.log_addresses)
