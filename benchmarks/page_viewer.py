"""A real Chromium that shows a meeting, and what that takes of it.

Needs Playwright (requirements-test.lock) and Debian's chromium-headless-shell.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from playwright.async_api import BrowserContext, Page, ViewportSize, async_playwright

from benchmarks.core import process_seconds
from benchmarks.process import descendants
from tests.support.chromium import launch
from tests.support.people import ADA
from tests.support.polling import until

_HERE: Final = Path(__file__).parent
_WATCH: Final = (_HERE / "page_watch.js").read_text(encoding="utf-8")
_BARE: Final = (_HERE / "bare_page.js").read_text(encoding="utf-8")
_TIMEOUT: Final = 30_000
"""Milliseconds."""
_MOVING: Final = """(async () => {
  const report = await %s?.getStats();
  const streams = [...(report?.values() ?? [])].filter((one) => one.type === "inbound-rtp");
  return streams.filter((one) => one.kind === "video" && one.framesDecoded > 30).length >= %d;
})()"""
_VIDEOS: Final = """async () => {
  const report = await %s.getStats();
  return [...report.values()]
    .filter((one) => one.type === "inbound-rtp" && one.kind === "video" && one.framesDecoded)
    .map((one) => [one.frameHeight, one.framesDecoded]);
}"""
OURS: Final = "window.tertulia?.pc()"
BARE: Final = "window.connection"


@dataclass(frozen=True, slots=True)
class Shown:
    """Over some seconds."""

    cpu: float
    """Of all the browser's processes, in cores."""
    heights: tuple[int, ...]
    """Of the pictures that moved, in lines."""
    frames: float
    """Decoded a second, in all."""
    commits: int
    """Of React."""
    longest_task: float
    """Of the main thread, in ms; 0: none was longer than 50 ms."""


@dataclass(frozen=True, slots=True)
class Memory:
    """After a garbage collection."""

    heap: int
    """Bytes of JavaScript."""
    nodes: int
    listeners: int


class PageViewer:
    """An actor of `worker.Worker`: one browser, and at most one page in it."""

    async def start(self) -> None:
        self._stack = AsyncExitStack()
        directory = Path(self._stack.enter_context(tempfile.TemporaryDirectory()))
        playwright = await self._stack.enter_async_context(async_playwright())
        self._browser = await self._stack.enter_async_context(
            launch(playwright.chromium, ADA, directory)
        )

    async def join(
        self, url: str, meeting: str, size: Mapping[str, int], *, sending: bool
    ) -> dict[str, float]:
        """By the product's own page. When what happened, in ms after the click on "Join", up to
        somebody's first picture."""
        page = await self._open(size)
        await page.add_init_script(_WATCH)
        await page.goto(f"{url}/m/{meeting}")
        if not sending:
            await page.get_by_role("button", name="Turn camera off").click()
            await page.get_by_role("button", name="Mute microphone").click()
        await page.get_by_label("Your name").fill("Browser")
        if sending:
            await self._until("document.querySelector('video')?.videoWidth > 0")
        await page.get_by_role("button", name="Join", exact=True).click()
        await self._until("watch.marks['first frame']")
        marks: dict[str, float] = await page.evaluate("watch.marks")
        began = marks.pop("click")
        return {name: at - began for name, at in sorted(marks.items(), key=lambda mark: mark[1])}

    async def join_bare(
        self, url: str, meeting: str, size: Mapping[str, int], count: int, height: int
    ) -> None:
        """By a page that only shows `count` videos."""
        page = await self._open(size)
        await page.goto(f"{url}/health")  # anything of the server's without scripts
        await page.evaluate(_BARE, [meeting, count, height * 16 // 9, height])

    async def show(self, connection: str, count: int, seconds: float) -> Shown:
        """So many videos, for so long; `connection`: `OURS` or `BARE`."""
        page = self._page
        await self._until(_MOVING % (connection, count))
        await asyncio.sleep(10)  # until sizes have settled and those who came are announced
        if connection == OURS and not await page.evaluate("watch.commits"):
            raise RuntimeError("React does not tell of its commits any more")
        await page.evaluate("window.watch && Object.assign(watch, { commits: 0, longTasks: [] })")
        before = await page.evaluate(_VIDEOS % connection)
        cpu = _cpu()
        await asyncio.sleep(seconds)
        cpu = _cpu() - cpu
        after = await page.evaluate(_VIDEOS % connection)
        commits, tasks = await page.evaluate(
            "window.watch ? [watch.commits, watch.longTasks] : [0, []]"
        )
        frames = sum(count for _, count in after) - sum(count for _, count in before)
        heights = tuple(sorted(height for height, _ in after))
        return Shown(cpu / seconds, heights, frames / seconds, commits, max(tasks, default=0.0))

    async def memory(self) -> Memory:
        session = await self._page.context.new_cdp_session(self._page)
        for _ in range(2):  # what holds elements of the document goes first
            await session.send("HeapProfiler.collectGarbage")
        heap = await session.send("Runtime.getHeapUsage")
        counters = await session.send("Memory.getDOMCounters")
        await session.detach()
        return Memory(heap["usedSize"], counters["nodes"], counters["jsEventListeners"])

    async def see(self, people: int) -> None:
        """Wait until so many others are in the meeting."""
        await self._until(f"window.tertulia.session.state.get().roster.size === {people}")

    async def _until(self, expression: str) -> None:
        """The page's policy lets Playwright's own way of waiting evaluate nothing."""
        await until(lambda: self._page.evaluate(expression))

    async def leave(self) -> None:
        await self._context.close()

    async def stop(self) -> None:
        async with asyncio.timeout(30):
            await self._stack.aclose()

    async def _open(self, size: Mapping[str, int]) -> Page:
        self._context: BrowserContext = await self._browser.new_context(
            permissions=["camera", "microphone"],
            viewport=ViewportSize(width=size["width"], height=size["height"]),
        )
        self._context.set_default_timeout(_TIMEOUT)
        self._page = await self._context.new_page()
        return self._page


def _cpu() -> float:
    """Seconds that the browser has used; Playwright's own process is none of it."""
    return sum(process_seconds(pid) for pid in descendants(os.getpid()) if _is_browser(pid))


def _is_browser(pid: int) -> bool:
    command = Path(f"/proc/{pid}/comm").read_text(encoding="utf-8")
    return "chrom" in command or "headless" in command
