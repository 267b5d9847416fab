"""The first screen of somebody signed in: into a meeting, and what there is to come back to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Browsers
from tests.browser.screens import WIDE, check, open_screen, sign_in
from tests.support.people import ADA
from tests.support.tertulia import Tertulia

pytestmark = pytest.mark.browser


async def test_meetings_are_planned_edited_and_ended(server: Tertulia, browsers: Browsers) -> None:
    page = await browsers.chromium(ADA)
    token = await sign_in(server, page, ADA.name)
    ben = await server.sign_up("Ben")
    await spoken(server, token, ben)
    await server.request("POST", "/meetings", {"title": "Last week’s tea"}, token)
    await open_screen(server, page, "/", f"Hello, {ADA.name}")
    await (
        page.tab.get_by_role("link", name="Ben")
        .get_by_text("1 new message")
        .wait_for(state="attached")
    )
    await page.tab.get_by_role("list", name="Earlier").get_by_text("Last week’s tea").wait_for()
    await page.click("Plan a meeting")
    start = (datetime.now(UTC) + timedelta(days=2)).strftime("%Y-%m-%dT17:00")
    await page.fill("What is it about?", "Monday round table")
    await page.fill("Starts at", start)
    await page.fill("Password", "earl grey")
    await page.tab.get_by_label("Who waits").select_option("Guests")
    await check(page, "home-plan")
    await page.resize(*WIDE)
    await page.click("Plan it")
    await page.tab.get_by_text("Planned. Invite others with the link.", exact=True).wait_for()
    upcoming = page.tab.get_by_role("list", name="Coming up")
    await upcoming.get_by_text("Monday round table").wait_for()
    await upcoming.get_by_label("With a password").wait_for()
    await check(page, "home-meetings")
    await page.resize(*WIDE)
    more = page.tab.get_by_role("button", name="What to do with Monday round table")
    await more.click()
    await page.tab.get_by_role("menuitem", name="Edit").click()
    await page.fill("What is it about?", "Tuesday round table")
    await page.tab.get_by_role("switch", name="No password any more").click()
    await page.click("Save")
    await upcoming.get_by_text("Tuesday round table").wait_for()
    await expect(upcoming.get_by_label("With a password")).to_have_count(0)
    await page.click("What to do with Tuesday round table")
    await page.tab.get_by_role("menuitem", name="End for good").click()
    await page.tab.get_by_role("alertdialog").get_by_role("button", name="End for good").click()
    earlier = page.tab.get_by_role("list", name="Earlier")
    await earlier.get_by_text("Ended").wait_for()
    await page.tab.get_by_role("link", name="Join Last week’s tea").click()
    await page.tab.get_by_role("heading", name="Last week’s tea").wait_for()


async def spoken(server: Tertulia, to: str, by: str) -> None:
    """Something that has not been read yet."""
    other = await server.request("GET", "/users/me", token=to)
    direct = {"kind": "direct", "user_id": other["id"]}
    talk = await server.request("POST", "/conversations", direct, by)
    said = {"content": "Tea at five?", "client_key": "1"}
    await server.request("POST", f"/conversations/{talk['id']}/messages", said, by)
