"""Who people are: others, and oneself."""

from __future__ import annotations

import struct
import zlib

import pytest
from playwright.async_api import FilePayload, expect

from tests.browser.conftest import Browsers
from tests.browser.screens import WIDE, check, open_screen, sign_in
from tests.support.chromium import ChromiumPage
from tests.support.people import ADA, BEN
from tests.support.tertulia import Tertulia

pytestmark = pytest.mark.browser


async def test_profiles_are_found_and_edited(server: Tertulia, browsers: Browsers) -> None:
    page = await browsers.chromium(ADA)
    token, ben = await sign_in(server, page, ADA.name), await server.sign_up(BEN.name)
    me = await server.request("GET", "/users/me", token=token)
    post = {"title": "On tea", "content": "Tea is *hot*.", "published": True}
    await server.request("POST", "/blogs", post, ben)

    await open_screen(server, page, "/people?search=nobody", "People")
    await page.tab.get_by_text("Nobody is called like that").wait_for()
    await page.fill("Search by name", BEN.name[:2])
    await page.tab.get_by_role("link", name=BEN.name).click()
    await expect(page.tab.get_by_role("heading", name=BEN.name)).to_be_focused()
    await page.tab.get_by_role("link", name="On tea").wait_for()
    await check(page, "profile")
    await page.resize(*WIDE)
    await page.tab.get_by_role("link", name="Write").click()
    await page.tab.get_by_label("Write a message").wait_for()

    await page.click("Your account")
    await page.tab.get_by_role("menuitem", name="Your profile").click()
    await page.tab.get_by_role("heading", name="Your profile").wait_for()
    await choose(page, b"no picture")
    await page.tab.get_by_text("no picture that your browser can read").wait_for()
    await choose(page, png(1200, 800))
    await page.tab.get_by_role("img", name="The picture you chose").wait_for()
    await check(page, "profile-picture")
    await page.resize(*WIDE)
    await page.click("Use this picture")
    await page.tab.get_by_text("Others see your new picture.", exact=True).wait_for()

    await page.fill("Name", "Ada Lovelace")
    await page.fill("Age", "36")
    elsewhere = {"name": "Countess"}
    await server.request("PATCH", "/users/me", elsewhere, token, {"If-Match": "*"})
    await page.click("Save")
    await page.tab.get_by_text("Name there: Countess").wait_for()
    await check(page, "profile-conflict")
    await page.resize(*WIDE)
    await page.click("Keep mine")
    await page.tab.get_by_text("Your profile is saved.", exact=True).wait_for()
    await page.tab.get_by_role("link", name="What others see").click()
    await page.tab.get_by_role("heading", name="Ada Lovelace").wait_for()
    await page.tab.get_by_role("link", name="Edit profile").click()
    await page.click("Remove")
    await page.tab.get_by_role("alertdialog").get_by_role("button", name="Remove").click()
    await expect(page.tab.get_by_role("button", name="Remove")).to_have_count(0)
    saved = await server.request("GET", "/users/me", token=token)
    assert (saved["name"], saved["age"], saved["avatar"]) == ("Ada Lovelace", 36, None)
    assert saved["version"] == me["version"] + 4  # picture, elsewhere, own, no picture


async def choose(page: ChromiumPage, data: bytes) -> None:
    file = FilePayload(name="me.png", mimeType="image/png", buffer=data)
    await page.tab.locator("input[type=file]").set_input_files(file)


def png(width: int, height: int) -> bytes:
    """Petrol from edge to edge."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        whole = kind + data
        return struct.pack("!I", len(data)) + whole + struct.pack("!I", zlib.crc32(whole))

    lines = (b"\0" + bytes((27, 112, 118)) * width) * height
    header = struct.pack("!IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(lines)), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)
