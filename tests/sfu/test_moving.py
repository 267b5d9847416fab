"""Clients whose address changes, for real: NAT rebinding and ICE restart."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aioice.ice
import pytest

from sfu.server import MediaServer
from tests.support.media import media_settings
from tests.support.peer import Peer, closing, loopback_candidates
from tests.support.raw import RawClient
from tests.support.relay import Relay


@pytest.fixture
async def server() -> AsyncIterator[MediaServer]:
    with loopback_candidates():
        server = await MediaServer.start(media_settings())
        yield server
        await server.close()


@pytest.fixture
async def ana(server: MediaServer) -> AsyncIterator[Peer]:
    """Somebody to see and hear."""
    ana = Peer(server.room("tea"), "ana", grey=60)
    async with closing(ana):
        await ana.connect()
        ana.publish()
        yield ana


async def test_nat_rebinding_moves_the_stream(server: MediaServer, ana: Peer) -> None:
    async with RawClient(server.room("tea"), "ben") as ben:
        await ben.connect()
        await ben.gets_media(ben.doors[0])
        moved = await ben.open_door()
        await ben.check()
        await ben.gets_media(moved)
        left_behind = ben.doors[0].media
        for _ in range(20):
            await ben.gets_media(moved)
        assert ben.doors[0].media == left_behind
        assert [state for state, _ in ben.states] == ["connecting", "connected"]


async def test_an_ice_restart_on_another_network_keeps_dtls(server: MediaServer, ana: Peer) -> None:
    async with RawClient(server.room("tea"), "ben") as ben:
        await ben.connect()
        before = ben.server
        moved = await ben.open_door()
        await ben.restart_ice()
        assert ben.server != before
        await ben.check()
        await ben.gets_media(moved)
        assert [state for state, _ in ben.states] == ["connecting", "connected"]


async def test_a_stock_client_survives_nat_rebinding(
    server: MediaServer, ana: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """aioice never nominates again: its consent checks alone must move the stream."""
    monkeypatch.setattr(aioice.ice, "CONSENT_INTERVAL", 0.2)
    ben = Peer(server.room("tea"), "ben", grey=200)
    async with Relay(server.port) as relay, closing(ben):
        await ben.connect(lambda sdp: sdp.replace(f" {server.port} ", f" {relay.port} "))
        binding = await relay.rebind()
        await binding.carries_media()
        _, camera = ben.publish()
        await ana.picture(await ana.shows(camera), 200)
        assert ben.states == [("connecting", None), ("connected", None)]
