"""A meeting that must not notice: one sends, one sees it, and somebody else is hostile."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sfu.room import Room
from sfu.server import MediaServer
from tests.support.media import media_settings
from tests.support.peer import Peer, closing, loopback_candidates
from tests.support.raw import RawClient


@dataclass
class Meeting:
    server: MediaServer
    room: Room
    ana: Peer
    """Publishes."""
    ben: RawClient
    """Receives what she publishes."""

    async def goes_on(self) -> None:
        """Media still comes to ben, and to the socket he uses."""
        await self.ben.gets_media(self.ben.doors[0])

    async def everything_before_is_handled(self) -> None:
        """The server reads its socket in order, so a check answered now comes after all that."""
        await self.ben.check()


@asynccontextmanager
async def meeting() -> AsyncIterator[Meeting]:
    server = await MediaServer.start(media_settings())
    try:
        with loopback_candidates():
            room = server.room("tea")
            ana = Peer(room, "ana", grey=60)
            async with closing(ana), RawClient(room, "ben") as ben:
                await ana.connect()
                ana.publish()
                await ben.connect()
                await ben.gets_media(ben.doors[0])
                yield Meeting(server, room, ana, ben)
    finally:
        await server.close()
