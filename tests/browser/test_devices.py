"""Without camera and microphone the page says why, and one can still watch and listen."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Browsers
from tests.browser.meeting import join_as_guest, new_meeting, sees_and_hears
from tests.support.namespace import LAN_ADDRESS
from tests.support.people import ADA, BEN
from tests.support.tertulia import Tertulia

pytestmark = pytest.mark.browser


async def test_denied_devices_are_explained(server: Tertulia, browsers: Browsers) -> None:
    ada, ben = await browsers.chromium(ADA), await browsers.chromium(BEN, allow=False)
    link = await new_meeting(server)
    await join_as_guest(ada, link, ADA.name)
    await ben.open(link)
    await ben.until("document.body.innerText.includes('You did not allow the camera')")
    await ben.until("document.body.innerText.includes('You did not allow the microphone')")
    await join_as_guest(ben, link, BEN.name)
    await sees_and_hears(ben, ADA)


@pytest.mark.parametrize("settings", [{"HOST": "0.0.0.0"}])  # noqa: S104 - nobody else is there
async def test_an_insecure_address_is_explained(server: Tertulia, browsers: Browsers) -> None:
    ben = await browsers.chromium(BEN)
    link = (await new_meeting(server)).replace("localhost", LAN_ADDRESS)
    await ben.open(link)
    await ben.until("document.body.innerText.includes('not encrypted')")
