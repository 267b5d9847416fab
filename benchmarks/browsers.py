"""A real Chromium that watches a meeting through an impaired link, and says what it saw.

Needs Playwright (requirements-test.lock) and Debian's chromium-headless-shell.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from playwright.async_api import async_playwright

from tests.support.chromium import chromium
from tests.support.people import ADA

_SAMPLE: Final = 250
"""Milliseconds between looks at the statistics."""
_THROUGH: Final = """
const port = %d;
const original = RTCPeerConnection.prototype.setRemoteDescription;
RTCPeerConnection.prototype.setRemoteDescription = function (description) {
  window.answer = description.sdp;
  const sdp = description.sdp.replace(/^(a=candidate:.* udp \\d+ \\S+ )\\d+/gmi, `$1${port}`);
  return original.call(this, { type: description.type, sdp: port ? sdp : description.sdp });
};
"""
"""The answer's candidates lead to the relay."""
_WATCH: Final = """
window.samples = [];
const numbers = ["bytesReceived", "headerBytesReceived", "retransmittedBytesReceived",
  "framesDecoded", "keyFramesDecoded", "framesDropped", "frameHeight", "freezeCount",
  "totalFreezesDuration", "pliCount", "nackCount"];
const look = async () => {
  const report = await window.tertulia?.pc()?.getStats();
  const streams = [...report?.values() ?? []].filter((entry) => entry.type === "inbound-rtp");
  window.samples.push({
    time: performance.now(),
    streams: streams.filter((entry) => entry.bytesReceived).map((entry) => ({
      kind: entry.kind, mid: entry.mid,
      ...Object.fromEntries(numbers.map((name) => [name, entry[name] ?? 0])),
    })),
  });
  setTimeout(look, %d);
};
look();
"""


@dataclass(frozen=True, slots=True)
class Watched:
    """What it saw so far."""

    ufrag: str
    """The server's, of this receiver's transport."""
    joined: float
    """When it was told to join (time.monotonic)."""
    clock: float
    """Of time.monotonic at the page's time 0."""
    samples: list[dict[str, Any]]
    """Of the inbound streams; `time` in ms of the page's clock."""
    offer_bytes: int
    answer_bytes: int


class BrowserViewer:
    """An actor of `worker.Worker`."""

    async def join(
        self,
        url: str,
        meeting: str,
        relay: tuple[str, int] | None,
        viewport: Mapping[str, int],
        *,
        sending: bool = False,
    ) -> None:
        """Into the meeting, with camera and microphone only if `sending`."""
        self._stack = AsyncExitStack()
        directory = self._stack.enter_context(tempfile.TemporaryDirectory())
        browsers = await self._stack.enter_async_context(async_playwright())
        page = await self._stack.enter_async_context(
            chromium(browsers.chromium, ADA, Path(directory))
        )
        self._page = page
        await page.tab.set_viewport_size({"width": viewport["width"], "height": viewport["height"]})
        await page.tab.context.add_init_script(_THROUGH % (relay[1] if relay else 0))
        await page.open(f"{url}/m/{meeting}")
        if not sending:
            await page.click("Turn camera off")
            await page.click("Mute microphone")
        await page.fill("Your name", "Browser")
        await page.evaluate(_WATCH % _SAMPLE)
        self._joined = time.monotonic()
        await page.click("Join")
        await page.until("window.tertulia?.pc()?.connectionState === 'connected'")

    async def watched(self) -> Watched:
        page = self._page
        clock = time.monotonic() - await page.evaluate("performance.now()") / 1000
        found = "window.answer.match(/a=ice-ufrag:(\\S+)/)[1]"
        return Watched(
            ufrag=await page.evaluate(found),
            joined=self._joined,
            clock=clock,
            samples=await page.evaluate("window.samples"),
            offer_bytes=await page.evaluate("window.tertulia.pc().localDescription.sdp.length"),
            answer_bytes=await page.evaluate("window.answer.length"),
        )

    async def leave(self) -> None:
        async with asyncio.timeout(30):
            await self._stack.aclose()
