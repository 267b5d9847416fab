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
    await sign_in(server, ada, ADA.name)
    token = await sign_in(server, ben, BEN.name)
    me = await server.request("GET", "/users/me", token=token)
    await open_screen(server, ada, f"/chat/with/{me['id']}", BEN.name)
    await ada.tab.get_by_label("Write a message").fill("Good evening!")
    await ada.tab.keyboard.press("Enter")
    await open_screen(server, ben, "/chat", "Chat")
    await ben.tab.get_by_text("1 new message").first.wait_for(state="attached")
    await expect(ben.tab).to_have_title("(1) Chat · Tertulia")
    await ben.tab.get_by_role("link", name=ADA.name).click()
    await expect(ben.tab.get_by_role("heading", name=ADA.name)).to_be_focused()
    said = ben.tab.get_by_role("region", name="Messages")
    await said.get_by_text("Good evening!").wait_for()
    await ben.tab.get_by_label("Write a message").press_sequentially("G")
    await ada.tab.get_by_text(f"{BEN.name} is typing").wait_for()
    await ben.tab.get_by_label("Write a message").fill("Good night!")
    await ben.tab.keyboard.press("Enter")
    await ada.tab.get_by_role("region", name="Messages").get_by_text("Good night!").wait_for()
    await check(ada, "conversation")
    await ben.tab.keyboard.press("ArrowUp")
    await ben.tab.get_by_role("textbox", name="Edit").fill("Good morning!")
    await ben.tab.keyboard.press("Enter")
    await ada.tab.get_by_role("region", name="Messages").get_by_text("Good morning!").wait_for()
    await open_screen(server, ben, "/chat", "Chat")
    await expect(ben.tab.get_by_text("1 new message")).to_have_count(0)
    await expect(ben.tab).to_have_title("Chat · Tertulia")
    await check(ben, "chat")


async def test_a_group_is_made_named_and_left(server: Tertulia, browsers: Browsers) -> None:
    ada, ben = await browsers.chromium(ADA), await browsers.chromium(BEN)
    await sign_in(server, ada, ADA.name)
    await sign_in(server, ben, BEN.name)
    await server.sign_up("Cleo")
    await open_screen(server, ben, "/chat", "Chat")
    await ben.tab.get_by_text("No conversations yet").wait_for()
    await open_screen(server, ada, "/chat", "Chat")
    await ada.tab.get_by_role("button", name="New conversation").first.click()
    dialog = ada.tab.get_by_role("dialog")
    await dialog.get_by_label("Search by name").fill("be")
    await dialog.get_by_role("button", name=BEN.name).click()
    await dialog.get_by_label("Search by name").fill("cl")
    await dialog.get_by_role("list", name="People").get_by_role("button", name="Cleo").click()
    await dialog.get_by_label("Name of the group").fill("Reading circle")
    await check(ada, "new-conversation")
    await dialog.get_by_role("button", name="Make the group").click()
    await ada.tab.get_by_role("heading", name="Reading circle").wait_for()
    await ben.tab.get_by_role("link", name="Reading circle").click()
    await ben.tab.get_by_text("3 members").wait_for()

    await ada.tab.get_by_role("button", name="Members and settings").click()
    await dialog.get_by_label("Name of the group").fill("Writing circle")
    await dialog.get_by_role("button", name="Save").click()
    await ben.tab.get_by_role("heading", name="Writing circle").wait_for()
    await dialog.get_by_role("button", name="Remove Cleo").click()
    await ada.tab.get_by_role("alertdialog").get_by_role("button", name="Remove").click()
    await ben.tab.get_by_text("2 members").wait_for()
    await check(ada, "conversation-details")
    await ben.tab.get_by_role("button", name="Members and settings").click()
    await ben.tab.get_by_role("button", name="Leave the group").click()
    await ben.tab.get_by_role("alertdialog").get_by_role("button", name="Leave the group").click()
    await ben.tab.get_by_text("No conversations yet").wait_for()
    await ada.tab.keyboard.press("Escape")
    await ada.tab.get_by_text("1 member").wait_for()
