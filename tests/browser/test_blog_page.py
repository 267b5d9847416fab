"""Somebody writes, and others read."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Browsers
from tests.browser.screens import check, open_screen, sign_in
from tests.support.people import ADA, BEN
from tests.support.tertulia import Tertulia

pytestmark = pytest.mark.browser

TEXT = """Tea is *hot*.

> Somebody said so.

| leaf | minutes |
|---|---|
| green | 2 |

    water.heat(to=70); leaves.add(grams=12); wait(minutes=2); cups.fill(); guests.call("Ready")

<script>document.title = "hacked"</script>
"""


async def test_a_post_is_written_read_and_deleted(server: Tertulia, browsers: Browsers) -> None:
    ada, ben = await browsers.chromium(ADA), await browsers.chromium(BEN)
    token = await sign_in(server, ada, ADA.name)
    await open_screen(server, ada, "/blog", "Blog")
    await ada.tab.get_by_role("link", name="Write").first.click()
    await ada.fill("Title", "On tea")
    await ada.fill("Text", TEXT)
    await ada.tab.get_by_role("tab", name="Preview").click()
    await ada.tab.get_by_role("blockquote").wait_for()
    await check(ada, "blog-editor")
    await ada.reload()  # what is not saved is not lost
    await ada.tab.get_by_text("This is what you wrote last").wait_for()
    await expect(ada.tab.get_by_label("Text")).to_have_value(TEXT)
    await ada.click("Save as draft")
    await ada.tab.get_by_text("Saved.").first.wait_for()
    await open_screen(server, ada, "/blog/mine", "My posts")
    await ada.tab.get_by_role("link", name="On tea").click()
    await ada.click("Publish")
    await ada.tab.get_by_role("heading", name="On tea").wait_for()

    await open_screen(server, ben, "/blog?search=tea", "Blog")
    await ben.tab.get_by_role("link", name="On tea").click()
    await expect(ben.tab.get_by_role("heading", name="On tea")).to_be_focused()
    await ben.tab.get_by_role("cell", name="green").wait_for()
    await check(ben, "blog-post")
    await expect(ben.tab.locator("pre")).to_have_attribute("tabindex", "0")  # wider than a phone
    assert await ben.tab.title() != "hacked"
    await expect(ben.tab.get_by_role("link", name="Edit")).to_have_count(0)

    await ada.tab.get_by_role("link", name="Edit").click()
    await ada.fill("Title", "On coffee")
    (post,) = (await server.request("GET", "/blogs/mine", token=token))["items"]
    await server.request(
        "PATCH", f"/blogs/{post['id']}", {"title": "Elsewhere"}, token, {"If-Match": "*"}
    )
    await ada.click("Save")
    await ada.tab.get_by_text("changed elsewhere meanwhile").wait_for()
    await ada.click("Save mine over it")
    await ada.tab.get_by_role("heading", name="On coffee").wait_for()
    await ada.click("Delete")
    await ada.tab.get_by_role("alertdialog").get_by_role("button", name="Delete").click()
    await ada.tab.get_by_role("heading", name="My posts").wait_for()
    await open_screen(server, ben, "/blog", "Blog")
    await ben.tab.get_by_text("Nothing has been written yet").wait_for()
    await check(ben, "blog-empty")
