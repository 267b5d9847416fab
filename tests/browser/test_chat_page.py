"""Two people write to each other, each in a browser of their own."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Browsers
from tests.browser.screens import check, open_screen, sign_in
from tests.support.people import ADA, BEN
from tests.support.tertulia import Tertulia

pytestmark = pytest.mark.browser


async def test_two_people_write_to_each_other(server: Tertulia, browsers: Browsers) -> None:
    ada, ben = await browsers.chromium(ADA), await browsers.chromium(BEN)
    tokens = await sign_in(server, ada, ADA.name), await sign_in(server, ben, BEN.name)
    other = await server.request("GET", "/users/me", token=tokens[1])
    made = {"kind": "direct", "user_id": other["id"]}
    await server.request("POST", "/conversations", made, tokens[0])
    await open_screen(server, ada, "/chat", "Chat")
    await ada.tab.get_by_role("link", name=BEN.name).click()
    await expect(ada.tab.get_by_role("heading", name=BEN.name)).to_be_focused()
    await ada.tab.get_by_label("Write a message").fill("Good evening!")
    await ada.tab.keyboard.press("Enter")
    await open_screen(server, ben, "/chat", "Chat")
    await ben.tab.get_by_text("1 new message").wait_for(state="attached")
    await ben.tab.get_by_role("link", name=ADA.name).click()
    await ben.tab.get_by_text("Good evening!", exact=True).wait_for()
    await ben.tab.get_by_label("Write a message").type("G")
    await ada.tab.get_by_text(f"{BEN.name} is typing").wait_for()
    await ben.tab.get_by_label("Write a message").fill("Good night!")
    await ben.tab.keyboard.press("Enter")
    await ada.tab.get_by_text("Good night!", exact=True).wait_for()
    await check(ada, "conversation")
    await open_screen(server, ben, "/chat", "Chat")
    await expect(ben.tab.get_by_text("1 new message")).to_have_count(0)
