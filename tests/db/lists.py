"""Which lists there are, so that no test of all of them forgets one."""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Iterator
from importlib import import_module

import db


def lists() -> set[str]:
    """Methods of repositories that give a page."""
    return {name for name in _methods() if not name.partition(".")[2].startswith("_")}


def _methods() -> Iterator[str]:
    for module in pkgutil.iter_modules(db.__path__, "db."):
        for _, kind in inspect.getmembers(import_module(module.name), inspect.isclass):
            for _, method in inspect.getmembers(kind, inspect.isfunction):
                if (
                    kind.__module__ == module.name
                    and "limit" in inspect.signature(method).parameters
                ):
                    yield method.__qualname__
