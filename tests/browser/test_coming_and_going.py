"""People leave, come back, and reload: never two of one, never a trace of one who left."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Browsers
from tests.browser.meeting import meet, new_meeting, sees_and_hears
from tests.support.chromium import ChromiumPage
from tests.support.people import ADA, BEN
from tests.support.tertulia import Tertulia

pytestmark = pytest.mark.browser

BOTH = f"probe.names().join() === '{ADA.name},{BEN.name}'"
ALONE = f"probe.names().join() === '{ADA.name}'"
BENS_ID = f"probe.tile('{BEN.name}').dataset.participant"
VANISH = "void (WebSocket.prototype.send = () => {})"
"""From now on the page tells the server nothing, as one that crashes."""


@pytest.fixture
async def pair(server: Tertulia, browsers: Browsers) -> tuple[ChromiumPage, ChromiumPage]:
    ada, ben = await browsers.chromium(ADA), await browsers.chromium(BEN)
    await meet(await new_meeting(server), {ADA: ada, BEN: ben})
    return ada, ben


async def test_one_leaves_and_rejoins(pair: tuple[ChromiumPage, ChromiumPage]) -> None:
    ada, ben = pair
    await ben.click("Leave")
    await ada.until(ALONE)
    await ben.click("Rejoin")
    await ada.until(BOTH)
    await sees_and_hears(ada, BEN)
    await sees_and_hears(ben, ADA)


@pytest.mark.parametrize("farewell", ["void 0", VANISH], ids=["goodbye", "no-goodbye"])
async def test_a_reload_replaces_at_once(
    pair: tuple[ChromiumPage, ChromiumPage], farewell: str
) -> None:
    ada, ben = pair
    before = await ada.evaluate(BENS_ID)
    await ben.evaluate(farewell)
    await ben.reload()
    await sees_and_hears(ben, ADA)
    await ada.until(f"{BENS_ID} !== '{before}'")
    assert await ada.evaluate(BOTH)
    await sees_and_hears(ada, BEN)
