"""Makes the PNG icons in `public/` from `icon.svg`: `.venv/bin/python web/scripts/icons.py`."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

from playwright.async_api import async_playwright

PUBLIC = Path(__file__).parent.parent / "public"
MASKABLE_SCALE = 0.8
"""What a mask leaves of it: the middle, which has all of the drawing (W3C App Manifest)."""
ICONS = {
    "icon-192.png": (192, 1.0),
    "icon-512.png": (512, 1.0),
    "icon-maskable-512.png": (512, MASKABLE_SCALE),
}
PAGE = """<body style="margin:0;display:grid;place-items:center;height:100vh;background:{ground}">
<div style="width:{width}vw;display:grid">{drawing}</div>"""


async def make() -> None:
    drawing = (PUBLIC / "icon.svg").read_text(encoding="utf-8")
    executable = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=executable, args=["--no-sandbox"]
        )
        for name, (size, scale) in ICONS.items():
            page = await browser.new_page(viewport={"width": size, "height": size})
            ground = "transparent" if scale == 1 else "#0f5e63"
            await page.set_content(PAGE.format(ground=ground, width=100 * scale, drawing=drawing))
            await page.screenshot(path=PUBLIC / name, omit_background=True)
        await browser.close()


asyncio.run(make())
