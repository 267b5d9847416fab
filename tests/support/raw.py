"""A client made by hand on real sockets: it can do what no WebRTC library would."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import Self, cast

from sfu.ice import Credentials
from sfu.room import Participant, Room
from sfu.tracks import SlotsState
from sfu.transport import TransportState
from tests.support.dtls import DtlsClient
from tests.support.ice import IceClient, is_request
from tests.support.room import real_offer
from tests.support.waiting import Waiting

VIEWER = "chrome156_1send_3recv"


class Door(asyncio.DatagramProtocol):
    """One UDP socket of a client."""

    def __init__(self, client: RawClient) -> None:
        self._client = client
        self.media = 0
        """SRTP and SRTCP datagrams received here."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: object) -> None:
        self._client.receive(self, data)

    def send(self, data: bytes) -> None:
        self.transport.sendto(data)

    @property
    def port(self) -> int:
        return int(self.transport.get_extra_info("sockname")[1])


class RawClient(Waiting):
    """Joins a room on entering, leaves on exit. `doors[-1]` is the socket in use."""

    def __init__(self, room: Room, name: str) -> None:
        super().__init__()
        self._room, self._name = room, name
        self.ice = IceClient()
        self.dtls = DtlsClient()
        self.server = Credentials("", "")
        self.port = 0
        self.doors: list[Door] = []
        self.answers_checks = True
        self.states: list[tuple[TransportState, str | None]] = []
        self._responses = 0

    async def __aenter__(self) -> Self:
        self.participant: Participant = self._room.join(self._name, self)
        await self.offer()
        await self.open_door()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.participant.leave()
        for door in self.doors:
            door.transport.close()

    # ParticipantListener

    def slots_changed(self, state: SlotsState) -> None:
        self.participant.slots_applied(state.revision)

    def media_changed(self, state: TransportState, reason: str | None) -> None:
        self.states.append((state, reason))
        self.notify()

    def levels(self, levels: Mapping[str, int]) -> None:
        pass

    def encodings_changed(self, tracks: Mapping[str, Sequence[str]]) -> None: ...

    def speaker_changed(self, track_id: str | None, participant_id: str | None) -> None: ...

    # Signaling

    async def offer(self) -> None:
        """Offer (again) with the present credentials, and note the server's."""
        answer = (await self.participant.offer(self._sdp())).sdp
        found = re.search("a=ice-ufrag:(.*)\r\na=ice-pwd:(.*)\r", answer)
        port = re.search(r"a=candidate:.* 127\.0\.0\.1 ([0-9]+) ", answer)
        assert found is not None
        assert port is not None
        self.server, self.port = Credentials(found[1], found[2]), int(port[1])
        # An answer reaches nobody in the turn of the loop that made it; till then the engine may
        # know nothing of it, and nobody repeats our checks.
        await asyncio.sleep(0)

    async def restart_ice(self) -> None:
        self.ice = IceClient()
        await self.offer()

    def _sdp(self) -> str:
        mine = self.ice.credentials
        sha256 = next(f for f in self.dtls.fingerprints if f.algorithm == "sha-256")
        sdp = real_offer(VIEWER)
        for name, value in (
            ("ice-ufrag", mine.ufrag),
            ("ice-pwd", mine.password),
            ("fingerprint", f"sha-256 {sha256.value}"),
        ):
            sdp = re.sub(f"a={name}:.*?\r", f"a={name}:{value}\r", sdp)
        return sdp

    # The wire

    async def open_door(self) -> Door:
        """A new socket, used from now on: another network, or another NAT binding."""
        loop = asyncio.get_running_loop()
        _, door = await loop.create_datagram_endpoint(
            lambda: Door(self), local_addr=("127.0.0.1", 0), remote_addr=("127.0.0.1", self.port)
        )
        self.doors.append(door)
        return door

    async def check(self, *, nominate: bool = True) -> None:
        """A connectivity check, and its response."""
        seen = self._responses
        self.doors[-1].send(self.ice.check(self.server, nominate=nominate))
        await self.until(lambda: self._responses > seen)

    def say_hello(self) -> list[bytes]:
        """The ClientHello's datagrams, not sent."""
        return self.dtls.start()

    async def connect(self) -> None:
        await self.check()
        for datagram in self.say_hello():
            self.doors[-1].send(datagram)
        await self.connected()

    async def connected(self) -> None:
        await self.until(lambda: self.states[-1][0] == "connected" and self.dtls.finished)

    async def gets_media(self, door: Door) -> None:
        """Wait until more media comes in here."""
        seen = door.media
        await self.until(lambda: door.media > seen)

    def receive(self, door: Door, data: bytes) -> None:
        if data[0] >= 128:
            door.media += 1
        elif data[0] >= 20:
            for reply in self.dtls.receive(data):
                door.send(reply)
        elif not is_request(data):
            self._responses += 1
        elif self.answers_checks:
            door.send(self.ice.answer(data))
        self.notify()
