"""The command `tertulia`: reads the settings and serves until it is told to stop."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version

import uvloop

from api.documentation import help_text
from api.server import StartError, serve
from api.settings import Settings, SettingsError, load
from db.cluster import EmbeddedError
from db.migrate import MigrationError

WRONG_SETTING = 2
FAILED = 1
"""Exit codes."""


def main(arguments: Sequence[str] | None = None) -> int:
    _parser().parse_args(arguments)
    try:
        settings = load(os.environ)
        _set_up_logging(settings)
        uvloop.run(serve(settings))
    except SettingsError as error:
        return _fail(error, WRONG_SETTING)
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
