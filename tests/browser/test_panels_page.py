"""What is beside the stage: the lobby, the chat, the people, and what a host does to them."""

from __future__ import annotations

import pytest
from playwright.async_api import Page as Tab
from playwright.async_api import expect

from tests.browser.conftest import Browsers
from tests.browser.screens import check, sign_in
from tests.support.people import ADA, BEN
from tests.support.tertulia import Tertulia

pytestmark = pytest.mark.browser

MEETING = {"title": "Tertulia", "lobby": "guests"}
MICROPHONE = "window.tertulia.session.local.state.get().microphone.on"
FOCUSED = "document.activeElement.ariaLabel"


async def write(tab: Tab, text: str) -> None:
    await tab.get_by_label("Write a message").fill(text)
    await tab.keyboard.press("Enter")


async def choose(tab: Tab, action: str) -> None:
    """About Ben, as the host."""
    await tab.get_by_role("button", name=f"More about {BEN.name}").click()
    await tab.get_by_role("menuitem", name=action, exact=True).click()


async def test_a_host_and_a_guest(server: Tertulia, browsers: Browsers) -> None:
    host, guest = await browsers.chromium(ADA), await browsers.chromium(BEN)
    ada, ben = host.tab, guest.tab
    token = await sign_in(server, host, ADA.name)
    link = f"{server.url}/m/{(await server.request('POST', '/meetings', MEETING, token))['id']}"
    await host.open(link)
    await host.click("Join")
    await guest.open(link)
    await guest.fill("Your name", BEN.name)
    await guest.click("Join")

    # the lobby
    await ada.get_by_text(f"{BEN.name} would like to come in", exact=True).wait_for()
    await ada.keyboard.press("p")
    await ada.get_by_role("button", name=f"Admit {BEN.name}", exact=True).wait_for()
    await check(host, "panels-lobby")
    await host.click(f"Admit {BEN.name}")
    await guest.until(f"probe.names().includes('{ADA.name}')")
    await expect(ada.get_by_test_id("polite")).to_have_text(f"{BEN.name} has joined.")

    # to everybody, and to one
    await ada.keyboard.press("c")
    await expect(ada.get_by_label("Write a message")).to_be_focused()
    await write(ada, "Good evening, <b>all</b>!")
    await ben.get_by_role("button", name="Chat, 1 new message").wait_for()
    await ben.get_by_text("Good evening, <b>all</b>!", exact=True).click()
    said = ben.get_by_role("region", name="Messages")
    await said.get_by_text("Good evening, <b>all</b>!", exact=True).wait_for()
    await write(ben, "Good evening!")
    await ben.get_by_label("To", exact=True).select_option(ADA.name)
    await write(ben, "Shall we go?")
    await ben.get_by_text(f"To {ADA.name} alone", exact=True).wait_for()
    await ada.get_by_text("Good evening!", exact=True).wait_for()
    await ada.get_by_text(f"{BEN.name} to you alone", exact=True).wait_for()
    await ada.get_by_text("Shall we go?", exact=True).wait_for()
    await ada.keyboard.press("Escape")
    assert await host.evaluate(FOCUSED) == "Chat"
    await ada.keyboard.press("p")
    await choose(ada, "Write in private")
    await ada.get_by_text(f"Only {BEN.name} sees this.").wait_for()
    await expect(ada.get_by_label("Write a message")).to_be_focused()
    await check(host, "panels-chat")
    await ada.keyboard.press("Escape")

    # hands, reactions
    await ben.keyboard.press("Escape")
    await ben.keyboard.press("h")
    await ada.get_by_role("button", name="Participants: 2, 1 raised hand").click()
    await expect(ada.get_by_test_id("polite")).to_have_text(f"{BEN.name} has raised a hand.")
    await guest.click("React")
    await guest.click("👏")
    await ada.get_by_test_id("reaction").get_by_text(BEN.name).wait_for()

    # what a host may do
    await choose(ada, "Lower hand")
    await ben.get_by_text("Your hand has been lowered.").first.wait_for()
    await choose(ada, "Mute microphone")
    await ben.get_by_text(f"{ADA.name} has muted you.").first.wait_for()
    await guest.until(f"!{MICROPHONE}")
    await guest.evaluate("document.activeElement.blur()")
    await ben.keyboard.down("Space")
    await guest.until(MICROPHONE)
    await ben.keyboard.up("Space")
    await guest.until(f"!{MICROPHONE}")
    await choose(ada, "Remove from the meeting")
    await ada.get_by_role("button", name="Remove from the meeting").click()
    await ben.get_by_role("heading", name="You have been removed").wait_for()
    await ada.get_by_role("button", name="Participants: 1").wait_for()
    await host.click("Host controls")
    await expect(ada.get_by_label("Who waits in the lobby")).to_have_value("guests")
    await ada.keyboard.press("Escape")
    await ada.keyboard.press("?")
    await ada.get_by_role("heading", name="Keyboard shortcuts").wait_for()
