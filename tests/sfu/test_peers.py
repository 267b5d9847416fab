"""The media server with stock aiortc clients over loopback: what they see and hear."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from sfu.engine.interface import Kind
from sfu.server import MediaServer
from sfu.tracks import TrackSource, ViewItem
from tests.support.media import media_settings
from tests.support.peer import Peer, closing, loopback_candidates

DARK, GREY, BRIGHT = 60, 120, 200


@pytest.fixture(autouse=True)
def _loopback() -> Iterator[None]:
    with loopback_candidates():
        yield


@pytest.fixture
async def server() -> AsyncIterator[MediaServer]:
    server = await MediaServer.start(media_settings())
    yield server
    await server.close()


async def test_three_people_see_and_hear_each_other(server: MediaServer) -> None:
    room = server.room("tea")
    peers = {DARK: Peer(room, "ana", DARK), GREY: Peer(room, "ben", GREY)}
    peers[BRIGHT] = Peer(room, "cara", BRIGHT)
    async with closing(*peers.values()):
        for peer in peers.values():
            await peer.connect()
        tracks = {grey: peer.publish() for grey, peer in peers.items()}
        for viewer, peer in peers.items():
            for grey, (microphone, camera) in tracks.items():
                if grey != viewer:
                    await peer.picture(await peer.shows(camera), grey)
                    await peer.sound(await peer.shows(microphone))
    assert "tea" not in server.rooms


async def test_lips_and_voice_share_a_slot_number(server: MediaServer) -> None:
    room = server.room("tea")
    ana, ben = Peer(room, "ana", DARK), Peer(room, "ben", BRIGHT)
    async with closing(ana, ben):
        await ana.connect()
        await ben.connect()
        microphone, camera = ana.publish()
        assert (await ben.shows(microphone)).slot == (await ben.shows(camera)).slot


async def test_a_slot_passes_from_one_to_another(server: MediaServer) -> None:
    """Each time the picture changes only once the client has applied the change."""
    room = server.room("tea")
    ana, ben = Peer(room, "ana", DARK), Peer(room, "ben", BRIGHT)
    viewer = Peer(room, "viewer", GREY, slots=1)
    async with closing(ana, ben, viewer):
        for peer in (ana, ben, viewer):
            await peer.connect()
        cameras = {
            DARK: ana.publish(TrackSource.CAMERA)[0],
            BRIGHT: ben.publish(TrackSource.CAMERA)[0],
        }
        for grey in (DARK, BRIGHT, DARK, BRIGHT):
            viewer.participant.set_view([ViewItem(cameras[grey].id, 160, 120)])
            await viewer.picture(await viewer.shows(cameras[grey]), grey)
        video = [slot for slot in viewer.slots.slots if slot.kind is Kind.VIDEO]
        assert len(video) == 1


async def test_levels_are_measured(server: MediaServer) -> None:
    room = server.room("tea")
    ana, ben = Peer(room, "ana", DARK), Peer(room, "ben", BRIGHT)
    async with closing(ana, ben):
        await ana.connect()
        await ben.connect()
        microphone, _ = ana.publish()
        await ben.until(lambda: ben.measured.get(microphone.id, 127) < 60)


async def test_one_leaves_and_comes_back(server: MediaServer) -> None:
    room = server.room("tea")
    ana, ben = Peer(room, "ana", DARK), Peer(room, "ben", BRIGHT)
    async with closing(ana, ben):
        await ana.connect()
        await ben.connect()
        _, camera = ana.publish()
        await ben.picture(await ben.shows(camera), DARK)
        await ana.close()
        await ben.until(lambda: ben.slot_of(camera) is None)
        again = Peer(room, "ana", GREY)
        async with closing(again):
            await again.connect()
            _, camera = again.publish()
            await ben.picture(await ben.shows(camera), GREY)


async def test_a_client_that_closes_its_connection_is_noticed_at_once(server: MediaServer) -> None:
    ana = Peer(server.room("tea"), "ana", DARK)
    async with closing(ana):
        await ana.connect()
        await ana.pc.close()
        await ana.until(lambda: ana.states[-1] == ("closed", "closed_by_client"))


async def test_stopping_the_server_tells_the_clients(server: MediaServer) -> None:
    ana = Peer(server.room("tea"), "ana", DARK)
    async with closing(ana):
        await ana.connect()
        await server.close()
        assert ana.states[-1] == ("closed", "server_stopping")
        await ana.until(lambda: ana.pc.connectionState == "closed")


async def test_rooms_do_not_hear_each_other(server: MediaServer) -> None:
    ana, ben = Peer(server.room("tea"), "ana", DARK), Peer(server.room("milk"), "ben", BRIGHT)
    async with closing(ana, ben):
        await ana.connect()
        await ben.connect()
        ana.publish()
        _, camera = ben.publish()
        assert ana.slot_of(camera) is None
        assert ben.participant.slots().slots[0].track_id is None
        assert set(server.rooms) == {"tea", "milk"}
