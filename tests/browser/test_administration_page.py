"""An administrator invites somebody, looks at what runs, and sends somebody away and back."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Locator, expect

from tests.browser.conftest import Browsers
from tests.browser.screens import WIDE, check, open_screen
from tests.support.chromium import ChromiumPage
from tests.support.people import ADA
from tests.support.tertulia import Tertulia

pytestmark = pytest.mark.browser

FLOWS = re.compile(r"^[0-9.]+ [kM]b/s$")


@pytest.mark.parametrize("settings", [{"SIGNUP": "invite"}])
async def test_a_house_is_kept(server: Tertulia, browsers: Browsers) -> None:
    page = await browsers.chromium(ADA)
    token = await signed_up(server, "Ada", await server.administer("invite"))
    await server.administer("promote", "ada@example.com")
    await page.open(f"{server.url}/signin")
    await page.tab.evaluate("token => localStorage.setItem('tertulia.token', token)", token)
    await open_screen(server, page, "/administration/invitations", "Administration")
    ben = await invited(server, page)
    await runs(server, page, token)
    await deactivated_and_back(page, ben, server)
    await page.tab.get_by_role("tab", name="What was done").click()
    trail = page.tab.get_by_role("list", name="What was done").get_by_role("listitem")
    await expect(trail).to_have_text(
        [
            re.compile("^Ada reactivated Ben"),
            re.compile("^Ada deactivated Ben"),
            re.compile("^Ada made an invitation"),
            re.compile("^The command line made Ada an administrator"),
            re.compile("^The command line made an invitation"),
        ]
    )
    await check(page, "administration-audit")


async def invited(server: Tertulia, page: ChromiumPage) -> str:
    """The token of Ben, who used the link."""
    await page.click("Invite somebody")
    await page.fill("Email", "ben@example.com")
    await page.click("Make the invitation")
    link = await page.tab.get_by_label("Link", exact=True).input_value()
    assert link.startswith(f"{server.url}/signup?invitation=")
    ben = await signed_up(server, "Ben", link.rpartition("=")[2])
    await page.click("Done")
    await page.tab.get_by_role("list", name="Invitations").get_by_text("ben@").wait_for()
    await check(page, "administration-invitations")
    await page.resize(*WIDE)
    return ben


async def runs(server: Tertulia, page: ChromiumPage, token: str) -> None:
    """What the meeting takes that Ada has open in another tab."""
    meeting = await page.tab.context.new_page()
    await meeting.goto(f"{server.url}/m/{await server.create_meeting(token)}")
    await meeting.get_by_role("button", name="Join", exact=True).click()
    await page.tab.bring_to_front()
    await page.tab.get_by_role("tab", name="Meetings now").click()
    running = page.tab.get_by_role("list", name="Meetings running now").get_by_role("listitem")
    await expect(figure(running, "Tracks")).to_have_text("2")
    await expect(figure(running, "In")).to_have_text(FLOWS)
    await check(page, "administration-meetings")
    await page.resize(*WIDE)
    await page.tab.get_by_role("tab", name="Server").click()
    panel = page.tab.get_by_role("tabpanel")
    await expect(figure(panel, "Participants")).to_have_text("1")
    await expect(figure(panel, "Processor")).to_contain_text("of a core")
    await check(page, "administration-server")
    await page.resize(*WIDE)
    await meeting.close()


async def deactivated_and_back(page: ChromiumPage, ben: str, server: Tertulia) -> None:
    await page.tab.get_by_role("tab", name="People").click()
    accounts = page.tab.get_by_role("list", name="Accounts").get_by_role("listitem")
    await expect(accounts).to_have_count(2)
    await page.fill("Search by name or email", "ben@")
    await expect(accounts).to_have_count(1)
    await chosen(page, "Deactivate")
    await accounts.get_by_text("Deactivated").wait_for()
    with pytest.raises(Exception, match="401"):
        await server.request("GET", "/users/me", token=ben)
    await check(page, "administration-users")
    await page.resize(*WIDE)
    await chosen(page, "Reactivate")
    await expect(accounts.get_by_text("Deactivated")).to_have_count(0)


async def chosen(page: ChromiumPage, deed: str) -> None:
    await page.click("What to do with Ben")
    await page.tab.get_by_role("menuitem", name=deed).click()
    await page.tab.get_by_role("alertdialog").get_by_role("button", name=deed).click()


def figure(place: Locator, label: str) -> Locator:
    return place.locator(f"dt:text-is('{label}') + dd")


async def signed_up(server: Tertulia, name: str, invitation: str) -> str:
    body = {"email": f"{name.lower()}@example.com", "password": "password123", "name": name}
    session = await server.request("POST", "/auth/signup", body | {"invitation": invitation})
    return str(session["token"])
