"""The command `tertulia`: reads the settings and serves until it is told to stop."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version

from api.documentation import help_text
from api.settings import Settings, SettingsError, load

FAILED = 1
WRONG_SETTING = 2
INTERRUPTED = 130
"""Exit codes."""


def main(arguments: Sequence[str] | None = None) -> int:
    _parser().parse_args(arguments)
    try:
        settings = load(os.environ)
    except SettingsError as error:
        return _fail(error, WRONG_SETTING)
    _set_up_logging(settings)
    try:
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
    return parser


def _set_up_logging(settings: Settings) -> None:
    logging.basicConfig(
        level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
