"""Chromium with the face and voice of a person."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserType, ViewportSize
from playwright.async_api import Page as Tab

from tests.support.browser import Page, probe_script
from tests.support.people import Person
from tests.support.polling import TIMEOUT

WHOLE = ("chromium", "google-chrome")
EXECUTABLES = ("chromium-headless-shell", *WHOLE)
"""The first needs half the memory of the others, but has nobody to ask for a permission."""
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--use-fake-device-for-media-stream",
)
ALLOW = "--use-fake-ui-for-media-stream"
"""Answers every question for a camera, a microphone or a screen with yes."""
SIZE = ViewportSize(width=1024, height=640)


class ChromiumPage(Page):
    def __init__(self, tab: Tab) -> None:
        self.tab = tab
        self.errors: list[str] = []
        """Exceptions nobody caught in the page."""
        tab.on("pageerror", lambda error: self.errors.append(str(error)))

    async def open(self, url: str) -> None:
        await self.tab.goto(url)

    async def reload(self) -> None:
        await self.tab.reload()

    async def evaluate(self, expression: str) -> Any:  # noqa: ANN401 - any JSON
        return await self.tab.evaluate(expression)

    async def click(self, button: str) -> None:
        await self.tab.get_by_role("button", name=button, exact=True).click()

    async def fill(self, label: str, text: str) -> None:
        await self.tab.get_by_label(label, exact=True).fill(text)

    async def resize(self, width: int, height: int) -> None:
        await self.tab.set_viewport_size(ViewportSize(width=width, height=height))

    async def screenshot(self) -> bytes:
        return await self.tab.screenshot()


@asynccontextmanager
async def launch(
    launcher: BrowserType, person: Person, media: Path, *, allow: bool = True
) -> AsyncIterator[Browser]:
    """A browser without a page; `media` is where the fake camera's files may be written."""
    flags = [
        *FLAGS,
        f"--use-file-for-fake-video-capture={person.write_camera(media)}",
        f"--use-file-for-fake-audio-capture={person.write_microphone(media)}",
    ]
    if allow:
        flags.append(ALLOW)
    executable = _find(EXECUTABLES if allow else WHOLE)
    browser = await launcher.launch(executable_path=executable, args=flags)
    try:
        yield browser
    finally:
        await browser.close()


@asynccontextmanager
async def chromium(
    launcher: BrowserType, person: Person, media: Path, *, allow: bool = True
) -> AsyncIterator[ChromiumPage]:
    """A browser of its own, with one page."""
    async with launch(launcher, person, media, allow=allow) as browser:
        permissions = ["camera", "microphone", "clipboard-read", "clipboard-write"]
        context = await browser.new_context(
            permissions=permissions if allow else [], viewport=SIZE, ignore_https_errors=True
        )
        context.set_default_timeout(TIMEOUT * 1000)
        await context.add_init_script(probe_script())
        page = ChromiumPage(await context.new_page())
        yield page
        assert page.errors == []


def _find(names: Sequence[str]) -> str:
    for name in names:
        if found := shutil.which(name):
            return found
    raise FileNotFoundError(f"browser tests need one of {', '.join(names)}")
