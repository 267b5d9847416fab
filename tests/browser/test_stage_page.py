"""The stage of a meeting: before it, among many, the ways to look at it, and what goes wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
from playwright.async_api import Page as Tab
from playwright.async_api import expect

from benchmarks.signaling_client import SignalingClient
from tests.browser.conftest import Browsers
from tests.browser.meeting import new_meeting
from tests.browser.screens import check
from tests.support.people import ADA
from tests.support.tertulia import Tertulia

pytestmark = pytest.mark.browser

CROWD = 30
"""More than a window shows, none of them with a camera."""
TILES = """[...document.querySelectorAll("[data-testid=tile]")].map((tile) => tile.dataset.name)"""
PLACES = """[...document.querySelectorAll("[data-testid=tile]")].map(
  (tile) => [tile.dataset.name, ...tile.getAttribute("style").match(/[\\d.]+px/g)].join(" "))"""
OLD = "if (location.search === '?old') delete window.RTCPeerConnection"
NO_DEVICES = """{
  const error = location.search.slice(1);
  const capture = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = (wanted) =>
    error.endsWith("Error") ? Promise.reject(new DOMException("", error)) : capture(wanted);
}"""
"""The page's address says what is wrong."""
DEVICE_ERRORS = {
    "NotFoundError": "No microphone was found.",
    "NotReadableError": "The camera is used by another program.",
    "NotAllowedError": "You did not allow the camera.",
}


@pytest.fixture
async def http(network: None) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as client:
        yield client


async def come(http: aiohttp.ClientSession, server: Tertulia, link: str, name: str) -> None:
    """By the socket alone, as a guest."""
    meeting = link.rsplit("/", 1)[1]
    token = (await server.request("POST", f"/meetings/{meeting}/guests", {"name": name}))["token"]
    client = await SignalingClient.connect(http, f"{server.url}/ws")
    await client.authenticate(token)
    await client.request("join", meeting_id=meeting)


async def more(tab: Tab, item: str) -> None:
    await tab.get_by_role("button", name="More", exact=True).click()
    await tab.get_by_role("menuitem", name=item, exact=True).click()


@pytest.mark.parametrize("settings", [{"RATE_LIMITS": "off"}])
async def test_alone_and_among_many(
    server: Tertulia, browsers: Browsers, http: aiohttp.ClientSession
) -> None:
    page = await browsers.chromium(ADA)
    tab, link = page.tab, await new_meeting(server)
    await page.open(link)
    await page.until("document.querySelector('meter')?.value > 0")
    await check(page, "stage-prejoin")
    await page.click("Turn camera off")
    await tab.get_by_text("Your camera is off").wait_for()
    await page.click("Turn camera on")
    await page.fill("Your name", ADA.name)
    await page.click("Join")

    await tab.get_by_text("Nobody else is here yet.").wait_for()
    await more(tab, "Copy invite link")  # the window is narrow now
    assert await page.evaluate("navigator.clipboard.readText()") == link
    await more(tab, "Share screen")
    await page.click("Stop sharing")
    await tab.get_by_role("article", name="Your screen").wait_for(state="detached")
    await page.resize(1280, 800)
    await page.click("Choose microphone and speaker")
    await expect(tab.get_by_label("Speaker", exact=True)).to_be_visible()
    await check(page, "stage-devices")
    await tab.keyboard.press("Escape")
    await page.resize(1280, 800)

    # many
    names = [f"Guest {number:02}" for number in range(CROWD)]
    await asyncio.gather(*(come(http, server, link, name) for name in names))
    await tab.get_by_text("1 / 2").wait_for()
    first = await page.evaluate(TILES)
    await page.click("Next page")
    await tab.get_by_text("2 / 2").wait_for()
    second = await page.evaluate(TILES)
    assert sorted([*first, *second]) == sorted([*names, ADA.name, ADA.name])
    await check(page, "stage-crowd")
    await page.resize(1280, 800)
    await page.click("Previous page")
    before = await page.evaluate(PLACES)
    await come(http, server, link, "Late")
    await expect(tab.get_by_test_id("participant-count")).to_have_text(str(CROWD + 2))
    assert await page.evaluate(PLACES) == before, "nobody moves when somebody comes"

    # who is large
    await tab.get_by_role("button", name=f"Pin {names[7]}", exact=True).focus()
    await tab.keyboard.press("Enter")
    assert (await page.evaluate(TILES))[0] == names[7]
    await page.click(f"Pin {names[7]}")
    await page.click("Speaker view")
    await tab.get_by_role("button", name="Grid view", exact=True).wait_for()

    # what the connection does
    await more(tab, "Statistics")
    sent = tab.get_by_role("complementary", name="Statistics")
    await sent.get_by_text("You send").wait_for()
    await sent.get_by_text("opus").first.wait_for()
    await check(page, "stage-statistics")
    await tab.keyboard.press("Escape")
    await server.kill()
    await tab.get_by_text("Connection lost. Reconnecting …").wait_for()
    await check(page, "stage-reconnecting")
    await server.start()
    await tab.get_by_text("Nobody else is here yet.").wait_for()


@pytest.mark.parametrize("settings", [{"RATE_LIMITS": "off"}])
async def test_what_goes_wrong_is_said_with_a_way_out(
    server: Tertulia, browsers: Browsers, http: aiohttp.ClientSession
) -> None:
    page = await browsers.chromium(ADA)
    tab, token = page.tab, await server.sign_up("Host")
    await tab.add_init_script(OLD)
    await tab.add_init_script(NO_DEVICES)

    async def meeting(**settings: object) -> str:
        made = await server.request("POST", "/meetings", {"title": "", **settings}, token)
        return f"{server.url}/m/{made['id']}"

    async def says(text: str) -> None:
        await tab.get_by_text(text).first.wait_for()

    async def enter(link: str) -> None:
        await page.open(link)
        await page.fill("Your name", ADA.name)
        await page.click("Join")

    link = await meeting()
    await page.open(f"{link}?old")
    await says("This browser cannot hold meetings")
    await page.click("Copy link")
    for error, text in DEVICE_ERRORS.items():
        await page.open(f"{link}?{error}")
        await says(text)
    await check(page, "stage-no-device")
    await page.open(f"{server.url}/m/aaaaaaaaaaaaaaaa")
    await says("There is no such meeting")
    await enter(await meeting(locked=True))
    await says("This meeting is locked")
    await enter(link)
    await says("Nobody else is here yet.")
    end = f"{link.replace('/m/', '/meetings/')}/end"
    await http.post(end, headers={"Authorization": f"Bearer {token}"})
    await says("The meeting is over")
    await expect(tab.get_by_role("button", name="Try again")).to_have_count(0)
    full = await meeting(max_participants=2)
    await asyncio.gather(*(come(http, server, full, name) for name in ("One", "Two")))
    await enter(full)
    await says("Every chair is taken")
    await check(page, "stage-full")
