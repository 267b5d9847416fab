"""Where a network lets no UDP out, media come by TCP: straight, or by a TURN server that trusts our
passwords."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.conftest import Browsers
from tests.browser.meeting import meet, new_meeting
from tests.containers.coturn import coturn, needs_coturn
from tests.support.people import ADA, BEN
from tests.support.tertulia import Tertulia, free_port

pytestmark = [pytest.mark.browser, needs_coturn]

HOST = "127.0.0.1"
SECRET = "shared-with-coturn-alone"
ONLY_RELAYED = """window.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(configuration) {
    super({ ...configuration, iceTransportPolicy: "relay" });
  }
};"""
"""As in a network that lets nothing else out."""
ONLY_TCP = r"""window.RTCPeerConnection = class extends RTCPeerConnection {
  setRemoteDescription({ type, sdp }) {
    const lines = sdp.split("\r\n");
    const left = lines.filter((line) => !/^a=candidate:\S+ 1 udp /.test(line));
    return super.setRemoteDescription({ type, sdp: left.join("\r\n") });
  }
};"""
"""As if no UDP came through."""
WAYS = """window.tertulia.pc().getStats().then((report) => {
  const all = [...report.values()];
  const pair = all.find((one) => one.type === "candidate-pair" && one.nominated);
  const own = all.find((one) => one.id === pair.localCandidateId);
  return [own.candidateType, own.relayProtocol ?? own.protocol];
})"""


async def test_a_meeting_by_tcp_alone(network: None, browsers: Browsers, tmp_path: Path) -> None:
    port = free_port()
    settings = {
        "TURN_URLS": f"turn:{HOST}:{port}?transport=tcp",
        "TURN_SECRET": SECRET,
        "MEDIA_ANNOUNCED": HOST,
    }
    server = Tertulia(tmp_path, settings)
    (tmp_path / "coturn").mkdir()
    await server.start()
    try:
        async with coturn(tmp_path / "coturn", port, SECRET, HOST):
            ada, ben = await browsers.chromium(ADA), await browsers.chromium(BEN)
            await ada.tab.add_init_script(ONLY_RELAYED)
            await ben.tab.add_init_script(ONLY_TCP)
            await meet(await new_meeting(server), {ADA: ada, BEN: ben})
            assert await ada.evaluate(WAYS) == ["relay", "tcp"]
            kind, protocol = await ben.evaluate(WAYS)
            assert (kind in ("host", "prflx"), protocol) == (True, "tcp")
    finally:
        await server.stop()
    assert server.complaints() == []
