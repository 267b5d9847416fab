"""Issue 2, item 8: offers that are empty, truncated, without media, with 10,000 lines, with unknown
codecs only; another participant's SSRC claimed. The sender gets a named error; the others, nothing.
"""

from __future__ import annotations

import gc
import re
import weakref

import pytest

from sfu.errors import OfferError
from sfu.tracks import TrackSource
from tests.hostile.meeting import meeting
from tests.support.raw import VIEWER, RawClient
from tests.support.room import FakeHouse, real_offer, with_fingerprint

OFFER = real_offer(VIEWER)

HOSTILE = {
    "empty": ("", "line 1 is malformed"),
    "truncated": (OFFER[: len(OFFER) // 2], "BUNDLE"),
    "without media": (OFFER.split("m=audio")[0], "no media"),
    "10,000 lines": (OFFER + "a=x\r\n" * 10_000, "lines"),
    "a line of 1 MB": (OFFER + "a=x:" + "x" * 2**20, "characters"),
    "unknown codecs": (re.sub(r"a=rtpmap:(\d+) \w+", r"a=rtpmap:\1 NOVEL", OFFER), "codec"),
    "not a description": ("<script>alert(1)</script>", "line 1 is malformed"),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_offer_gets_a_named_error_and_changes_nothing(name: str) -> None:
    text, part = HOSTILE[name]
    house = FakeHouse()
    ana, mallory = house.join("ana"), house.join("mallory")
    await house.offer(ana, with_fingerprint(OFFER, "A"))
    opened = (dict(house.engine.ufrags), dict(house.engine.sources), dict(house.engine.sinks))
    for _ in range(3):
        with pytest.raises(OfferError) as error:
            await mallory.participant.offer(text)
    assert part in error.value.message
    assert len(error.value.message) < 300
    assert (house.engine.ufrags, house.engine.sources, house.engine.sinks) == opened
    assert mallory.ear.states == []
    await house.offer(mallory, with_fingerprint(OFFER, "B"))  # and may still do it right


async def test_offers_without_end_cost_one_connection() -> None:
    house = FakeHouse()
    mallory = house.join("mallory")
    for number in range(20):
        await house.offer(mallory, with_fingerprint(OFFER, f"{number % 10}"))
    assert len({parameters.transport for parameters in house.engine.sources.values()}) == 1
    assert len(house.engine.closed) == 19
    assert len(list(house.switchboard.transports)) == 1


async def test_claiming_another_participants_ssrc_takes_nothing_from_him() -> None:
    """Over real sockets: mallory's offer names the SSRCs of ana's picture, and she publishes it."""
    async with meeting() as tea:
        claimed = re.findall("a=ssrc:([0-9]+) ", tea.ana.pc.localDescription.sdp)
        own = re.findall("a=ssrc:([0-9]+) ", OFFER)
        sdp = with_fingerprint(OFFER, "C")
        for mine, theirs in zip(dict.fromkeys(own), dict.fromkeys(claimed), strict=False):
            sdp = sdp.replace(mine, theirs)
        assert sdp.count(claimed[0]) > 0
        mallory = tea.room.join("mallory", tea.ben)
        await mallory.offer(sdp)
        mallory.publish(TrackSource.CAMERA, "1")
        await tea.goes_on()
        mallory.leave()
        await tea.goes_on()


async def test_who_has_left_is_forgotten() -> None:
    """Joining and leaving without end must not fill the memory."""
    async with meeting() as tea:
        left = []
        for number in range(5):
            async with RawClient(tea.room, f"guest{number}") as guest:
                await guest.connect()
                left.append(weakref.ref(guest.participant))
            del guest
        await tea.everything_before_is_handled()
        gc.collect()
        assert [reference() for reference in left] == [None] * 5
        await tea.goes_on()
        assert len(tea.server.stats().transports) == 2
