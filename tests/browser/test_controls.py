"""What one person does, another sees and hears."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Browsers
from tests.browser.meeting import meet, never_saw_a_stranger, new_meeting, sees, sees_and_hears
from tests.support.chromium import ChromiumPage
from tests.support.people import ADA, BEN
from tests.support.tertulia import Tertulia

pytestmark = pytest.mark.browser

BENS_TILE = f"probe.tile('{BEN.name}')"
BEN_IS_MUTED = f"{BENS_TILE}.querySelector('[aria-label=Muted]')?.ariaLabel"
WITHOUT_SOUND = """{
  const withSound = navigator.mediaDevices.getDisplayMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getDisplayMedia = (options) => withSound({ ...options, audio: false });
}"""
"""As if the person did not tick the box for sound."""


@pytest.fixture
async def pair(server: Tertulia, browsers: Browsers) -> tuple[ChromiumPage, ChromiumPage]:
    ada, ben = await browsers.chromium(ADA), await browsers.chromium(BEN)
    await meet(await new_meeting(server), {ADA: ada, BEN: ben})
    return ada, ben


async def test_muting_is_shown_and_heard(pair: tuple[ChromiumPage, ChromiumPage]) -> None:
    ada, ben = pair
    assert not await ada.evaluate(BEN_IS_MUTED)
    await ben.click("Mute microphone")
    await ada.until(BEN_IS_MUTED)
    await ada.until(f"!probe.hears({BEN.tone})")
    await ben.click("Unmute microphone")
    await ada.until(f"!({BEN_IS_MUTED})")
    await sees_and_hears(ada, BEN)


async def test_a_camera_turned_off_leaves_no_picture(
    pair: tuple[ChromiumPage, ChromiumPage],
) -> None:
    ada, ben = pair
    await ben.click("Turn camera off")
    await ada.until(f"{BENS_TILE}.dataset.state === 'avatar'")
    await ada.until(f"probe.hears({BEN.tone})")
    await ben.click("Turn camera on")
    await sees(ada, BEN.name)
    await never_saw_a_stranger(ada)


async def test_a_screen_is_shared_with_its_sound(pair: tuple[ChromiumPage, ChromiumPage]) -> None:
    ada, ben = pair
    await ben.click("Mute microphone")
    await ada.until(f"!probe.hears({BEN.tone})")
    await ben.click("Share screen")
    await sees(ada, BEN.name, "screen")
    await sees(ada, BEN.name)
    # the fake screen sounds like the fake microphone
    await ada.until(f"probe.hears({BEN.tone})")
    await ben.click("Stop sharing")
    await ada.until(f"!probe.tile('{BEN.name}', 'screen')")
    await ada.until(f"!probe.hears({BEN.tone})")


async def test_a_screen_is_shared_without_sound(pair: tuple[ChromiumPage, ChromiumPage]) -> None:
    ada, ben = pair
    await ben.click("Mute microphone")
    await ben.tab.evaluate(WITHOUT_SOUND)
    await ben.click("Share screen")
    await sees(ada, BEN.name, "screen")
    assert not await ada.evaluate(f"probe.hears({BEN.tone})")
    await sees(ben, ADA.name)
