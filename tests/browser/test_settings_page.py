"""What one sets for oneself: devices, the way into meetings, logins, and the end of it all."""

from __future__ import annotations

from functools import partial

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Browsers
from tests.browser.screens import WIDE, check, open_screen, sign_in
from tests.support.people import ADA
from tests.support.polling import until
from tests.support.tertulia import Tertulia

pytestmark = pytest.mark.browser


async def test_settings_are_tried_kept_and_left_for_good(
    server: Tertulia, browsers: Browsers
) -> None:
    page = await browsers.chromium(ADA)
    await sign_in(server, page, ADA.name)
    login = {"email": "ada@example.com", "password": "password123"}
    elsewhere = [(await server.request("POST", "/auth/login", login))["token"] for _ in range(3)]
    await open_screen(server, page, "/settings", "Settings")
    await page.click("Try them out")
    await page.tab.locator("video").wait_for()
    for sign in ("'video').videoWidth", "'meter').value"):
        await until(partial(page.evaluate, f"document.querySelector({sign} > 0"))
    assert await page.tab.get_by_label("Camera", exact=True).locator("option").count() > 0
    await page.click("Play a sound")
    await page.tab.get_by_label("When you come in").select_option("speaker")
    await check(page, "settings-devices")
    await page.resize(*WIDE)

    logins = page.tab.get_by_role("list", name="Where you are signed in").get_by_role("listitem")
    await expect(logins).to_have_count(4)
    await logins.get_by_role("button").first.click()
    await expect(logins).to_have_count(3)
    await page.click("Sign out everywhere else")
    dialog = page.tab.get_by_role("alertdialog")
    await dialog.get_by_role("button", name="Sign out everywhere else").click()
    await expect(logins).to_have_count(1)
    for token in elsewhere:
        assert await refused(server, token)
    await page.fill("Present password", "wrong password")
    await page.fill("New password", "a better password")
    await page.click("Change it")
    await page.tab.get_by_text("That is not your password.").wait_for()
    await check(page, "settings-account")
    await page.resize(*WIDE)
    await page.fill("Present password", "password123")
    await page.click("Change it")
    await page.tab.get_by_text("Your password is changed.").first.wait_for()

    await page.click("Delete my account …")
    await check(page, "settings-farewell")
    await page.resize(*WIDE)
    await page.fill("Your password, to be sure", "password123")
    await page.click("Delete for good")
    await page.tab.get_by_role("dialog").get_by_text("That is not your password.").wait_for()
    await page.fill("Your password, to be sure", "a better password")
    await page.click("Delete for good")
    await page.tab.get_by_role("heading", name="Pull up a chair.").wait_for()


async def refused(server: Tertulia, token: str) -> bool:
    with pytest.raises(Exception, match="401"):
        await server.request("GET", "/users/me", token=token)
    return True
