"""A slot changes hands, over and over: the picture goes on, and is never the wrong one."""

from __future__ import annotations

import asyncio
import json

import pytest
from playwright.async_api import WebSocketRoute

from tests.browser.conftest import Browsers
from tests.browser.meeting import (
    enter,
    join_as_guest,
    more_frames,
    never_saw_a_stranger,
    new_meeting,
)
from tests.support.browser import Page
from tests.support.chromium import ChromiumPage
from tests.support.people import ADA, BEN, CLEO, Person
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
PLEAS = """window.tertulia.pc().getStats().then((report) => [...report.values()]
  .filter((entry) => entry.type === "inbound-rtp" && entry.kind === "video")
  .reduce((sum, entry) => sum + entry.pliCount, 0))"""
"""How often the decoder could not go on and asked for a keyframe."""


async def test_fifty_switches_of_one_slot(server: Tertulia, browsers: Browsers) -> None:
    ada, ben, cleo = [await browsers.chromium(person) for person in (ADA, BEN, CLEO)]
    await _allow_one_slot_and_lag(cleo)
    link = await new_meeting(server)
    for page, person in ((ada, ADA), (ben, BEN)):
        await page.open(link)
        await page.evaluate(f"localStorage['tertulia.camera_codec'] = '{CODECS[person.name]}'")
        await join_as_guest(page, link, person.name)
    await cleo.open(link)
    await cleo.click("Turn camera off")
    await enter(cleo, CLEO.name)
    for number in range(SWITCHES):
        person = (ADA, BEN)[number % 2]
        await _look_only_at(cleo, person)
        await more_frames(cleo, f"probe.frames('{person.name}')", FRAMES)
        assert await cleo.evaluate(DECODED) == [f"video/{CODECS[person.name]}"]
    await never_saw_a_stranger(cleo)
    # None on a machine with time; a decoder that cannot go on would ask at every switch.
    assert await cleo.evaluate(PLEAS) < SWITCHES // 10


async def _allow_one_slot_and_lag(page: ChromiumPage) -> None:
    """The policy in the server's answer to `join` tells how many slots to offer."""
    loop = asyncio.get_running_loop()

    def limited(message: str | bytes) -> str:
        content = json.loads(message)
        joined = content.get("result", {}).get("joined")
        if joined:
            joined["policy"] |= {"video_slots": 1, "max_slots": 1}
        return json.dumps(content)

    def pass_on(client: WebSocketRoute, message: str) -> None:
        loop.call_later(LAG, client.send, message)

    def connect(client: WebSocketRoute) -> None:
        server = client.connect_to_server()
        server.on_message(lambda message: pass_on(client, limited(message)))

    await page.tab.route_web_socket("**/ws", connect)


async def _look_only_at(page: Page, person: Person) -> None:
    camera = await page.until(
        "[...window.tertulia.session.state.get().roster.values()]"
        f".find((one) => one.name === '{person.name}')"
        "?.tracks.find((track) => track.source === 'camera')?.id"
    )
    view = {"tracks": [{"track_id": camera, "width": 960, "height": 540, "priority": 0}]}
    await page.evaluate(f"window.tertulia.session.link.request('view', {json.dumps(view)})")
