"""VP9 and AV1 in layers of one stream: each tile gets those it needs, and switches are seamless."""

from __future__ import annotations

import asyncio
import logging
from statistics import median

import pytest

from tests.browser.conftest import Browsers
from tests.browser.meeting import (
    PLEAS,
    allow_one_slot,
    camera_of,
    enter,
    join_as_guest,
    look_only_at,
    never_saw_a_stranger,
    new_meeting,
)
from tests.support.browser import Page
from tests.support.chromium import ChromiumPage
from tests.support.people import ADA, BEN, CLEO, HEIGHT, Person
from tests.support.polling import TIMEOUT
from tests.support.tertulia import Tertulia

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize(
        "settings", [{"MEDIA_CAMERA_CODEC": codec} for codec in ("VP9", "AV1")], ids=("VP9", "AV1")
    ),
]

log = logging.getLogger(__name__)

SWITCHES = 100
FRAMES = 2
NOTHING_IN_VIEW = (200, 170)
"""A window with no room for a tile."""
DESCRIPTOR = (
    "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension"
)
FREEZE = 300
"""Ms beyond the frames that pass meanwhile."""
PASSING = 3
"""Frames: the one not yet due, the one being captured, and the one being encoded."""
SENT = """window.tertulia.pc().getStats().then((report) => [...report.values()]
  .filter((entry) => entry.type === "outbound-rtp" && entry.kind === "video" && entry.bytesSent)
  .map((entry) => `${report.get(entry.codecId).mimeType} ${entry.scalabilityMode}`))"""


async def test_layers_by_tile_and_a_hundred_switches(
    server: Tertulia, browsers: Browsers, settings: dict[str, str]
) -> None:
    ada, ben, cleo = [await browsers.chromium(person) for person in (ADA, BEN, CLEO)]
    await _meet(await new_meeting(server), ada, ben, cleo)
    cameras = {person: await camera_of(cleo, person) for person in (ADA, BEN)}
    for person in (ADA, BEN):
        for height in (HEIGHT // 4, HEIGHT // 2, HEIGHT):
            await look_only_at(cleo, cameras[person], height)
            await cleo.until(_receives(person, height))
    for page in (ada, ben):
        assert await page.evaluate(SENT) == [f"video/{settings['MEDIA_CAMERA_CODEC']} L3T3_KEY"]
    assert DESCRIPTOR in await _slot(cleo)
    await _switch(cleo, cameras)
    await never_saw_a_stranger(cleo)
    # None on a machine with time; a decoder that cannot go on would ask at every switch.
    assert await cleo.evaluate(PLEAS) < SWITCHES // 10


async def _meet(link: str, ada: ChromiumPage, ben: ChromiumPage, cleo: ChromiumPage) -> None:
    """Only Cleo sees, and sees one at a time: three times both ways is too much for two cores."""
    await allow_one_slot(cleo)
    for page, person in ((ada, ADA), (ben, BEN)):
        await page.resize(*NOTHING_IN_VIEW)
        await join_as_guest(page, link, person.name)
    await cleo.open(link)
    await cleo.click("Turn camera off")
    await enter(cleo, CLEO.name)


def _receives(person: Person, height: int) -> str:
    """An encoder may round the lowest layer to even numbers."""
    return (
        f"probe.received('{person.name}')"
        f".then((stream) => Math.abs(stream.frameHeight - {height}) <= 1)"
    )


async def _slot(page: Page) -> str:
    """What the server's answer says of the video slot."""
    answer: str = await page.evaluate("window.tertulia.pc().remoteDescription.sdp")
    video = [line for line in answer.split("\r\nm=") if line.startswith("video")]
    [slot] = [line for line in video if "a=sendonly" in line]
    return slot


async def _switch(page: Page, cameras: dict[Person, str]) -> None:
    before = await page.evaluate("probe.handovers().length")
    for number in range(SWITCHES):
        person = (ADA, BEN)[number % 2]
        seen = await page.evaluate(f"probe.frames('{person.name}')")
        await look_only_at(page, cameras[person])
        async with asyncio.timeout(TIMEOUT):
            await page.evaluate(_frames(person, seen + FRAMES))
    handovers = (await page.evaluate("probe.handovers()"))[before:]
    gaps = sorted(handover["shown"] for handover in handovers)
    pace = median(handover["pace"] for handover in handovers)
    stream = await page.evaluate(f"probe.received('{person.name}')")
    log.info(
        "%d switches: %.0f ms from picture to picture in the middle, %.0f at most;"
        " %.0f between two frames of one; %d freezes, %d frames dropped",
        len(gaps),
        median(gaps),
        gaps[-1],
        pace,
        stream["freezeCount"],
        stream["framesDropped"],
    )
    assert median(gaps) < FREEZE + PASSING * pace


def _frames(person: Person, number: int) -> str:
    """Polled within the page, as there are many to wait for."""
    return f"""(async () => {{
      while (probe.frames("{person.name}") < {number})
        await new Promise((resolve) => setTimeout(resolve, 20));
    }})()"""
