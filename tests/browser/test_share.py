"""SHARE=1: others on the network open the page by HTTPS and meet."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Browsers
from tests.browser.meeting import meet, new_meeting
from tests.support.namespace import LAN_ADDRESS
from tests.support.people import ADA, BEN
from tests.support.tertulia import Tertulia

pytestmark = pytest.mark.browser

FAR_ADDRESSES = """window.tertulia.pc().getStats().then((report) => [...report.values()]
  .filter((entry) => entry.type === "candidate-pair" && entry.nominated)
  .map((entry) => report.get(entry.remoteCandidateId).address))"""


@pytest.mark.parametrize("settings", [{"SHARE": "1"}])
async def test_two_meet_by_an_address_of_the_network(server: Tertulia, browsers: Browsers) -> None:
    ada, ben = await browsers.chromium(ADA), await browsers.chromium(BEN)
    link = (await new_meeting(server)).replace("localhost", LAN_ADDRESS)
    await meet(link, {ADA: ada, BEN: ben})
    for page in (ada, ben):
        assert await page.evaluate("location.host") == f"{LAN_ADDRESS}:{server.port}"
        assert await page.evaluate(FAR_ADDRESSES) == [LAN_ADDRESS]
