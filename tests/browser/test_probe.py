"""The tests' own eyes and ears: a wrong face or voice would be noticed."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from tests.browser.conftest import Browsers
from tests.support.people import ADA, BEN
from tests.support.tertulia import free_port

pytestmark = pytest.mark.browser

PAGE = """<!doctype html>
<div data-testid="tile" data-name="{name}" data-source="camera" data-state="video">
  <video id="video" autoplay muted playsinline></video>
</div>
<audio id="audio" data-testid="audio" autoplay></audio>
<button onclick="call()">Call</button>
<script>
async function call() {{
  const media = await navigator.mediaDevices.getUserMedia({{ video: true, audio: true }});
  const near = new RTCPeerConnection(), far = new RTCPeerConnection();
  near.onicecandidate = ({{ candidate }}) => far.addIceCandidate(candidate);
  far.onicecandidate = ({{ candidate }}) => near.addIceCandidate(candidate);
  far.ontrack = ({{ track }}) => {{
    document.getElementById(track.kind).srcObject = new MediaStream([track]);
  }};
  media.getTracks().forEach((track) => near.addTrack(track, media));
  await near.setLocalDescription();
  await far.setRemoteDescription(near.localDescription);
  await far.setLocalDescription();
  await near.setRemoteDescription(far.localDescription);
  window.tertulia = {{ pc: () => far }};
}}
</script>"""


@pytest.fixture
async def address(network: None) -> AsyncIterator[str]:
    """Of a page on which one calls oneself, under the name asked for."""

    async def show(request: web.Request) -> web.Response:
        page = PAGE.format(name=request.match_info["name"])
        return web.Response(text=page, content_type="text/html")

    app = web.Application()
    app.router.add_get("/{name}", show)
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "localhost", port).start()
    yield f"http://localhost:{port}"
    await runner.cleanup()


async def test_chromium_shows_a_face_and_speaks_with_a_voice(
    browsers: Browsers, address: str
) -> None:
    page = await browsers.chromium(ADA)
    await page.open(f"{address}/{ADA.name}")
    await page.click("Call")
    await page.until(f"probe.frames('{ADA.name}') > 10")
    await page.until(f"probe.hears({ADA.tone})")
    await page.until("probe.energy()")
    assert await page.evaluate("probe.strangers()") == []
    assert not await page.evaluate(f"probe.hears({BEN.tone})")


async def test_a_face_under_another_name_is_noticed(browsers: Browsers, address: str) -> None:
    page = await browsers.chromium(ADA)
    await page.open(f"{address}/{BEN.name}")
    await page.click("Call")
    await page.until("probe.strangers().length > 10")
    assert await page.evaluate(f"probe.frames('{BEN.name}')") == 0


async def test_firefox_is_seen_and_heard(browsers: Browsers, address: str) -> None:
    page = await browsers.firefox()
    await page.open(f"{address}/Fox")
    await page.click("Call")
    await page.until("probe.anyFrames('Fox') > 10")
    await page.until("probe.energy()")
