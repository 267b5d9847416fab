"""The page at `/api`, under the strict Content-Security-Policy and without any other site."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Browsers
from tests.support.people import ADA
from tests.support.tertulia import Tertulia

pytestmark = pytest.mark.browser

NOTE_VIOLATIONS = """
window.violations = [];
addEventListener("securitypolicyviolation", (event) => {
  violations.push(`${event.violatedDirective}: ${event.blockedURI}`);
});
"""


async def test_people_read_the_api_and_try_it(server: Tertulia, browsers: Browsers) -> None:
    page = await browsers.chromium(ADA)
    requested: list[str] = []
    page.tab.on("request", lambda request: requested.append(request.url))
    await page.tab.add_init_script(NOTE_VIOLATIONS)
    await page.open(f"{server.url}/api")
    await page.tab.get_by_role("heading", name="Tertulia").wait_for()

    posts = page.tab.locator("#operations-blogs-blogs_published")
    await posts.get_by_role("button", name="GET /blogs", exact=False).first.click()
    await posts.get_by_role("button", name="Try it out").click()
    await posts.get_by_role("button", name="Execute").click()
    await posts.locator(".live-responses-table .microlight", has_text='"items"').first.wait_for()

    assert await page.evaluate("violations") == []
    assert [url for url in requested if not url.startswith((server.url, "data:"))] == []
    assert f"{server.url}/blogs" in requested
