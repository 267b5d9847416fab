"""The seam to the real SFU: what goes down is understood, what comes up is told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from benchmarks.signaling_client import SignalingClient, SignalingError
from sfu.server import MediaServer
from tests.signaling.fakes import JsonObject
from tests.signaling.server import Server, serve
from tests.support.media import media_settings

OFFER = (Path(__file__).parents[1] / "sfu" / "sdp" / "chrome156_1send_3recv.offer.sdp").read_text(
    encoding="utf-8"
)
"""Microphone on mid 0, camera on mid 1; three slots of each kind from mid 2 on."""


@pytest_asyncio.fixture
async def sfu() -> AsyncIterator[MediaServer]:
    media = await MediaServer.start(media_settings())
    yield media
    await media.close()


@pytest_asyncio.fixture
async def server(sfu: MediaServer) -> AsyncIterator[Server]:
    async with serve(sfu=sfu) as running:
        yield running


async def negotiated(server: Server, token: str) -> tuple[SignalingClient, JsonObject]:
    client, _ = await server.joined(token)
    return client, await client.request("offer", sdp=OFFER)


async def carrying(client: SignalingClient, track_id: str | None) -> JsonObject:
    """Wait until video slot 0 carries it; the `slots` message."""
    while True:
        state = await client.expect("slots")
        (slot,) = [s for s in state["slots"] if (s["kind"], s["slot"]) == ("video", 0)]
        if slot["track_id"] == track_id:
            return state


async def test_an_offer_is_answered_and_its_slots_are_named(server: Server) -> None:
    client, answer = await negotiated(server, "ana")
    assert answer["sdp"].startswith("v=0\r\n")
    assert sorted((line["kind"], line["slot"], line["mid"]) for line in answer["slots"]) == [
        ("audio", 0, "2"),
        ("audio", 1, "4"),
        ("audio", 2, "6"),
        ("video", 0, "3"),
        ("video", 1, "5"),
        ("video", 2, "7"),
    ]
    assert (await client.expect("media"))["state"] == "connecting"


async def test_a_published_camera_gets_into_a_slot_and_out_of_it(server: Server) -> None:
    ana, _ = await negotiated(server, "ana")
    ben, _ = await negotiated(server, "ben")
    track = (await ana.request("publish", source="camera", mid="1"))["track"]
    assert (await ben.expect("track_published"))["track"] == track
    shown = await carrying(ben, track["id"])
    await ben.request("slots_applied", revision=shown["revision"])
    await ben.request("view", tracks=[])
    await carrying(ben, None)
    await ben.request("view", tracks=[{"track_id": track["id"], "width": 640, "height": 360}])
    await carrying(ben, track["id"])
    await ana.request("leave")
    await carrying(ben, None)
    assert (await ben.request("ping")) == {}


async def test_the_rooms_refusals_have_names(server: Server) -> None:
    client, _ = await server.joined("ana")
    with pytest.raises(SignalingError, match="bad_track"):
        await client.request("publish", source="camera", mid="1")
    with pytest.raises(SignalingError, match="bad_offer"):
        await client.request("offer", sdp="v=0\r\n")
    await client.request("offer", sdp=OFFER)
    with pytest.raises(SignalingError, match="bad_track"):
        await client.request("publish", source="camera", mid="3")
    await client.request("publish", source="camera", mid="1")


async def test_a_room_lives_as_long_as_its_meeting(server: Server, sfu: MediaServer) -> None:
    ana, _ = await negotiated(server, "ana")
    assert list(sfu.rooms) == ["standup"]
    await ana.request("leave")
    assert list(sfu.rooms) == []
    await ana.request("join", meeting_id="standup")
    await server.gateway.close()
    assert list(sfu.rooms) == []
