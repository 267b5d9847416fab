"""The way into the page and around in it, without a meeting."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Browsers
from tests.browser.screens import PHONE, WIDE, check, open_screen, sign_in
from tests.support.people import ADA
from tests.support.tertulia import Tertulia

pytestmark = pytest.mark.browser


async def test_the_way_in_is_accessible_in_every_look(server: Tertulia, browsers: Browsers) -> None:
    page = await browsers.chromium(ADA)
    for path, heading in [
        ("/", "Pull up a chair. Let’s talk."),
        ("/signin", "Welcome back"),
        ("/signup", "Create an account"),
    ]:
        await open_screen(server, page, path, heading)
        await check(page, f"in{path.replace('/', '-')}")
    await sign_in(server, page, ADA.name)
    await open_screen(server, page, "/", f"Hello, {ADA.name}")
    await check(page, "home")


async def test_every_place_is_reached_by_keyboard_and_accessible(
    server: Tertulia, browsers: Browsers
) -> None:
    page = await browsers.chromium(ADA)
    await sign_in(server, page, ADA.name)
    await server.sign_up("Ben")
    await open_screen(server, page, "/", f"Hello, {ADA.name}")
    await page.tab.keyboard.press("Tab")
    await page.tab.keyboard.press("Enter")
    await expect(page.tab.get_by_role("main")).to_be_focused()
    for place in ("Chat", "Blog", "People", "Settings"):
        await page.tab.get_by_role("link", name=place, exact=True).press("Enter")
        await expect(page.tab.get_by_role("heading", name=place, exact=True)).to_be_focused()
        await page.tab.get_by_role("status").filter(has_text="Loading").wait_for(state="detached")
        await check(page, place.lower())
        await page.resize(*WIDE)
    await page.resize(*PHONE)
    await page.click("Your account")
    await page.tab.get_by_role("menuitem", name="Settings").wait_for()
    await check(page, "account-menu")


async def test_theme_and_language_are_kept(server: Tertulia, browsers: Browsers) -> None:
    page = await browsers.chromium(ADA)
    await sign_in(server, page, ADA.name)
    await page.tab.emulate_media(color_scheme="light")
    await open_screen(server, page, "/settings", "Settings")
    light = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    await page.tab.get_by_label("Theme").select_option("Dark")
    await page.tab.get_by_label("Language").select_option("Deutsch")
    await page.tab.get_by_role("heading", name="Einstellungen").wait_for()
    dark = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert dark != light
    await open_screen(server, page, "/settings", "Einstellungen")
    assert await page.evaluate("getComputedStyle(document.body).backgroundColor") == dark
    assert await page.evaluate("document.documentElement.lang") == "de"
    await check(page, "settings-dark-german")


async def test_signing_out_leads_home_and_signing_in_back(
    server: Tertulia, browsers: Browsers
) -> None:
    page = await browsers.chromium(ADA)
    await sign_in(server, page, ADA.name)
    await open_screen(server, page, "/people", "People")
    await page.click("Your account")
    await page.tab.get_by_role("menuitem", name="Sign out").click()
    await page.tab.get_by_role("heading", name="Pull up a chair.").wait_for()
    await open_screen(server, page, "/people?search=x", "Welcome back")
    await page.fill("Email", f"{ADA.name.lower()}@example.com")
    await page.fill("Password", "wrong password")
    await page.click("Sign in")
    await page.tab.get_by_text("Email or password are not right.").wait_for()
    await page.fill("Password", "password123")
    await page.click("Sign in")
    await page.tab.get_by_role("heading", name="People").wait_for()
    assert await page.evaluate("location.pathname + location.search") == "/people?search=x"
