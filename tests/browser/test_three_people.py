"""What a newcomer does first: make a meeting, send the link to two others, talk."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Browsers
from tests.browser.meeting import all_see_and_hear, create_meeting, join_as_guest, sign_up
from tests.support.people import ADA, BEN, CLEO
from tests.support.tertulia import Tertulia

pytestmark = pytest.mark.browser


async def test_three_people_see_and_hear_each_other(server: Tertulia, browsers: Browsers) -> None:
    ada, ben, cleo = [await browsers.chromium(person) for person in (ADA, BEN, CLEO)]
    await sign_up(server, ada, ADA)
    link = await create_meeting(ada)
    await join_as_guest(ben, link, BEN.name)
    await join_as_guest(cleo, link, CLEO.name)
    await all_see_and_hear({ADA: ada, BEN: ben, CLEO: cleo})
    for page in (ada, ben, cleo):
        assert await page.evaluate("probe.names()") == [ADA.name, BEN.name, CLEO.name]
        assert await page.evaluate("probe.energy()") > 0
