"""Everybody gets of everybody what the own page shows and the own way carries, and no more."""

from __future__ import annotations

import asyncio
import json
import logging

import pytest

from tests.browser.conftest import Browsers
from tests.browser.meeting import (
    join_as_guest,
    meet,
    never_saw_a_stranger,
    new_meeting,
    sees,
)
from tests.support.browser import Page
from tests.support.people import ADA, BEN, CLEO, HEIGHT, Person
from tests.support.polling import TIMEOUT
from tests.support.tertulia import Tertulia

pytestmark = pytest.mark.browser

log = logging.getLogger(__name__)

WINDOWS = {ADA: (1500, 1000), BEN: (800, 640), CLEO: (480, 400)}
LAYERS = {ADA: HEIGHT, BEN: HEIGHT // 2, CLEO: HEIGHT // 4}
"""What fills the tiles of a meeting of three in those windows; pixels."""
LARGE, MEDIUM, NONE = (1400, 900), (640, 480), (200, 170)
"""Windows with a tile for another person that wants all, half, nothing of a picture."""
REST = 2_000
"""Ms in which nothing may come where nothing is wanted."""
OTHER = "Other"
CAPTURED_HEIGHT = "window.tertulia.session.local.state.get().camera.track?.getSettings().height"


def receives(name: str, height: int) -> str:
    return f"probe.received('{name}').then((stream) => stream.frameHeight === {height})"


def rests(counter: str) -> str:
    """Does a number stay as it is?"""
    return f"""(async () => {{
      const before = await {counter};
      await new Promise((resolve) => setTimeout(resolve, {REST}));
      return before === await {counter};
    }})()"""


def sent(rid: str) -> str:
    return f"probe.bytesSent().then((bytes) => bytes.{rid} ?? 0)"


async def test_each_tile_receives_the_layer_that_fills_it(
    server: Tertulia, browsers: Browsers
) -> None:
    seats: dict[Person, Page] = {me: await browsers.chromium(me) for me in WINDOWS}
    for me, page in seats.items():
        await page.resize(*WINDOWS[me])
    await meet(await new_meeting(server), seats)
    for me, page in seats.items():
        for other in seats.keys() - {me}:
            await page.until(receives(other.name, LAYERS[me]))
    await asyncio.gather(*(never_saw_a_stranger(page) for page in seats.values()))


async def test_what_is_not_on_the_screen_costs_nothing(
    server: Tertulia, browsers: Browsers
) -> None:
    ada, ben = await browsers.chromium(ADA), await browsers.chromium(BEN)
    await meet(await new_meeting(server), {ADA: ada, BEN: ben})
    for look_away, look_back in (
        (lambda: ben.resize(*NONE), lambda: ben.resize(*LARGE)),
        (lambda: ben.evaluate(_seen(False)), lambda: ben.evaluate(_seen(True))),
    ):
        await look_away()
        await ben.until(rests("probe.bytesReceived()"))
        await ada.until(rests("probe.bytesSent().then(JSON.stringify)"))
        assert await ben.evaluate(f"probe.hears({ADA.tone})") or await ben.until(
            f"probe.hears({ADA.tone})"
        )
        await look_back()
        await sees(ben, ADA.name)


def _seen(seen: bool) -> str:
    """Another tab comes before the page, or goes."""
    return f"""void (
      Object.defineProperty(document, "hidden",
        {{ get: () => {json.dumps(not seen)}, configurable: true }}),
      document.dispatchEvent(new Event("visibilitychange"))
    )"""


@pytest.mark.parametrize("publisher", ["chromium", "firefox"])
async def test_a_layer_nobody_takes_is_not_sent_until_somebody_does(
    server: Tertulia, browsers: Browsers, publisher: str
) -> None:
    ben, other = await browsers.chromium(BEN), await _publisher(browsers, publisher)
    link = await new_meeting(server)
    await ben.resize(*LARGE)
    await asyncio.gather(join_as_guest(ben, link, BEN.name), join_as_guest(other, link, OTHER))
    height = await other.until(CAPTURED_HEIGHT)
    await ben.until(receives(OTHER, height))
    await ben.resize(*MEDIUM)
    await ben.until(receives(OTHER, height // 2))
    await other.until(rests(sent("f")))
    await more(other, sent("h"))
    async with asyncio.timeout(TIMEOUT):
        after = asyncio.create_task(ben.evaluate(_ms_until_received(OTHER, height)))
        await ben.resize(*LARGE)
        log.info("%s: the full layer is back after %d ms", publisher, await after)
    await more(other, sent("f"))


async def _publisher(browsers: Browsers, name: str) -> Page:
    return await browsers.chromium(ADA) if name == "chromium" else await browsers.firefox()


async def more(page: Page, counter: str) -> None:
    before = await page.evaluate(counter)
    await page.until(f"({counter}).then((now) => now > {before})")


def _ms_until_received(name: str, height: int) -> str:
    """From the next change of the window's size, on the page's own clock."""
    return f"""(async () => {{
      const begin = await new Promise((resolve) =>
        addEventListener("resize", () => resolve(performance.now()), {{ once: true }}));
      while (!(await {receives(name, height)}))
        await new Promise((resolve) => setTimeout(resolve, 20));
      return performance.now() - begin;
    }})()"""
