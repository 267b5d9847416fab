"""A way too thin for pictures still carries the voice, and the page says why it shows no more."""

from __future__ import annotations

import random

import pytest

from tests.browser.conftest import Browsers
from tests.browser.meeting import enter, join_as_guest, never_saw_a_stranger, new_meeting, sees
from tests.support.browser import media_through
from tests.support.impairment import Conditions, ImpairedRelay, always
from tests.support.people import ADA, BEN, HEIGHT, WIDTH, Person
from tests.support.tertulia import Tertulia

pytestmark = pytest.mark.browser

GOOD = always(Conditions(delay=0.01))
RATE = 100_000
"""Bits/s: a voice, and less than half of the smallest picture."""
QUEUE = 0.3
"""Seconds of its rate."""
THIN = always(Conditions(rate=RATE, queue=int(QUEUE * RATE / 8), delay=0.025))
TILE = f"probe.tile('{ADA.name}')"
NOTICE = f"{TILE}.innerText.includes('Video paused: slow connection')"
SHOWN = f"{TILE}.dataset.state"
SEED = 1


class Restless(Person):
    """So much moves in the picture that an encoder spends all it may on it."""

    def luma(self, number: int) -> bytes:
        draw = random.Random(number)  # noqa: S311 - the same grain each time
        return bytes(self.yuv[0] + (byte - 128) // 4 for byte in draw.randbytes(WIDTH * HEIGHT))


async def test_the_page_says_that_a_link_is_too_thin_and_shows_the_picture_again(
    server: Tertulia, browsers: Browsers
) -> None:
    ada = await browsers.chromium(Restless(ADA.name, ADA.yuv, ADA.tone))
    ben = await browsers.chromium(BEN)
    link = await new_meeting(server)
    with ImpairedRelay(("127.0.0.1", server.media_port), GOOD, GOOD, SEED) as relay:
        await join_as_guest(ada, link, ADA.name)
        await ben.tab.context.add_init_script(media_through(relay.port))
        await ben.open(link)
        await ben.click("Turn camera off")
        await enter(ben, BEN.name)
        await sees(ben, ADA.name)
        relay.down.follow(THIN)
        await ben.until(NOTICE)
        await ben.until(f"probe.hears({ADA.tone})")
        assert await ben.evaluate(f"{NOTICE} && {SHOWN} === 'avatar'")
        relay.down.follow(GOOD)
        await ben.until(f"!{NOTICE}")
        await sees(ben, ADA.name)
        await never_saw_a_stranger(ben)
