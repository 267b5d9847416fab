"""A slot changes hands, over and over: the picture goes on, and is never the wrong one."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Browsers
from tests.browser.meeting import (
    PLEAS,
    allow_one_slot,
    camera_of,
    enter,
    join_as_guest,
    look_only_at,
    more_frames,
    never_saw_a_stranger,
    new_meeting,
)
from tests.support.people import ADA, BEN, CLEO
from tests.support.tertulia import Tertulia

pytestmark = pytest.mark.browser

SWITCHES = 50
FRAMES = 3
LAG = 0.2
"""Seconds by which the server's words come later than its media, as they may on any network."""
CODECS = {ADA.name: "VP8", BEN.name: "H264"}
DECODED = """window.tertulia.pc().getStats().then((report) => [...report.values()]
  .filter((entry) => entry.type === "inbound-rtp" && entry.kind === "video" && entry.framesDecoded)
  .map((entry) => report.get(entry.codecId).mimeType))"""
"""Codec of every video stream that was ever decoded."""


async def test_fifty_switches_of_one_slot(server: Tertulia, browsers: Browsers) -> None:
    ada, ben, cleo = [await browsers.chromium(person) for person in (ADA, BEN, CLEO)]
    await allow_one_slot(cleo, LAG)
    link = await new_meeting(server)
    for page, person in ((ada, ADA), (ben, BEN)):
        await page.open(link)
        await page.evaluate(f"localStorage['tertulia.camera_codec'] = '{CODECS[person.name]}'")
        await join_as_guest(page, link, person.name)
    await cleo.open(link)
    await cleo.click("Turn camera off")
    await enter(cleo, CLEO.name)
    cameras = {person: await camera_of(cleo, person) for person in (ADA, BEN)}
    for number in range(SWITCHES):
        person = (ADA, BEN)[number % 2]
        await look_only_at(cleo, cameras[person])
        await more_frames(cleo, f"probe.frames('{person.name}')", FRAMES)
        assert await cleo.evaluate(DECODED) == [f"video/{CODECS[person.name]}"]
    await never_saw_a_stranger(cleo)
    # None on a machine with time; a decoder that cannot go on would ask at every switch.
    assert await cleo.evaluate(PLEAS) < SWITCHES // 10
