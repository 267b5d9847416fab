"""Where pictures are taken: a server, a browser, and people who are drawn."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import aiohttp
from playwright.async_api import Browser, Page, ViewportSize, async_playwright

from benchmarks.clips import Clip
from benchmarks.worker import Worker, WorkerError
from tests.gallery.company import Company
from tests.gallery.portraits import SITTERS, Portrayed, Sitter
from tests.gallery.slides import slide_clips
from tests.gallery.town import Town
from tests.support.chromium import launch
from tests.support.polling import until
from tests.support.tertulia import Tertulia

ME = SITTERS[0]
_TIMEOUT = 20_000
"""Milliseconds."""
_STILL = """(async () => {
  await document.fonts.ready;
  const frame = () => new Promise(requestAnimationFrame);
  do { await frame(); await frame(); }
  while (document.getAnimations().some((one) => one.playState === "running"
    && one.effect?.getTiming().iterations !== Infinity));
})()"""
_SHOWN = """(() => {
  const tiles = [...document.querySelectorAll('[data-testid="tile"]')];
  const moving = tiles.filter(({ dataset }) => dataset.state === "video");
  const screens = moving.filter(({ dataset }) => dataset.source === "screen").length;
  return screens === %d && moving.length >= %d + screens;
})()"""


@dataclass(frozen=True, slots=True)
class Look:
    width: int
    height: int
    theme: Literal["light", "dark"] | None = None
    """None: where there is only one."""

    def __str__(self) -> str:
        size = "wide" if self.width > self.height else "narrow"
        return f"{size}-{self.theme}" if self.theme else size


WIDE, NARROW = (1280, 800), (390, 844)
SIZES = [Look(*WIDE), Look(*NARROW)]
LOOKS = [Look(*size, theme) for size in (WIDE, NARROW) for theme in ("light", "dark")]


class Studio:
    def __init__(self, server: Tertulia, browser: Browser, folder: Path) -> None:
        self.server = server
        self.folder = folder
        self._browser = browser
        self._name = ""
        self._town: Town | None = None
        self._clips: dict[str, Sequence[Clip]] = {}

    async def take(
        self, name: str, scene: Callable[[Studio, Page, Look], Awaitable[None]], look: Look
    ) -> None:
        self._name = name
        page = await self.page(look)
        try:
            await scene(self, page, look)
        finally:
            await page.context.close()

    async def page(self, look: Look) -> Page:
        context = await self._browser.new_context(
            permissions=["camera", "microphone", "clipboard-read", "clipboard-write"],
            viewport=ViewportSize(width=look.width, height=look.height),
            color_scheme=look.theme or "light",
        )
        context.set_default_timeout(_TIMEOUT)
        return await context.new_page()

    async def shoot(self, page: Page, look: Look) -> None:
        await page.evaluate(_STILL)
        await page.screenshot(path=self.folder / f"{self._name}-{look}.png")

    async def sign_in(self, page: Page, token: str) -> None:
        await page.goto(f"{self.server.url}/signin")
        await page.evaluate("token => localStorage.setItem('tertulia.token', token)", token)

    async def town(self) -> Town:
        """Built when it is first asked for."""
        if self._town is None:
            self._town = Town(self.server)
            await self._town.build()
        return self._town

    async def tell(
        self, method: str, path: str, token: str, body: dict[str, object] | None = None
    ) -> None:
        """A request whose answer does not matter."""
        headers = {"Authorization": f"Bearer {token}", "If-Match": "*"}
        async with (
            aiohttp.ClientSession(self.server.url, raise_for_status=True) as client,
            client.request(method, path, headers=headers, json=body),
        ):
            pass

    async def meeting(self, title: str, token: str | None = None, **settings: object) -> str:
        """Its id; its host is whoever has that token, else somebody who stays away."""
        host = token or (await self.town()).tokens[-1]
        made = await self.server.request("POST", "/meetings", {"title": title, **settings}, host)
        return str(made["id"])

    @asynccontextmanager
    async def company(
        self, meeting: str, people: int, *, presenter: bool = False
    ) -> AsyncIterator[Worker[Company]]:
        """So many come in with their cameras, one more with a screen."""
        with Worker(Company, range(os.cpu_count() or 1)) as cameras:
            cameras.call(Company.connect, self.server.url)
            for number, sitter in enumerate(SITTERS[1 : people + 1]):
                clips, talks = self._drawn(sitter), number == 1
                cameras.call(Company.add, meeting, sitter.name, clips, talks=talks)
            if presenter:
                name, slides = SITTERS[-1].name, slide_clips()
                cameras.call(Company.add, meeting, name, slides, source="screen", talks=False)
            yield cameras
            with suppress(WorkerError):  # the server may have gone meanwhile
                cameras.call(Company.leave)

    async def enter(self, page: Page, meeting: str, *, name: str | None = ME.name) -> None:
        """By the page; `name`: as a guest."""
        await page.goto(f"{self.server.url}/m/{meeting}")
        if name is not None:
            await page.get_by_label("Your name").fill(name)
        await page.get_by_role("button", name="Join", exact=True).click()

    async def see(self, page: Page, people: int, *, screen: bool = False) -> None:
        """Wait until the pictures of so many people move, and a screen is shown."""
        await until(lambda: page.evaluate(_SHOWN % (screen, people)))
        await page.wait_for_timeout(1500)  # pictures come small first

    def _drawn(self, sitter: Sitter) -> Sequence[Clip]:
        if sitter.name not in self._clips:
            self._clips[sitter.name] = sitter.clips()
        return self._clips[sitter.name]


@contextmanager
def _directory() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        directory.chmod(0o755)  # PostgreSQL runs as another user where we are root
        yield directory


@asynccontextmanager
async def open_studio(folder: Path) -> AsyncIterator[Studio]:
    async with AsyncExitStack() as stack:
        directory = stack.enter_context(_directory())
        server = Tertulia(directory, {"RATE_LIMITS": "off"})
        await server.start()
        stack.push_async_callback(server.stop)
        playwright = await stack.enter_async_context(async_playwright())
        me = Portrayed.of(ME)
        browser = await stack.enter_async_context(launch(playwright.chromium, me, directory))
        yield Studio(server, browser, folder)
