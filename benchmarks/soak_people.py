"""People who come and go, lose their networks, chat and show screens; and somebody hostile."""

from __future__ import annotations

import asyncio
import contextlib
import random
import secrets
import socket
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

import aiohttp
from aiortc import RTCCertificate

from benchmarks.peer import Peer
from benchmarks.publisher import SENDING, Feed
from benchmarks.sdp import SCREEN
from benchmarks.signaling_client import SignalingClient, SignalingError
from benchmarks.traffic import AUDIO_PACKETS_PER_SECOND, Traffic, even

_TRAFFIC: Final[Traffic] = even(3)
_FRAMES_PER_SOUND: Final = 2
"""So many packets of sound are sent for each frame."""
_GARBAGE: Final = (
    b"\x00\x01\x00\x08\x21\x12\xa4\x42",
    b"\x16\xfe\xff",
    b"\x80\x60",
    b"\x80\xc8",
    b"",
)
"""How STUN, DTLS, RTP, RTCP and nothing in particular begin."""
FAILED: Final = "failed:"
"""How what went wrong begins among what was done."""
_FAILURES: Final = (
    aiohttp.ClientError,
    ConnectionError,
    OSError,
    SignalingError,
    TimeoutError,
)


class Relay:
    """A network between a client and the server: `move` gives the client another address."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._near = _udp()
        self._far = _udp()
        self._client: tuple[str, int] | None = None
        self._server: tuple[str, int] | None = None
        self._loop.add_reader(self._near, self._outward)
        self._loop.add_reader(self._far, self._inward)

    @property
    def address(self) -> tuple[str, int]:
        address: tuple[str, int] = self._near.getsockname()
        return address

    def lead_to(self, server: tuple[str, int]) -> None:
        self._server = server

    def move(self) -> None:
        self._loop.remove_reader(self._far)
        self._far.close()
        self._far = _udp()
        self._loop.add_reader(self._far, self._inward)

    def close(self) -> None:
        for udp in (self._near, self._far):
            self._loop.remove_reader(udp)
            udp.close()

    def _outward(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                data, self._client = self._near.recvfrom(2048)
                if self._server is not None:
                    self._far.sendto(data, self._server)

    def _inward(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                data = self._far.recv(2048)
                if self._client is not None:
                    self._near.sendto(data, self._client)


class Town:
    """An actor of `worker.Worker`: everybody, until told to stop."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - repeatable on purpose
        self._tasks: list[asyncio.Task[None]] = []
        self._done: Counter[str] = Counter()
        self._certificate = RTCCertificate.generateCertificate()

    async def begin(
        self, url: str, meetings: list[str], media: tuple[str, int], people: int
    ) -> None:
        """`people` are in the meetings at a time, about."""
        self._http = aiohttp.ClientSession(url, connector=aiohttp.TCPConnector(limit=0))
        self._media = media
        for number in range(people):
            meeting = meetings[number % len(meetings)]
            self._again(partial(self._visit, meeting))
        for attack in (self._throw_datagrams, self._shout, self._knock):
            self._again(partial(attack, meetings[0]))

    async def done(self) -> Counter[str]:
        for task in self._tasks:
            if task.done():
                task.result()  # which is why it ended
        return Counter(self._done)

    async def end(self) -> None:
        """Everybody leaves."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._http.close()

    def _again(self, act: Callable[[], Awaitable[None]]) -> None:
        self._tasks.append(asyncio.create_task(self._repeat(act)))

    async def _repeat(self, act: Callable[[], Awaitable[None]]) -> None:
        while True:
            await asyncio.sleep(self._random.uniform(0, 2))
            try:
                await act()
            except _FAILURES as error:
                self._done[f"{FAILED} {type(error).__name__}: {error}"[:120]] += 1

    async def _visit(self, meeting: str) -> None:
        """One person's stay: some doings, in any order."""
        peer, relay = Peer(self._http, self._certificate, lambda *_: None), Relay()
        try:
            await peer.enter(meeting, secrets.token_hex(4))
            self._done["joins"] += 1
            relay.lead_to(self._media)
            peer.relay = relay.address
            await peer.connect(SENDING)
            await peer.publish()
            doings = [
                lambda: self._speak(peer),
                lambda: self._chat(peer),
                lambda: self._show_screen(peer),
                lambda: self._move(relay, peer),
                lambda: self._reconnect(peer),
            ]
            for _ in range(self._random.randint(2, 8)):
                await self._random.choice(doings)()
            if self._random.random() < 0.2:
                self._done["vanished"] += 1
                await peer.vanish()
            else:
                await peer.leave()
                self._done["leaves"] += 1
        except BaseException:
            with contextlib.suppress(Exception):
                await asyncio.shield(peer.vanish())
            raise
        finally:
            relay.close()

    async def _speak(self, peer: Peer) -> None:
        """And be seen, for a moment."""
        feed = Feed(_TRAFFIC, peer.transport.udp, peer.transport.outbound)
        for number in range(self._random.randint(25, 150)):
            for _ in range(_FRAMES_PER_SOUND):
                feed.send_audio()
            feed.send_frame(keyframe=number % 25 == 0)
            await asyncio.sleep(_FRAMES_PER_SOUND / AUDIO_PACKETS_PER_SECOND)
        self._done["turns"] += 1

    async def _chat(self, peer: Peer) -> None:
        await peer.request(
            "send_message", conversation_id=peer.conversation_id, content=f"It is {time.time()}."
        )
        self._done["messages"] += 1

    async def _show_screen(self, peer: Peer) -> None:
        track = (await peer.request("publish", source="screen", mid=SCREEN))["track"]
        await self._speak(peer)
        await peer.request("unpublish", track_id=track["id"])
        self._done["screens"] += 1

    async def _move(self, relay: Relay, peer: Peer) -> None:
        relay.move()
        await self._speak(peer)
        self._done["network changes"] += 1

    async def _reconnect(self, peer: Peer) -> None:
        if not await peer.lose_connection():
            raise ConnectionError("the session was forgotten")
        self._done["reconnects"] += 1

    async def _throw_datagrams(self, _: str) -> None:
        with contextlib.closing(_udp()) as udp:
            for _number in range(200):
                size = self._random.randint(0, 1400)
                udp.sendto(self._random.choice(_GARBAGE) + secrets.token_bytes(size), self._media)
        self._done["hostile datagrams"] += 200

    async def _shout(self, meeting: str) -> None:
        """What no client would say."""
        client = await SignalingClient.connect(self._http, "/ws")
        try:
            for text in ("", "[]", "{", '{"id": 1}', '{"id": 1, "type": "offer", "sdp": "v=9"}'):
                await client.send(text)
            await client.send(self._random.randbytes(5_000).hex())
            await client.request("join", meeting_id=meeting)
        except SignalingError:
            self._done["hostile messages"] += 1
        finally:
            await client.close()

    async def _knock(self, meeting: str) -> None:
        """With others' passwords, bodies that are none, and a guest's offer that is none."""
        body = {"email": "nobody@example.com", "password": secrets.token_hex(8)}
        async with self._http.post("/auth/login", json=body):
            pass
        async with self._http.post("/meetings", data=secrets.token_bytes(500)):
            pass
        peer = Peer(self._http, self._certificate, lambda *_: None)
        await peer.enter(meeting, "x" * 30)
        try:
            with contextlib.suppress(SignalingError):
                await peer.request("offer", sdp="v=0\r\n" + "a=x\r\n" * 2_000)
        finally:
            await peer.vanish()
        self._done["hostile requests"] += 3


def _udp() -> socket.socket:
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.setblocking(False)
    udp.bind(("127.0.0.1", 0))
    return udp
