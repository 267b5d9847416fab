"""Reads a Dockerfile, and does what it says in a folder, as far as that needs no Docker engine.

As an engine would, it takes from a layer what was done before: `make` has installed from the same
lock files, by the same commands. With EVERY_STEP=1 even that is done anew, in a minute.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import venv
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from importlib.metadata import distribution
from pathlib import Path
from typing import TypeAlias

ROOT = Path(__file__).parents[2]
EVERY_STEP = os.environ.get("EVERY_STEP") == "1"
NEEDS_ENGINE = re.compile(r"\b(apt-get|useradd)\b")
"""Steps that change the system of the image itself."""


@dataclass
class Stage:
    base: str
    name: str
    steps: list[tuple[str, str]] = field(default_factory=list)
    """Instruction and what follows it."""

    def all(self, instruction: str) -> list[str]:
        return [rest for name, rest in self.steps if name == instruction]


def stages(text: str) -> dict[str, Stage]:
    """By name."""
    found: dict[str, Stage] = {}
    lines = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    for line in lines.replace("\\\n", " ").splitlines():
        instruction, _, rest = line.strip().partition(" ")
        if instruction == "FROM":
            base, _, name = rest.partition(" AS ")
            found[name] = stage = Stage(base, name)
        elif instruction:
            stage.steps.append((instruction, " ".join(rest.split())))
    return found


def copy_context(target: Path) -> None:
    """What `docker build` would be sent: the tree without what .dockerignore leaves out."""
    rules = (ROOT / ".dockerignore").read_text().splitlines()
    wanted = [rule.removeprefix("!") for rule in rules if rule.startswith("!")]
    unwanted = [rule.removeprefix("**/") for rule in rules if rule[:1] not in ("!", "#", "")]

    def left_out(folder: str, names: list[str]) -> set[str]:
        inside = Path(folder).relative_to(ROOT)
        return {
            name
            for name in names
            if any(name == rule or (fnmatch(name, rule) and rule != "*") for rule in unwanted)
            or str(inside / name) in unwanted
        }

    target.mkdir()
    for pattern in wanted:
        for source in ROOT.glob(pattern):
            place = target / source.relative_to(ROOT)
            place.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, place, ignore=left_out)
            else:
                shutil.copy(source, place)


Layer: TypeAlias = Callable[[Path], None]
"""Puts into the folder of a stage what a command would have."""


def installed_modules(stage: Path) -> None:
    """As `npm ci` of make has left them."""
    (stage / "src/web/node_modules").symlink_to(ROOT / "web" / "node_modules")


def installed_packages(stage: Path) -> None:
    """Those of the lock files, and no other: what only tests have is not there."""
    environment = stage / "opt/tertulia"
    venv.create(environment, symlinks=True)
    (packages,) = environment.glob("lib/python*/site-packages")
    for name in {"pip", *_locked("requirements.lock"), *_locked("requirements-build.lock")}:
        for file in distribution(name).files or ():
            if ".." not in file.parts:
                target = packages / file
                target.parent.mkdir(parents=True, exist_ok=True)
                _link(Path(str(file.locate())), target)
    pip = environment / "bin" / "pip"
    pip.write_text('#!/bin/sh\nexec "${0%pip}python" -m pip "$@"\n', encoding="utf-8")
    pip.chmod(0o755)


def _locked(lock: str) -> list[str]:
    return re.findall(r"^([\w.-]+)==", (ROOT / lock).read_text(encoding="utf-8"), re.MULTILINE)


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copy(source, target)


LAYERS: dict[str, Layer] = {
    "npm ci": installed_modules,
    "python3 -m venv /opt/tertulia && /opt/tertulia/bin/pip install --no-cache-dir --no-compile "
    "--require-hashes -r requirements-build.lock -r requirements.lock": installed_packages,
}


class Builder:
    """Builds stages beneath `root`: what is /src in the image is `root/STAGE/src` here."""

    def __init__(self, root: Path, context: Path, layers: Mapping[str, Layer]) -> None:
        self._root = root
        self._context = context
        self._layers = layers
        self.ran: list[str] = []

    def build(self, stage: Stage) -> None:
        place = Path("/")
        for instruction, rest in stage.steps:
            match instruction:
                case "WORKDIR":
                    place = Path(rest)
                    self._here(stage.name, place).mkdir(parents=True, exist_ok=True)
                case "COPY":
                    self._copy(stage.name, place, rest.split())
                case "RUN" if not NEEDS_ENGINE.search(rest):
                    self._run(stage.name, place, rest)

    def _here(self, stage: str, path: Path) -> Path:
        return self._root / stage / path.relative_to("/")

    def _copy(self, stage: str, place: Path, words: list[str]) -> None:
        origin = self._context
        if words[0].startswith("--from="):
            origin = self._root / words.pop(0).removeprefix("--from=")
        *sources, target = words
        into = self._here(stage, place / target)
        for source in (origin / each.removeprefix("/") for each in sources):
            if source.is_dir():
                shutil.copytree(source, into, dirs_exist_ok=True)
            elif target.endswith("/"):
                into.mkdir(parents=True, exist_ok=True)
                shutil.copy(source, into)
            else:
                shutil.copy(source, into)

    def _run(self, stage: str, place: Path, command: str) -> None:
        root = self._root / stage
        if layer := self._layers.get(command):
            layer(root)
            self.ran.append(command)
            return
        command = re.sub(r"(?<![\w./])/(?=(opt|src)/)", f"{root}/", command)
        done = subprocess.run(  # noqa: S603 - our own Dockerfile
            ["/bin/sh", "-ec", command],
            cwd=self._here(stage, place),
            check=False,
            capture_output=True,
            text=True,
            timeout=300,
        )
        if done.returncode:
            raise RuntimeError(f"{command}\n{done.stdout}\n{done.stderr}")
        self.ran.append(command)
