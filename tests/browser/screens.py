"""Screens beside the meeting, in all their looks: light and dark, on a desk and on a phone."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from playwright.async_api import ViewportSize

from tests.support.chromium import ChromiumPage
from tests.support.tertulia import Tertulia

AXE = Path(__file__).parents[2] / "web/node_modules/axe-core/axe.min.js"
SCREENSHOTS = os.environ.get("SCREENSHOTS")
"""Folder for a picture of each look of each screen; unset: none are taken."""
GRAVE = ("serious", "critical")
_RUN_AXE = "axe.run({ resultTypes: ['violations'] }).then((result) => result.violations)"
_STILL = """(async () => {
  const frame = () => new Promise(requestAnimationFrame);
  do { await frame(); await frame(); }
  while (document.getAnimations().some((one) => one.playState === "running"));
})()"""
"""Colours that are inherited set out when their parent's have arrived."""
_OVERHANG = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@dataclass(frozen=True, slots=True)
class Look:
    theme: Literal["light", "dark"]
    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.theme}-{self.width}"


WIDE = (1280, 800)
PHONE = (360, 740)
LOOKS = [Look(theme, *size) for size in (WIDE, PHONE) for theme in ("light", "dark")]


async def sign_in(server: Tertulia, page: ChromiumPage, name: str) -> str:
    """As a new user, whom no form has asked for anything. The token."""
    token = await server.sign_up(name)
    await page.open(f"{server.url}/signin")
    await page.tab.evaluate("token => localStorage.setItem('tertulia.token', token)", token)
    return token


async def open_screen(server: Tertulia, page: ChromiumPage, path: str, heading: str) -> None:
    await page.open(server.url + path)
    await page.tab.get_by_role("heading", name=heading, exact=True).first.wait_for()


async def looks(page: ChromiumPage) -> AsyncIterator[Look]:
    """Gives the open page each look in turn, and waits until no colour is on its way any more."""
    for look in LOOKS:
        await page.tab.emulate_media(color_scheme=look.theme, reduced_motion="reduce")
        await page.tab.set_viewport_size(ViewportSize(width=look.width, height=look.height))
        await page.evaluate(_STILL)
        yield look


async def check(page: ChromiumPage, name: str) -> None:
    """What is shown is accessible and fits, in every look. `name`: of its pictures."""
    async for look in looks(page):
        where = f"{name}-{look}"
        if SCREENSHOTS:
            await page.tab.screenshot(path=Path(SCREENSHOTS) / f"{where}.png")
        violations = await grave_violations(page)
        assert not violations, "\n".join([where, *violations])
        assert await page.evaluate(_OVERHANG) <= 0, f"{where} is wider than its window"


async def grave_violations(page: ChromiumPage) -> list[str]:
    """What axe finds to be serious or critical, and where."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(_axe())
    return [
        f"{violation['id']}: {node['html']} {node['failureSummary']}"
        for violation in await page.evaluate(_RUN_AXE)
        if violation["impact"] in GRAVE
        for node in violation["nodes"]
    ]


@cache
def _axe() -> str:
    """Evaluated, as the page's policy lets in no script that is not the server's."""
    return AXE.read_text(encoding="utf-8")
