"""The door of a meeting that does not stand open: a password, and hosts who let people in."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from benchmarks.signaling_client import JsonObject, SignalingClient
from tests.browser.conftest import Browsers
from tests.support.chromium import ChromiumPage
from tests.support.people import ADA, BEN, CLEO
from tests.support.tertulia import Tertulia

pytestmark = pytest.mark.browser

PASSWORD = "open sesame"
LABEL = "Password of the meeting"


@pytest.fixture
async def http(network: None) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as client:
        yield client


async def host_of(
    http: aiohttp.ClientSession, server: Tertulia, settings: JsonObject
) -> tuple[SignalingClient, str]:
    """Ada in a meeting with these settings, and its link."""
    token = await server.sign_up(ADA.name)
    meeting = await server.request("POST", "/meetings", settings, token)
    client = await SignalingClient.connect(http, f"{server.url}/ws")
    await client.authenticate(token)
    await client.request("join", meeting_id=meeting["id"])
    return client, f"{server.url}/m/{meeting['id']}"


async def says(page: ChromiumPage, text: str) -> None:
    await page.tab.get_by_text(text).wait_for()


async def test_guests_give_the_password_and_wait_for_a_host(
    server: Tertulia, browsers: Browsers, http: aiohttp.ClientSession
) -> None:
    host, link = await host_of(http, server, {"password": PASSWORD, "lobby": "guests"})
    page = await browsers.chromium(BEN)
    await page.open(link)
    await page.fill("Your name", BEN.name)
    await page.fill(LABEL, "wrong")
    await page.click("Join")
    await says(page, "This is not the meeting's password.")
    await page.fill(LABEL, PASSWORD)
    await page.click("Join")
    await says(page, "The host has been told that you are here")

    [waiting] = (await host.expect("lobby"))["people"]
    assert waiting["name"] == BEN.name
    await host.request("refuse", person_id=waiting["id"], keep_out=False)
    await says(page, "The host did not let you in.")
    await page.click("Try again")
    await says(page, "The host has been told that you are here")
    await host.request("admit_all")
    await page.until(f"probe.names().includes('{BEN.name}')")


async def test_people_with_an_account_give_it_at_the_door(
    server: Tertulia, browsers: Browsers, http: aiohttp.ClientSession
) -> None:
    _, link = await host_of(http, server, {"password": PASSWORD})
    token = await server.sign_up(CLEO.name)
    page = await browsers.chromium(CLEO)
    await page.open(server.url)
    await page.evaluate(f"localStorage.setItem('tertulia.token', '{token}')")
    await page.open(link)
    await page.click("Join")
    await page.fill(LABEL, "wrong")
    await page.click("Enter")
    await says(page, "That was not it.")
    await page.fill(LABEL, PASSWORD)
    await page.click("Enter")
    await page.until(f"probe.names().includes('{CLEO.name}')")
