"""Connections break and come back, without anybody reloading the page."""

from __future__ import annotations

import asyncio

import pytest

from tests.browser.conftest import Browsers
from tests.browser.meeting import all_see_and_hear, join_as_guest, meet, more_frames, new_meeting
from tests.support.people import ADA, BEN
from tests.support.tcp_proxy import tcp_proxy
from tests.support.tertulia import Tertulia

pytestmark = pytest.mark.browser

TEN_SECONDS = 10_000
"""In ms."""
FROM_BEN = f"probe.frames('{BEN.name}')"
BEN_IS_MUTED = f"probe.tile('{BEN.name}').querySelector('[aria-label=Muted]')?.ariaLabel"
NOTICE = "document.querySelector('[data-testid=connection]')?.textContent"
UFRAG = r"window.tertulia.pc().remoteDescription.sdp.match(/a=ice-ufrag:(\S+)/)[1]"
MARK = "void (window.mark = window.tertulia.pc().mark = true)"
"""A reload would lose the one, a new peer connection the other."""


async def test_media_goes_on_without_the_websocket(server: Tertulia, browsers: Browsers) -> None:
    ada, ben = await browsers.chromium(ADA), await browsers.chromium(BEN)
    link = await new_meeting(server)
    async with tcp_proxy(server.port) as proxy:
        through_proxy = link.replace(str(server.port), str(proxy.port))
        await join_as_guest(ada, through_proxy, ADA.name)
        await join_as_guest(ben, link, BEN.name)
        await all_see_and_hear({ADA: ada, BEN: ben})
        await ada.evaluate(MARK)
        await proxy.cut()
        cut = await ada.evaluate("performance.now()")
        await ada.until(NOTICE)
        await ben.click("Mute microphone")
        await ada.until(f"probe.latest('{BEN.name}') > {cut + TEN_SECONDS}")
        assert not await ada.evaluate(BEN_IS_MUTED)
        await proxy.mend()
        await ada.until(f"!{NOTICE}")
        await ada.until(BEN_IS_MUTED)
        assert await ada.evaluate("window.tertulia.socket.welcome.resumed")
        assert await ada.evaluate("window.tertulia.pc().mark")
        await more_frames(ada, FROM_BEN)


async def test_everybody_comes_back_when_the_server_does(
    server: Tertulia, browsers: Browsers
) -> None:
    ada, ben = await browsers.chromium(ADA), await browsers.chromium(BEN)
    await meet(await new_meeting(server), {ADA: ada, BEN: ben})
    await asyncio.gather(ada.evaluate(MARK), ben.evaluate(MARK))
    await server.kill()
    await asyncio.gather(ada.until(NOTICE), ben.until(NOTICE))
    await server.start()
    await asyncio.gather(ada.until(f"!{NOTICE}"), ben.until(f"!{NOTICE}"))
    await all_see_and_hear({ADA: ada, BEN: ben})
    assert await ada.evaluate("window.mark")
    assert await ben.evaluate("window.mark")


async def test_ice_restarts_when_the_network_changes(server: Tertulia, browsers: Browsers) -> None:
    ada, ben = await browsers.chromium(ADA), await browsers.chromium(BEN)
    await meet(await new_meeting(server), {ADA: ada, BEN: ben})
    await ada.evaluate(MARK)
    before = await ada.evaluate(UFRAG)
    await ada.evaluate("window.dispatchEvent(new Event('online'))")
    await ada.until(f"{UFRAG} !== '{before}'")
    await all_see_and_hear({ADA: ada, BEN: ben})
    assert await ada.evaluate("window.tertulia.pc().mark")
