"""SHARE=1: other computers can join, over HTTPS."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from tests.support.namespace import LAN_ADDRESS, isolated_network
from tests.support.tertulia import Tertulia


@pytest.fixture
def network() -> Iterator[None]:
    with isolated_network():
        yield


@pytest.mark.usefixtures("network")
async def test_another_address_of_ours_serves_https(tmp_path: Path) -> None:
    server = Tertulia(tmp_path, {"SHARE": "1"})
    await server.start()

    told = server.log.read_text()
    assert f"Tertulia is running: https://localhost:{server.port}\n" in told
    assert f"Others can open:     https://{LAN_ADDRESS}:{server.port}\n" in told

    trusting_it = ssl.create_default_context(cafile=str(tmp_path / "data" / "tls.crt"))
    async with aiohttp.ClientSession() as client:
        for host in (LAN_ADDRESS, "localhost", "127.0.0.1"):
            async with client.get(f"https://{host}:{server.port}/health", ssl=trusting_it) as page:
                assert page.status == 200

    token = await server.sign_up("Ada")
    meeting = await server.request("GET", f"/meetings/{await server.create_meeting(token)}")
    assert meeting["url"] == f"https://{LAN_ADDRESS}:{server.port}/m/{meeting['id']}"
    await server.stop()
    assert server.complaints() == []


@pytest.mark.usefixtures("network")
async def test_without_it_only_this_computer_is_served(tmp_path: Path) -> None:
    server = Tertulia(tmp_path)
    await server.start()
    assert "Others can open" not in server.log.read_text()
    async with aiohttp.ClientSession() as client:
        with pytest.raises(aiohttp.ClientConnectionError):
            await client.get(f"http://{LAN_ADDRESS}:{server.port}/health")
    await server.stop()
