"""`python -m tests.gallery FOLDER [NAME …]`: pictures of the page, those of these names only."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from playwright.async_api import Error as PlaywrightError

from tests.gallery.scenes import SCENES
from tests.gallery.studio import open_studio
from tests.support.namespace import isolated_network


async def main(folder: Path, names: list[str]) -> bool:
    """Whether all pictures could be taken."""
    complete = True
    async with open_studio(folder) as studio:
        for scene in SCENES:
            if names and scene.name not in names:
                continue
            for look in scene.looks:
                sys.stderr.write(f"{scene.name}-{look}\n")
                try:
                    await studio.take(scene.name, scene.take, look)
                except (PlaywrightError, TimeoutError) as error:
                    sys.stderr.write(f"  failed: {error}\n")
                    complete = False
    return complete


if __name__ == "__main__":
    into = Path(sys.argv[1])
    into.mkdir(parents=True, exist_ok=True)
    with isolated_network():
        sys.exit(0 if asyncio.run(main(into, sys.argv[2:])) else 1)
