"""`python -m tests.gallery FOLDER [NAME …]`: pictures of the page, those of these names only."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from tests.gallery.scenes import SCENES
from tests.gallery.studio import open_studio
from tests.support.namespace import isolated_network


async def main(folder: Path, names: list[str]) -> None:
    async with open_studio(folder) as studio:
        for scene in SCENES:
            if names and scene.name not in names:
                continue
            for look in scene.looks:
                sys.stderr.write(f"{scene.name}-{look}\n")
                await scene.take(studio, look)


if __name__ == "__main__":
    into = Path(sys.argv[1])
    into.mkdir(parents=True, exist_ok=True)
    with isolated_network():
        asyncio.run(main(into, sys.argv[2:]))
