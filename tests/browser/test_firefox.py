"""Firefox and Chromium in one meeting."""

from __future__ import annotations

import asyncio

import pytest

from tests.browser.conftest import Browsers
from tests.browser.meeting import (
    join_as_guest,
    more_frames,
    never_saw_a_stranger,
    new_meeting,
    sees,
)
from tests.support.people import ADA
from tests.support.tertulia import Tertulia

pytestmark = pytest.mark.browser

FOX = "Fox"


async def test_firefox_and_chromium_see_and_hear_each_other(
    server: Tertulia, browsers: Browsers
) -> None:
    ada, fox = await browsers.chromium(ADA), await browsers.firefox()
    link = await new_meeting(server)
    await asyncio.gather(join_as_guest(ada, link, ADA.name), join_as_guest(fox, link, FOX))
    await sees(fox, ADA.name)
    await more_frames(ada, f"probe.anyFrames('{FOX}')")
    # Web Audio, which tells voices apart, needs a sound card in Firefox
    await asyncio.gather(ada.until("probe.energy()"), fox.until("probe.energy()"))
    await asyncio.gather(never_saw_a_stranger(ada), never_saw_a_stranger(fox))
